"""Gaps of strings and numbers."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import inspect

from ..keywords.schema_index import Node
from ..source.document import Json
from .unproven import Place, Unproven

__all__ = ["number_gaps", "string_gaps"]

EXACT = 2**53
"""Beyond, a float may be the rounding of an integer on the other side of a bound."""


def string_gaps(node: Node, type_: inspect.Type, place: Place, *, formats: bool) -> Iterator[Unproven]:
    """Yield the keywords about strings that a type does not guarantee."""
    schema = node.keywords
    least = type_.min_length or 0 if isinstance(type_, inspect.StrType) else 0
    most = type_.max_length if isinstance(type_, inspect.StrType) else None
    if schema.get("minLength", 0) > least:
        yield _gap("minLength", node, place)
    if "maxLength" in schema and (most is None or most > schema["maxLength"]):
        yield _gap("maxLength", node, place)
    if "pattern" in schema:
        yield _gap("pattern", node, place)
    if formats and "format" in schema:
        yield _gap("format", node, place)


def number_gaps(node: Node, type_: inspect.Type, place: Place) -> Iterator[Unproven]:
    """Yield the keywords about numbers that a type does not guarantee."""
    schema = node.keywords
    number = type_ if isinstance(type_, inspect.IntType | inspect.FloatType) else None
    for keyword in ("minimum", "exclusiveMinimum"):
        if keyword in schema and not _at_least(number, schema[keyword], exclusive=keyword == "exclusiveMinimum"):
            yield _gap(keyword, node, place)
    for keyword in ("maximum", "exclusiveMaximum"):
        if keyword in schema and not _at_most(number, schema[keyword], exclusive=keyword == "exclusiveMaximum"):
            yield _gap(keyword, node, place)
    if "multipleOf" in schema and not _divides(schema["multipleOf"], number):
        yield _gap("multipleOf", node, place)


def _at_least(number: inspect.IntType | inspect.FloatType | None, bound: Json, *, exclusive: bool) -> bool:
    if number is None or not -EXACT < bound < EXACT:
        return False
    over, least = number.gt, number.ge
    if exclusive:
        return (over is not None and over >= bound) or (least is not None and least > bound)
    return (over is not None and over >= bound) or (least is not None and least >= bound)


def _at_most(number: inspect.IntType | inspect.FloatType | None, bound: Json, *, exclusive: bool) -> bool:
    if number is None or not -EXACT < bound < EXACT:
        return False
    under, most = number.lt, number.le
    if exclusive:
        return (under is not None and under <= bound) or (most is not None and most < bound)
    return (under is not None and under <= bound) or (most is not None and most <= bound)


def _divides(divisor: Json, number: inspect.IntType | inspect.FloatType | None) -> bool:
    """Tell whether a type admits multiples only; of floats nothing is claimed, for they may be rounded."""
    if not isinstance(number, inspect.IntType) or divisor != int(divisor):
        return False
    return divisor == 1 or (number.multiple_of is not None and number.multiple_of % divisor == 0)


def _gap(keyword: str, node: Node, place: Place) -> Unproven:
    return Unproven(keyword=keyword, pointer=node.pointer, reason="not enforced", place=place)
