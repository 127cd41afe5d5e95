"""Types: what a type checker can know about a value.

A type may admit more than its schema does (a pattern is no type); it never admits less. The exact verdict is that of
:mod:`.checks` in the client and of the bundled schema in the server.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

__all__ = [
    "NO_DEFAULT",
    "Alias",
    "Anything",
    "Array",
    "Definition",
    "Enumeration",
    "Field",
    "Json",
    "Limits",
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
"""A JSON value: ``None``, ``bool``, ``int``, ``float``, ``str``, ``list`` or ``dict``."""


class _NoDefault:
    def __repr__(self) -> str:
        return "NO_DEFAULT"


NO_DEFAULT: Final = _NoDefault()
"""Tells that a field has no default, since ``None`` is one."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of a string, a number, an array or a map. None: unbounded."""

    minimum: int | float | None = None
    maximum: int | float | None = None
    exclusive_minimum: int | float | None = None
    exclusive_maximum: int | float | None = None
    multiple_of: int | float | None = None
    min_length: int | None = None
    """In code points for strings, in items for arrays, in properties for maps."""
    max_length: int | None = None
    pattern: str | None = None
    """An ECMA-262 regular expression with the ``u`` flag, not anchored."""
    format: str | None = None


@dataclass(frozen=True, kw_only=True)
class Anything:
    """Any JSON value."""


@dataclass(frozen=True, kw_only=True)
class Nothing:
    """No value at all."""


@dataclass(frozen=True, kw_only=True)
class Scalar:
    """A string, a number, a boolean or null."""

    kind: Literal["string", "integer", "number", "boolean", "null"]
    limits: Limits = field(default=Limits())


@dataclass(frozen=True, kw_only=True)
class Enumeration:
    """One of some JSON values, in schema order."""

    values: tuple[Json, ...]


@dataclass(frozen=True, kw_only=True)
class Array:
    """A list whose items are all of one type."""

    item: Type
    limits: Limits = field(default=Limits())


@dataclass(frozen=True, kw_only=True)
class Tuple:
    """A list whose first items have types of their own."""

    items: tuple[Type, ...]
    required: int
    """How many items there are at least."""
    rest: Type | None
    """The type of further items; None: there are none."""


@dataclass(frozen=True, kw_only=True)
class Map:
    """An object whose property names are not known beforehand."""

    key: Scalar
    value: Type
    limits: Limits = field(default=Limits())


@dataclass(frozen=True, kw_only=True)
class Ref:
    """A definition of the endpoint, by its name."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Union:
    """One of several types."""

    members: tuple[Type, ...]


Type: TypeAlias = Anything | Nothing | Scalar | Enumeration | Array | Tuple | Map | Ref | Union


@dataclass(frozen=True, kw_only=True)
class Field:
    """A known property of a record."""

    name: str
    """As in the JSON document; any string."""
    type: Type
    required: bool
    default: Json = NO_DEFAULT
    description: str = ""
    deprecated: bool = False


@dataclass(frozen=True, kw_only=True)
class Record:
    """An object with known properties."""

    name: str
    """Unique among the definitions of the endpoint; a PascalCase ASCII identifier."""
    fields: tuple[Field, ...]
    closed: bool
    """Whether other properties are refused."""
    rest: Type | None = None
    """The type of other properties where the schema gives one; never set when closed."""
    tag: tuple[str, str] | None = None
    """Name and value of the required field that tells this record from others in unions; it is among the fields."""
    description: str = ""
    deprecated: bool = False
    pointer: str = ""
    """Where it stands in the bundle, as a JSON Pointer (RFC 6901)."""


@dataclass(frozen=True, kw_only=True)
class Alias:
    """A named type that is no record."""

    name: str
    type: Type
    description: str = ""
    deprecated: bool = False
    pointer: str = ""


Definition: TypeAlias = Record | Alias
