"""Rules for the list of values in ``enum``."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..source.document import describe
from .finding import Finding, Schema

__all__ = ["empty_enum", "repeated_value"]


def empty_enum(schema: Schema) -> Iterator[Finding]:
    """Yield a finding for an ``enum`` without values."""
    if schema.get("enum") == []:
        hint = "list the accepted values, or write the schema false to reject all values"
        yield Finding(pointer="/enum", code="empty_enum", message="an empty `enum` rejects every value", hint=hint)


def repeated_value(schema: Schema) -> Iterator[Finding]:
    """Yield a finding for each repeated value of ``enum``."""
    known: set[str] = set()
    for position, value in enumerate(schema.get("enum", ())):
        text = json.dumps(value, sort_keys=True)
        if text in known:
            yield Finding(
                pointer=f"/enum/{position}",
                code="repeated_value",
                message="repeated value",
                got=describe(value),
                hint="remove it",
                on_key=False,
            )
        known.add(text)
