"""Unproven keywords of strings and numbers."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import inspect

from ..keywords.schema_index import SchemaNode
from ..source.document import Json
from .type_info import EXACT
from .unproven import Location, Unproven, unproven

__all__ = ["unproven_of_number", "unproven_of_string"]


def unproven_of_string(
    node: SchemaNode, type_: inspect.Type, location: Location, *, formats: bool
) -> Iterator[Unproven]:
    """Yield the string keywords that a type does not guarantee."""
    schema = node.keywords
    minimum = type_.min_length or 0 if isinstance(type_, inspect.StrType) else 0
    maximum = type_.max_length if isinstance(type_, inspect.StrType) else None
    if schema.get("minLength", 0) > minimum:
        yield unproven("minLength", node, location)
    if "maxLength" in schema and (maximum is None or maximum > schema["maxLength"]):
        yield unproven("maxLength", node, location)
    if "pattern" in schema:
        yield unproven("pattern", node, location)
    if formats and "format" in schema and not (schema["format"] == "date" and isinstance(type_, inspect.DateType)):
        # msgspec reads further spellings: a date-time with a space or without an offset, a UUID without hyphens
        yield unproven("format", node, location)


def unproven_of_number(node: SchemaNode, type_: inspect.Type, location: Location) -> Iterator[Unproven]:
    """Yield the number keywords that a type does not guarantee."""
    schema = node.keywords
    number = type_ if isinstance(type_, inspect.IntType | inspect.FloatType) else None
    for keyword in ("minimum", "exclusiveMinimum"):
        if keyword in schema and not _is_bounded_below(
            number, schema[keyword], exclusive=keyword == "exclusiveMinimum"
        ):
            yield unproven(keyword, node, location)
    for keyword in ("maximum", "exclusiveMaximum"):
        if keyword in schema and not _is_bounded_above(
            number, schema[keyword], exclusive=keyword == "exclusiveMaximum"
        ):
            yield unproven(keyword, node, location)
    if "multipleOf" in schema and not _divides(schema["multipleOf"], number):
        yield unproven("multipleOf", node, location)


def _is_bounded_below(number: inspect.IntType | inspect.FloatType | None, bound: Json, *, exclusive: bool) -> bool:
    if number is None or not -EXACT < bound < EXACT:
        return False
    exclusive_minimum, minimum = number.gt, number.ge
    if exclusive_minimum is not None and exclusive_minimum >= bound:
        return True
    return minimum is not None and (minimum > bound if exclusive else minimum >= bound)


def _is_bounded_above(number: inspect.IntType | inspect.FloatType | None, bound: Json, *, exclusive: bool) -> bool:
    if number is None or not -EXACT < bound < EXACT:
        return False
    exclusive_maximum, maximum = number.lt, number.le
    if exclusive_maximum is not None and exclusive_maximum <= bound:
        return True
    return maximum is not None and (maximum < bound if exclusive else maximum <= bound)


def _divides(divisor: Json, number: inspect.IntType | inspect.FloatType | None) -> bool:
    """Return True if a type accepts only multiples; False for all floats, which may be rounded."""
    if not isinstance(number, inspect.IntType) or divisor != int(divisor):
        return False
    return divisor == 1 or (number.multiple_of is not None and number.multiple_of % divisor == 0)
