"""Integers that a double does not represent exactly, which are ``bigint`` in TypeScript if the options say so."""

from __future__ import annotations

from typing import Final

from .. import model
from ..source.document import Json
from .bundle import Bundle
from .conjunction import Conjunction
from .vocabulary import walk

__all__ = ["LARGEST", "has_wide_integer", "has_wide_schema", "is_wide"]

LARGEST: Final = 2**53 - 1
"""Largest integer that is exact as a double and is not the rounded value of another integer."""
FORMATS: Final = frozenset({"int64", "uint64"})
"""Formats of OpenAPI that announce integers beyond :data:`LARGEST`."""
COMPARED: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "const")


def has_wide_schema(bundle: Bundle) -> bool:
    """Return True if a schema compares values with an integer beyond :data:`LARGEST`."""
    schemas = (visit.schema for visit in walk(bundle.root, ""))
    return any(
        has_wide_integer([*(schema.get(keyword) for keyword in COMPARED), *schema.get("enum", [])])
        for schema in schemas
    )


def is_wide(conjunction: Conjunction, bounds: model.Constraints) -> bool:
    """Return True if a bound of an integer is beyond :data:`LARGEST`, or its format announces such values."""
    inclusive = (
        bounds.minimum,
        bounds.maximum,
        None if bounds.exclusive_minimum is None else bounds.exclusive_minimum + 1,
        None if bounds.exclusive_maximum is None else bounds.exclusive_maximum - 1,
    )
    announced = any(value in FORMATS for _, value in conjunction.occurrences("format"))
    return announced or any(bound is not None and abs(bound) > LARGEST for bound in inclusive)


def has_wide_integer(values: list[Json]) -> bool:
    """Return True if one of the values is an integer beyond :data:`LARGEST`."""
    return any(isinstance(value, int) and abs(value) > LARGEST for value in values)
