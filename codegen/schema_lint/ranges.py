"""Rules for bounds that exclude each other."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor
from typing import Final

from ..source.document import describe
from .finding import Finding, Schema

__all__ = ["LOWER_BOUNDS", "empty_range", "too_few_places"]

SIZES: Final = (
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minContains", "maxItems"),
)
"""Pairs of keywords with a lower and an upper bound of one size."""
LOWER: Final = ("minimum", "exclusiveMinimum")
UPPER: Final = ("maximum", "exclusiveMaximum")
LOWER_BOUNDS: Final = frozenset({*(lower for lower, _ in SIZES), *LOWER, "contains"})
"""Keywords that may exclude an upper bound."""


def empty_range(schema: Schema) -> Iterator[Finding]:
    """Yield a finding for each lower bound above its upper bound."""
    for lower, upper in SIZES:
        if schema.get(lower, 0) > schema.get(upper, schema.get(lower, 0)):
            yield _empty(lower, schema[lower], upper, schema[upper])
    if "contains" in schema and schema.get("minContains", 1) > schema.get("maxContains", schema.get("minContains", 1)):
        yield _empty("minContains", schema.get("minContains", 1), "maxContains", schema["maxContains"])
    for lower in LOWER:
        for upper in UPPER:
            if lower in schema and upper in schema and not _has_number(schema, lower, upper):
                yield _empty(lower, schema[lower], upper, schema[upper])
                return


def too_few_places(schema: Schema) -> Iterator[Finding]:
    """Yield a finding if a closed array or object has fewer places than the values that it requires."""
    places, required = len(schema.get("prefixItems", ())), schema.get("minItems", 0)
    if schema.get("items") is False and required > places:
        yield _too_few("minItems", required, places, "prefixItems")
    places, required = len(schema.get("properties", ())), schema.get("minProperties", 0)
    if schema.get("additionalProperties") is False and not schema.get("patternProperties") and required > places:
        yield _too_few("minProperties", required, places, "properties")
    required, most = len(schema.get("required", ())), schema.get("maxProperties")
    if most is not None and required > most:
        yield Finding(
            pointer="/maxProperties",
            code="empty_range",
            message="`required` contains more properties than `maxProperties` allows",
            expected=f"at least {required}",
            got=describe(most),
        )


def _has_number(schema: Schema, lower: str, upper: str) -> bool:
    """Return True if a number fulfills both bounds, and ``multipleOf`` or the type ``integer`` if present."""
    low, high = Fraction(str(schema[lower])), Fraction(str(schema[upper]))  # str: 0.3 is a multiple of 0.1
    is_open = lower.startswith("exclusive"), upper.startswith("exclusive")
    step = Fraction(str(schema.get("multipleOf", 1 if schema.get("type") == "integer" else 0)))
    if not step:
        return low < high or (low == high and not any(is_open))
    first = floor(low / step) + 1 if is_open[0] else ceil(low / step)
    last = ceil(high / step) - 1 if is_open[1] else floor(high / step)
    return first <= last


def _empty(lower: str, low: int | float, upper: str, high: int | float) -> Finding:
    return Finding(
        pointer=f"/{lower}",
        code="empty_range",
        message=f"no value matches both `{lower}` and `{upper}`",
        got=f"{describe(low)} and {describe(high)}",
        hint="exchange the two numbers" if low > high else None,
    )


def _too_few(keyword: str, required: int, places: int, container: str) -> Finding:
    return Finding(
        pointer=f"/{keyword}",
        code="empty_range",
        message=f"`{keyword}` exceeds the number of `{container}`, and others are rejected",
        expected=f"at most {places}",
        got=str(required),
    )
