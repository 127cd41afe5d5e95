"""Checks: the exact verdict on a value, as a tree that emitters turn into code.

Every check is total: it has a verdict on any JSON value, and one that speaks of strings accepts what is no string.
The names of the JSON Schema keywords they come from are kept for error messages only (:attr:`keyword`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeAlias

from .types import Json

__all__ = [
    "All",
    "Always",
    "AnyOf",
    "Branch",
    "Call",
    "Check",
    "Contains",
    "Dependent",
    "Equals",
    "ExactlyOne",
    "IsType",
    "Items",
    "Matches",
    "MultipleOf",
    "Names",
    "Not",
    "Properties",
    "Required",
    "Size",
    "Tag",
    "Unevaluated",
    "Unique",
    "Within",
]

Kind: TypeAlias = Literal["string", "integer", "number", "boolean", "null", "array", "object"]


@dataclass(frozen=True, kw_only=True)
class Always:
    """Accepts everything, or nothing."""

    verdict: bool
    keyword: str = ""
    """What refuses where nothing is accepted."""


@dataclass(frozen=True, kw_only=True)
class IsType:
    """The value is of one of these types; ``1.0`` is an integer."""

    kinds: tuple[Kind, ...]
    keyword: ClassVar[str] = "type"


@dataclass(frozen=True, kw_only=True)
class Equals:
    """The value equals one of these; ``1`` equals ``1.0``, ``true`` does not equal ``1``."""

    values: tuple[Json, ...]
    keyword: Literal["const", "enum"]


@dataclass(frozen=True, kw_only=True)
class Within:
    """A number on one side of a bound."""

    bound: int | float
    keyword: Literal["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]


@dataclass(frozen=True, kw_only=True)
class MultipleOf:
    """A number that a divisor divides, in decimal arithmetic."""

    divisor: int | float
    keyword: ClassVar[str] = "multipleOf"


@dataclass(frozen=True, kw_only=True)
class Size:
    """The length of a string in code points, of an array in items, of an object in properties."""

    bound: int
    keyword: Literal["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"]


@dataclass(frozen=True, kw_only=True)
class Matches:
    """A string in which a regular expression (ECMA-262, ``u`` flag, not anchored) or a format is found."""

    what: str
    keyword: Literal["pattern", "format"]


@dataclass(frozen=True, kw_only=True)
class Unique:
    """No two items of an array are equal."""

    keyword: ClassVar[str] = "uniqueItems"


@dataclass(frozen=True, kw_only=True)
class Items:
    """The items of an array: first those with checks of their own, then the rest. None: they are not looked at."""

    prefix: tuple[Check, ...] = ()
    rest: Check | None = None


@dataclass(frozen=True, kw_only=True)
class Contains:
    """An array with so many items that pass."""

    check: Check
    least: int = 1
    most: int | None = None
    keyword: Literal["contains", "minContains", "maxContains"] = "contains"
    """What refuses where too few pass; else it is ``maxContains``."""


@dataclass(frozen=True, kw_only=True)
class Required:
    """An object that has these properties."""

    names: tuple[str, ...]
    keyword: ClassVar[str] = "required"


@dataclass(frozen=True, kw_only=True)
class Properties:
    """The properties of an object: named ones, ones whose names match a pattern (ECMA-262), and all others.

    None: the others are not looked at.
    """

    named: tuple[tuple[str, Check], ...] = ()
    patterns: tuple[tuple[str, Check], ...] = ()
    rest: Check | None = None


@dataclass(frozen=True, kw_only=True)
class Names:
    """The names of an object's properties, each checked as a string."""

    check: Check
    keyword: ClassVar[str] = "propertyNames"


@dataclass(frozen=True, kw_only=True)
class Dependent:
    """If an object has a property, it passes a check as well."""

    name: str
    check: Check
    keyword: Literal["dependentRequired", "dependentSchemas"]


@dataclass(frozen=True, kw_only=True)
class Unevaluated:
    """The properties or items that no other check of the same schema, in-place ones included, has looked at.

    Always the last member of its :class:`All`.
    """

    check: Check
    keyword: Literal["unevaluatedProperties", "unevaluatedItems"]


@dataclass(frozen=True, kw_only=True)
class All:
    """Passes every check, in order."""

    checks: tuple[Check, ...]
    keyword: ClassVar[str] = "allOf"


@dataclass(frozen=True, kw_only=True)
class Tag:
    """A property that tells the members of a union apart: all are objects, and it is another string in each."""

    name: str
    values: tuple[str, ...]
    """One for each member, in order."""


@dataclass(frozen=True, kw_only=True)
class AnyOf:
    """Passes at least one check."""

    checks: tuple[Check, ...]
    tag: Tag | None = None
    keyword: ClassVar[str] = "anyOf"


@dataclass(frozen=True, kw_only=True)
class ExactlyOne:
    """Passes exactly one check."""

    checks: tuple[Check, ...]
    tag: Tag | None = None
    keyword: ClassVar[str] = "oneOf"


@dataclass(frozen=True, kw_only=True)
class Not:
    """Does not pass a check."""

    check: Check
    keyword: ClassVar[str] = "not"


@dataclass(frozen=True, kw_only=True)
class Branch:
    """Passes one of two checks, depending on a third."""

    condition: Check
    then: Check = field(default=Always(verdict=True))
    otherwise: Check = field(default=Always(verdict=True))


@dataclass(frozen=True, kw_only=True)
class Call:
    """Passes a named check of the endpoint; they may call each other in circles."""

    name: str


Check: TypeAlias = (
    Always
    | IsType
    | Equals
    | Within
    | MultipleOf
    | Size
    | Matches
    | Unique
    | Items
    | Contains
    | Required
    | Properties
    | Names
    | Dependent
    | Unevaluated
    | All
    | AnyOf
    | ExactlyOne
    | Not
    | Branch
    | Call
)
