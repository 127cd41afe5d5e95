"""Numbers in schemas that JavaScript cannot distinguish from others, because all its numbers are doubles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Json, describe
from .bundle import Bundle
from .schema_index import SchemaIndex
from .wide_integers import LARGEST

__all__ = ["precision_problems"]

RANGE: Final = f"from -{LARGEST} to {LARGEST}"
ROUNDED: Final = "JavaScript rounds integers outside this range"


def precision_problems(bundle: Bundle, index: SchemaIndex, *, bigint: bool = False) -> Iterator[Problem]:
    """Yield a problem for each constant and divisor that the page cannot represent, so that it could not send it.

    Lengths are never that large. Inexact bounds are valid: the page accepts all values that the server sends, since
    rounding keeps the order, and :mod:`~codegen.schema_lint.inexact_bounds` warns about them. One difference does not
    depend on the schema: the page rounds integers beyond 2**53 in messages, and may therefore accept a multiple or a
    constant that the server rejects.

    Args:
        bundle: Schemas of an endpoint.
        index: Index of the same schemas.
        bigint: True if the page has integers beyond 2**53 as ``bigint``; only those inside of lists and objects, which
            the page compares with literals, are then problems.
    """
    for visit in index.visits:
        divisor = visit.schema.get("multipleOf", 0)
        if divisor > LARGEST and not (bigint and isinstance(divisor, int)):
            hint = f"{ROUNDED}, and all multiples of the number: remove it, or use a string"
            yield _problem(bundle, f"{visit.pointer}/multipleOf", divisor, f"a number up to {LARGEST}", hint)
        for keyword in ("const", "enum"):
            for pointer, number in _numbers(visit.schema.get(keyword), f"{visit.pointer}/{keyword}"):
                is_listed = pointer.count("/") - visit.pointer.count("/") <= (1 if keyword == "const" else 2)
                if not _is_double(number) and not (bigint and is_listed):
                    yield _problem(bundle, pointer, number, f"a number {RANGE}", f"{ROUNDED}: use a string")


def _is_double(number: int | float) -> bool:
    return float(number) == number


def _numbers(value: Json, pointer: str) -> Iterator[tuple[str, int | float]]:
    """Yield the pointer to each number in a value, and the number."""
    if isinstance(value, int | float):
        yield pointer, value
    for name, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _numbers(part, json_pointer.join(pointer, name))


def _problem(bundle: Bundle, pointer: str, number: int | float, expected: str, hint: str) -> Problem:
    document, original = bundle.origin(pointer)
    message = "JavaScript cannot distinguish the number from others"
    return document.problem(original, "inexact_number", message, expected=expected, got=describe(number), hint=hint)
