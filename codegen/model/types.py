"""Types of values, as far as a type checker can express them.

A type accepts all values that are valid for its schema, and may accept more: no type expresses a pattern. The exact
verdict comes from :mod:`.validators` in the client and from the bundled schema on the server.
"""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

from msgspec import Struct

from .stand_ins import StandIn

__all__ = [
    "NO_DEFAULT",
    "Alias",
    "Anything",
    "Array",
    "Constraints",
    "Definition",
    "Enumeration",
    "Field",
    "Json",
    "Map",
    "Nothing",
    "Record",
    "Ref",
    "Scalar",
    "Tuple",
    "Type",
    "Union",
]

Json: TypeAlias = Any
"""JSON value: ``None``, ``bool``, ``int``, ``float``, ``str``, ``list`` or ``dict``."""


class _NoDefault:
    def __repr__(self) -> str:
        return "NO_DEFAULT"


NO_DEFAULT: Final = _NoDefault()
"""Marker for a field without a default, because ``None`` is a valid default."""


class Constraints(Struct, frozen=True, kw_only=True):
    """Constraints on a string, a number, an array or a map; None where there is no constraint."""

    minimum: int | float | None = None
    maximum: int | float | None = None
    exclusive_minimum: int | float | None = None
    exclusive_maximum: int | float | None = None
    multiple_of: int | float | None = None
    min_length: int | None = None
    """Length of a string in code points, of an array in items, or of a map in properties."""
    max_length: int | None = None
    pattern: str | None = None
    """ECMA-262 regular expression with the ``u`` flag, not anchored."""
    format: str | None = None


class Anything(Struct, frozen=True, kw_only=True):
    """Any JSON value."""


class Nothing(Struct, frozen=True, kw_only=True):
    """No value."""


class Scalar(Struct, frozen=True, kw_only=True):
    """String, number, boolean or null."""

    type: Literal["string", "integer", "number", "boolean", "null"]
    constraints: Constraints = Constraints()
    bigint: bool = False
    """True if the integer is a ``bigint`` in TypeScript."""


class Enumeration(Struct, frozen=True, kw_only=True):
    """One of several JSON values, in schema order."""

    values: tuple[Json, ...]
    bigint: bool = False
    """True if its integers are ``bigint`` in TypeScript."""
    is_class: bool = False
    """True if the alias of its type is a class in Python. Then its values are several strings, or several integers."""
    labels: tuple[str, ...] = ()
    """Names that the schema states for its values, in the same order; none if it states no names."""


class Array(Struct, frozen=True, kw_only=True):
    """Array with items of one type."""

    item: Type
    constraints: Constraints = Constraints()


class Tuple(Struct, frozen=True, kw_only=True):
    """Array with separate types for its first items."""

    items: tuple[Type, ...]
    required: int
    """Minimum number of items."""
    rest: Type | None
    """Type of further items; None: no further items."""


class Map(Struct, frozen=True, kw_only=True):
    """Object with unknown property names."""

    key: Scalar | Enumeration | Ref
    """Names: a string, one of several strings, or an alias of these."""
    value: Type
    constraints: Constraints = Constraints()


class Ref(Struct, frozen=True, kw_only=True):
    """Reference to a definition of the endpoint, by its name."""

    name: str


class Union(Struct, frozen=True, kw_only=True):
    """One of several types."""

    members: tuple[Type, ...]


Type: TypeAlias = Anything | Nothing | Scalar | Enumeration | Array | Tuple | Map | Ref | Union


class Field(Struct, frozen=True, kw_only=True):
    """Property of a record."""

    name: str
    """Name in JSON; any string."""
    type: Type
    required: bool
    default: Json = NO_DEFAULT
    description: str = ""
    deprecated: bool = False


class Record(Struct, frozen=True, kw_only=True):
    """Object with known properties."""

    name: str
    """Unique among the definitions of the endpoint; a PascalCase ASCII identifier."""
    fields: tuple[Field, ...]
    closed: bool
    """True if other properties are rejected."""
    rest: Type | None = None
    """Type of other properties, if the schema states one; never set for a closed record."""
    keeps: bool = False
    """True if other properties are kept. Those of :attr:`rest` always are."""
    tag: tuple[str, int | str] | None = None
    """Name and only value of the required field that distinguishes this record in unions; also one of the fields."""
    description: str = ""
    deprecated: bool = False
    pointer: str = ""
    """JSON Pointer (RFC 6901) to its schema in the bundle."""
    stand_in: StandIn | None = None
    """Class of the application that replaces the one for this record in Python."""


class Alias(Struct, frozen=True, kw_only=True):
    """Named type other than a record."""

    name: str
    type: Type
    description: str = ""
    deprecated: bool = False
    pointer: str = ""


Definition: TypeAlias = Record | Alias
