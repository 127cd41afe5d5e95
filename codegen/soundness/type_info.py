"""What is known of msgspec's types and of schemas before any keyword is looked at."""

from __future__ import annotations

from msgspec import inspect

from ..keywords.vocabulary import ANNOTATIONS
from ..source.document import Json

__all__ = ["is_trivial", "kind", "kind_of", "stripped"]


def stripped(type_: inspect.Type) -> inspect.Type:
    """Return a type without its metadata."""
    while isinstance(type_, inspect.Metadata):
        type_ = type_.type
    return type_


def kind(type_: inspect.Type) -> str | None:
    """Return the JSON type of everything that a type admits; None if there are several."""
    match type_:
        case inspect.IntType():
            return "integer"
        case inspect.FloatType():
            return "number"
        case inspect.BoolType():
            return "boolean"
        case inspect.NoneType():
            return "null"
        case inspect.StrType():
            return "string"
        case inspect.ListType() | inspect.TupleType():
            return "array"
        case inspect.DictType() | inspect.StructType(array_like=False) | inspect.TypedDictType():
            return "object"
        case _:
            return None


def kind_of(value: Json) -> str:
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


def is_trivial(schema: Json) -> bool:
    """Tell whether a schema surely admits everything."""
    return schema is True or (isinstance(schema, dict) and not schema.keys() - ANNOTATIONS)
