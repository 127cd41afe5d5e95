"""Validators: trees that give the exact verdict on a value, for the emitters.

A validator has a verdict on every JSON value. A validator for strings accepts all values that are not strings;
likewise for the other types. Names of JSON Schema keywords are for error messages only (:attr:`keyword`).
"""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

from msgspec import Struct

from .tags import Tag
from .types import Json

__all__ = [
    "All",
    "Always",
    "AnyOf",
    "Conditional",
    "Call",
    "Validator",
    "Contains",
    "Dependent",
    "Equals",
    "ExactlyOne",
    "IsType",
    "Items",
    "Matches",
    "MultipleOf",
    "PropertyNames",
    "Not",
    "Properties",
    "Required",
    "Size",
    "Unevaluated",
    "Unique",
    "Within",
]

JsonType: TypeAlias = Literal["string", "integer", "number", "boolean", "null", "array", "object"]


class Always(Struct, frozen=True, kw_only=True):
    """Constant verdict."""

    verdict: bool
    """True if all values are valid."""
    keyword: str = ""
    """Keyword that rejects all values; only if the verdict is false."""


class IsType(Struct, frozen=True, kw_only=True):
    """Value of one of the types; ``1.0`` is an integer."""

    types: tuple[JsonType, ...]
    keyword: ClassVar[str] = "type"


class Equals(Struct, frozen=True, kw_only=True):
    """Value equal to one of the values; ``1`` equals ``1.0``, ``true`` does not equal ``1``."""

    values: tuple[Json, ...]
    keyword: Literal["const", "enum"]


class Within(Struct, frozen=True, kw_only=True):
    """Number on one side of a bound."""

    bound: int | float
    keyword: Literal["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]


class MultipleOf(Struct, frozen=True, kw_only=True):
    """Multiple of a number, in decimal arithmetic."""

    divisor: int | float
    keyword: ClassVar[str] = "multipleOf"


class Size(Struct, frozen=True, kw_only=True):
    """Length of a string in code points, of an array in items, or of an object in properties."""

    bound: int
    keyword: Literal["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"]


class Matches(Struct, frozen=True, kw_only=True):
    """String that matches a regular expression or a format."""

    text: str
    """Regular expression (ECMA-262, ``u`` flag, not anchored) or name of the format."""
    keyword: Literal["pattern", "format"]


class Unique(Struct, frozen=True, kw_only=True):
    """Array without two equal items."""

    keyword: ClassVar[str] = "uniqueItems"


class Items(Struct, frozen=True, kw_only=True):
    """Items of an array.

    ``rest`` applies to all items after the prefix; if it is None, they may have any value and stay unevaluated.
    """

    prefix: tuple[Validator, ...] = ()
    rest: Validator | None = None


class Contains(Struct, frozen=True, kw_only=True):
    """Array with a certain number of valid items."""

    validator: Validator
    minimum: int = 1
    maximum: int | None = None
    keyword: Literal["contains", "minContains", "maxContains"] = "contains"
    """Keyword that rejects an array with too few valid items; ``maxContains`` rejects too many."""


class Required(Struct, frozen=True, kw_only=True):
    """Object with all of these properties."""

    names: tuple[str, ...]
    keyword: ClassVar[str] = "required"


class Properties(Struct, frozen=True, kw_only=True):
    """Properties of an object: by name, by pattern (ECMA-262), and all others.

    If ``rest`` is None, other properties may have any value and stay unevaluated.
    """

    named: tuple[tuple[str, Validator], ...] = ()
    patterns: tuple[tuple[str, Validator], ...] = ()
    rest: Validator | None = None


class PropertyNames(Struct, frozen=True, kw_only=True):
    """Names of all properties of an object."""

    validator: Validator
    keyword: ClassVar[str] = "propertyNames"


class Dependent(Struct, frozen=True, kw_only=True):
    """Validator that applies to objects with a certain property."""

    name: str
    validator: Validator
    keyword: Literal["dependentRequired", "dependentSchemas"]


class Unevaluated(Struct, frozen=True, kw_only=True):
    """Properties or items that no other validator of the same value has evaluated.

    It comes after all other members of its :class:`All`.
    """

    validator: Validator
    keyword: Literal["unevaluatedProperties", "unevaluatedItems"]


class All(Struct, frozen=True, kw_only=True):
    """Value that all validators accept; they apply in order."""

    validators: tuple[Validator, ...]
    keyword: ClassVar[str] = "allOf"


class AnyOf(Struct, frozen=True, kw_only=True):
    """Value that at least one validator accepts."""

    validators: tuple[Validator, ...]
    tag: Tag | None = None
    keyword: ClassVar[str] = "anyOf"


class ExactlyOne(Struct, frozen=True, kw_only=True):
    """Value that exactly one validator accepts."""

    validators: tuple[Validator, ...]
    tag: Tag | None = None
    keyword: ClassVar[str] = "oneOf"


class Not(Struct, frozen=True, kw_only=True):
    """Value that a validator rejects."""

    validator: Validator
    keyword: ClassVar[str] = "not"


class Conditional(Struct, frozen=True, kw_only=True):
    """Value that one of two validators accepts, depending on a condition."""

    condition: Validator
    then: Validator = Always(verdict=True)
    otherwise: Validator = Always(verdict=True)


class Call(Struct, frozen=True, kw_only=True):
    """Value that a named validator of the endpoint accepts; calls may be recursive."""

    name: str


Validator: TypeAlias = (
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
    | PropertyNames
    | Dependent
    | Unevaluated
    | All
    | AnyOf
    | ExactlyOne
    | Not
    | Conditional
    | Call
)
