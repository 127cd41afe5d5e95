"""Equality and types of JSON values, as JSON Schema defines them (core, section 4.2.2)."""

from __future__ import annotations

from collections.abc import Sequence

from ..source.document import Json

__all__ = ["common", "equal", "is_of"]


def equal(one: Json, other: Json) -> bool:
    """Return true if two values are equal: ``1`` and ``1.0`` are, ``1`` and ``true`` are not."""
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
    """Return the values in all ``lists``, in the order of the first; None without lists."""
    if not lists:
        return None
    first, *others = lists
    return [value for value in first if all(any(equal(value, one) for one in other) for other in others)]


def is_of(value: Json, type_: str) -> bool:
    """Return true if a value is of a JSON type; integers are numbers too."""
    match value:
        case None:
            return type_ == "null"
        case bool():
            return type_ == "boolean"
        case int():
            return type_ in ("integer", "number")
        case float():
            return type_ == "number" or (type_ == "integer" and value.is_integer())
        case str():
            return type_ == "string"
        case list():
            return type_ == "array"
        case _:
            return type_ == "object"
