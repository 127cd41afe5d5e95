"""Rule for bounds that the page cannot distinguish from other integers, because all its numbers are doubles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..source.document import describe
from .finding import Finding, Schema

__all__ = ["STEPS", "inexact_bound"]

STEPS: Final = {"minimum": -1, "maximum": 1, "exclusiveMinimum": 1, "exclusiveMaximum": -1}
"""Offset from a bound to the nearest integer on its other side."""


def inexact_bound(schema: Schema) -> Iterator[Finding]:
    """Yield a finding for each bound that JavaScript rounds, or that rounding reaches from its other side.

    Fractions are not affected: below 2**53, rounding separates them from bounds; beyond, there are none.
    """
    for keyword, step in STEPS.items():
        bound = schema.get(keyword)
        if bound is not None and (float(bound) != bound or (int(bound) == bound and float(int(bound) + step) == bound)):
            yield Finding(
                pointer=f"/{keyword}",
                code="inexact_bound",
                message="JavaScript rounds integers beyond 2^53, so the page accepts rounded values at the bound",
                got=describe(bound),
                hint="for exact values, set `bigint` in pyproject.toml if the type is integer, or use a string",
                on_key=False,
            )
