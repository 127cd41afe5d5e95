"""Compares JSON values as JSON Schema does."""

from __future__ import annotations

from collections.abc import Sequence

from ..source.document import Json

__all__ = ["common", "equal", "is_of"]


def equal(one: Json, other: Json) -> bool:
    """Tell whether two values are equal: ``1`` and ``1.0`` are, ``1`` and ``true`` are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return one == other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(value, other[name]) for name, value in one.items())
    return type(one) is type(other) and bool(one == other)


def common(lists: Sequence[list[Json]]) -> list[Json] | None:
    """Return the values that are in all ``lists``, in the order of the first; None if there is no list."""
    if not lists:
        return None
    first, *others = lists
    return [value for value in first if all(any(equal(value, one) for one in other) for other in others)]


def is_of(value: Json, kind: str) -> bool:
    """Tell whether a value is of one of the types of JSON Schema."""
    match value:
        case None:
            return kind == "null"
        case bool():
            return kind == "boolean"
        case int():
            return kind in ("integer", "number")
        case float():
            return kind == "number" or (kind == "integer" and value.is_integer())
        case str():
            return kind == "string"
        case list():
            return kind == "array"
        case _:
            return kind == "object"
