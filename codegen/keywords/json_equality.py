"""Equality and types of JSON values, as JSON Schema defines them (core, section 4.2.2)."""

from __future__ import annotations

from collections.abc import Sequence

from ..source.document import Json

__all__ = ["common", "equal", "has_type"]


def equal(left: Json, right: Json) -> bool:
    """Return True if two values are equal: ``1`` equals ``1.0``, but not ``true``."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return left == right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(value, right[name]) for name, value in left.items())
    return type(left) is type(right) and bool(left == right)


def common(lists: Sequence[list[Json]]) -> list[Json] | None:
    """Return the values that all ``lists`` contain, in the order of the first list; None without lists."""
    if not lists:
        return None
    first, *others = lists
    return [value for value in first if all(any(equal(value, member) for member in other) for other in others)]


def has_type(value: Json, type_: str) -> bool:
    """Return True if a value has the JSON type ``type_``; integers are also numbers."""
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
