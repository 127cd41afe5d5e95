"""Gaps: what a type lets through though its schema might not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from msgspec import inspect

__all__ = ["ALONE", "Check", "Unproven", "Place", "is_plain", "merged"]


ALONE = frozenset(
    {
        *("additionalProperties", "anyOf", "contains", "dependentRequired", "dependentSchemas", "format", "if"),
        *("exclusiveMaximum", "exclusiveMinimum", "maxItems", "maxLength", "maxProperties", "maximum", "minItems"),
        *("minLength", "minProperties", "minimum", "multipleOf", "not", "oneOf", "pattern", "patternProperties"),
        *("properties", "propertyNames", "required", "type", "unevaluatedProperties", "uniqueItems"),
    }
)
"""Keywords that can be judged without the rest of their schema, which is proved; but for their companions."""

Check: TypeAlias = str | tuple[str, str] | tuple[str, str, str]
"""See :attr:`tornado_ws.Payload.unproved`."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """The innermost part of a value that can be judged by itself: an attribute of a struct, or of one in that."""

    attributes: tuple[str, ...] = ()
    pointer: str = ""
    """To the schema of the attribute."""
    judged: bool = False
    """Whether the attribute's value, as msgspec made it, is as good as that in the document."""
    extends: bool = True
    """Whether attributes of attributes can be judged: what is in between is always there, and always a struct."""
    member: tuple[str, str] | None = None
    """The property of the whole value in which it is, and the JSON Pointer to the schema of that."""
    exact: bool = True
    """Whether the part is meant, and not something inside of it."""

    def within(self) -> Place:
        """Return the place of the same value, as one of a union."""
        return replace(self, extends=False)

    def inside(self) -> Place:
        """Return the place of what is inside, if that is no attribute."""
        return replace(self, extends=False, exact=False)

    @property
    def path(self) -> str:
        """The JSON Pointer to it in a value, as far as that can be told."""
        return "".join(f"/{name}" for name in self.attributes) or (f"/{self.member[0]}" if self.member else "")


@dataclass(frozen=True, kw_only=True)
class Unproven:
    """A keyword that a type does not guarantee."""

    keyword: str
    pointer: str
    """To the schema that states it."""
    reason: str
    place: Place

    @property
    def typed_check(self) -> Check:
        """What the second pass judges of the typed value; ``""`` if that is not enough."""
        place = self.place
        return self._check(".".join(place.attributes) or ".", place.pointer) if place.judged else ""

    @property
    def plain_check(self) -> Check:
        """What the second pass judges of the plain value; ``""`` is the whole of it."""
        place = self.place
        if place.member is None:
            alone = place.exact and not place.attributes and self.keyword in ALONE
            return ("#", self.pointer, self.keyword) if alone else ""
        name, pointer = place.member
        return (f"/{name}", pointer) if len(place.attributes) > 1 else self._check(f"/{name}", pointer)

    def _check(self, part: str, pointer: str) -> Check:
        alone = self.place.exact and self.keyword in ALONE
        return (part, self.pointer, self.keyword) if alone else (part, pointer)


def merged(checks: Iterable[Check]) -> tuple[Check, ...]:
    """Return each check once; only the one of the whole value, if there is one."""
    listed = tuple(dict.fromkeys(checks))
    return ("",) if "" in listed else listed


def is_plain(type_: inspect.Type) -> bool:
    """Tell whether values of a type are what the document holds: neither structs, nor numbers that may be rounded."""
    match type_:
        case inspect.Metadata(type=below):
            return is_plain(below)
        case inspect.UnionType(types=types):
            return all(is_plain(one) for one in types)
        case inspect.FloatType():
            return True  # by itself; the runtime looks at the whole value where a float is too large to be exact
        case inspect.ListType(item_type=item) | inspect.DictType(value_type=item):
            return not has_floats(item) and is_plain(item)
        case inspect.TupleType(item_types=items):
            return all(not has_floats(item) and is_plain(item) for item in items)
        case _:
            kinds = (inspect.AnyType, inspect.NoneType, inspect.BoolType, inspect.IntType, inspect.StrType)
            return isinstance(type_, (*kinds, inspect.LiteralType))


def has_floats(type_: inspect.Type) -> bool:
    """Tell whether a value of a type may be a float, of which the document may hold another number."""
    match type_:
        case inspect.Metadata(type=below):
            return has_floats(below)
        case inspect.UnionType(types=types):
            return any(map(has_floats, types))
        case _:
            return isinstance(type_, inspect.FloatType)
