"""Assertions of JSON Schema (validation, section 6): keywords without subschemas, as predicates.

Each predicate takes the value of the keyword and the value to check. It accepts values of types to which the keyword
does not apply.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

__all__ = ["ASSERTIONS", "Assertion", "expected"]

Assertion: TypeAlias = Callable[[Any, Any], bool]

TYPES: Mapping[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


def _type(allowed: Any, value: Any) -> bool:
    if isinstance(allowed, list):
        return any([_type(name, value) for name in allowed])
    return type(value) in TYPES[allowed] or (allowed == "integer" and type(value) is float and value.is_integer())


def _enum(allowed: Any, value: Any) -> bool:
    if isinstance(value, str):
        return value in allowed  # no other JSON value equals a string
    return any([_equal(constant, value) for constant in allowed])


def _equal(first: Any, second: Any) -> bool:
    """Return True if two JSON values are equal: 1 equals 1.0, and ``true`` does not equal 1."""
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all([_equal(value, second[name]) for name, value in first.items()])
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(_equal, first, second))
    return isinstance(first, bool) is isinstance(second, bool) and bool(first == second)


def _is_number(value: Any) -> bool:
    return type(value) is int or type(value) is float


def _minimum(limit: Any, value: Any) -> bool:
    return not _is_number(value) or bool(value >= limit)


def _maximum(limit: Any, value: Any) -> bool:
    return not _is_number(value) or bool(value <= limit)


def _exclusive_minimum(limit: Any, value: Any) -> bool:
    return not _is_number(value) or bool(value > limit)


def _exclusive_maximum(limit: Any, value: Any) -> bool:
    return not _is_number(value) or bool(value < limit)


def _at_least(type_: type[str | list[Any] | dict[str, Any]]) -> Assertion:
    return lambda limit, value: not isinstance(value, type_) or len(value) >= limit


def _at_most(type_: type[str | list[Any] | dict[str, Any]]) -> Assertion:
    return lambda limit, value: not isinstance(value, type_) or len(value) <= limit


ASSERTIONS: Mapping[str, Assertion] = {
    "type": _type,
    "const": _equal,
    "enum": _enum,
    "minimum": _minimum,
    "maximum": _maximum,
    "exclusiveMinimum": _exclusive_minimum,
    "exclusiveMaximum": _exclusive_maximum,
    "minLength": _at_least(str),
    "maxLength": _at_most(str),
    "minItems": _at_least(list),
    "maxItems": _at_most(list),
    "minProperties": _at_least(dict),
    "maxProperties": _at_most(dict),
}


def expected(keyword: str, value: Any) -> Any:  # JSON values
    """Return the value of an assertion keyword in the form that errors report."""
    if keyword == "type" and isinstance(value, list):
        return value[0] if len(value) == 1 else sorted(value)
    return _sorted(value) if keyword in ("const", "enum") else value


def _sorted(value: Any) -> Any:  # JSON values
    """Return a copy with the properties of each object in alphabetical order, as generated clients report them."""
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
