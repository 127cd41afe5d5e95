"""Facts about msgspec types and schemas that require no analysis of keywords."""

from __future__ import annotations

from msgspec import inspect

from ..keywords.vocabulary import NON_VALIDATING
from ..source.document import Json

__all__ = ["EXACT", "accepts_everything", "all_values", "json_type", "json_type_of", "without_metadata"]

EXACT = 2**53
"""Integers up to this one are exact as floats; a larger float may be rounded across a bound."""


def without_metadata(type_: inspect.Type) -> inspect.Type:
    """Return a type without its metadata."""
    while isinstance(type_, inspect.Metadata):
        type_ = type_.type
    return type_


def json_type(type_: inspect.Type) -> str | None:
    """Return the JSON type of all values of a type; None if there are several."""
    match type_:
        case inspect.IntType():
            return "integer"
        case inspect.FloatType():
            return "number"
        case inspect.BoolType():
            return "boolean"
        case inspect.NoneType():
            return "null"
        case inspect.StrType() | inspect.DateTimeType() | inspect.DateType() | inspect.TimeType() | inspect.UUIDType():
            return "string"
        case inspect.ListType() | inspect.TupleType():
            return "array"
        case inspect.DictType() | inspect.StructType(array_like=False) | inspect.TypedDictType():
            return "object"
        case _:
            return None


def all_values(type_: inspect.Type) -> list[Json] | None:
    """Return all values of a type; None if there may be many."""
    match type_:
        case inspect.NoneType():
            return [None]
        case inspect.BoolType():
            return [True, False]
        case inspect.FloatType(ge=float() | int() as value, le=limit) if value == limit and abs(value) < EXACT:
            return [value]
        case inspect.ListType(max_length=0):
            return [[]]
        case inspect.DictType(max_length=0):
            return [{}]
        case _:
            return None


def json_type_of(value: Json) -> str:
    """Return the narrowest JSON type of a value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "integer" if value == int(value) else "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def accepts_everything(schema: Json) -> bool:
    """Return True if a schema contains no keyword that rejects a value."""
    return schema is True or (isinstance(schema, dict) and not schema.keys() - NON_VALIDATING)
