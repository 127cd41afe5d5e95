"""Unproven keywords, which may reject a value that msgspec accepts."""

from __future__ import annotations

from msgspec import Struct, inspect
from msgspec.structs import replace

from tornado_ws.endpoint import AttributeCheck, JsonCheck, MemberCheck, ValueCheck

from ..keywords.schema_index import SchemaNode

__all__ = ["CONSTANT", "SEPARABLE", "Location", "Unproven", "decodes_to_json", "unproven"]


SEPARABLE = frozenset(
    {
        *("additionalProperties", "anyOf", "const", "contains", "dependentRequired", "dependentSchemas", "enum"),
        *("format", "if"),
        *("exclusiveMaximum", "exclusiveMinimum", "maxItems", "maxLength", "maxProperties", "maximum", "minItems"),
        *("minLength", "minProperties", "minimum", "multipleOf", "not", "oneOf", "pattern", "patternProperties"),
        *("properties", "propertyNames", "required", "type", "unevaluatedProperties", "uniqueItems"),
    }
)
"""Keywords that can be checked alone once the rest of their schema is proved."""
CONSTANT = "constant"
"""Name in place of a keyword for a schema that rejects a constant of the type, by any of its keywords."""


class Location(Struct, frozen=True, kw_only=True):
    """Innermost part of a value that can be checked alone: an attribute of a record, possibly of a nested one."""

    attributes: tuple[str, ...] = ()
    """Names of the attributes on the path to the part; empty for the whole value."""
    pointer: str = ""
    """JSON Pointer to the schema of the part."""
    is_json: bool = False
    """True if the decoded part equals its JSON."""
    is_record: bool = True
    """True if attributes of the part can be checked alone, because the part is always present and always a record."""
    member: tuple[str, str] | None = None
    """Name of the member of the whole value that contains the part, and the JSON Pointer to its schema."""
    is_exact: bool = True
    """False if the keyword applies to something inside the part, such as an item."""

    def in_union(self) -> Location:
        """Return the location of the same value, as one member of a union."""
        return replace(self, is_record=False)

    def in_container(self) -> Location:
        """Return the location of something inside the part that is not an attribute."""
        return replace(self, is_record=False, is_exact=False)

    @property
    def path(self) -> str:
        """JSON Pointer to the part in a value, as far as it is known."""
        return "".join(f"/{name}" for name in self.attributes) or (f"/{self.member[0]}" if self.member else "")


class Unproven(Struct, frozen=True, kw_only=True):
    """Keyword that a type does not guarantee."""

    keyword: str
    pointer: str
    """JSON Pointer to the schema with the keyword."""
    reason: str
    location: Location

    @property
    def decoded_check(self) -> ValueCheck | AttributeCheck | None:
        """Check of one part of the decoded value; None if no part is enough."""
        location = self.location
        if not location.is_json:
            return None
        path, (pointer, keyword) = ".".join(location.attributes), self._checked(location.pointer)
        return AttributeCheck(path, pointer, keyword) if path else ValueCheck(pointer, keyword)

    @property
    def json_check(self) -> JsonCheck | MemberCheck | None:
        """Check of one part of the value as JSON; None if no part is enough."""
        location = self.location
        if location.member is None:
            alone = location.is_exact and not location.attributes and self.keyword in SEPARABLE
            return JsonCheck(self.pointer, self.keyword) if alone else None
        name, pointer = location.member
        if len(location.attributes) > 1:
            return MemberCheck(name, pointer)
        return MemberCheck(name, *self._checked(pointer))

    def _checked(self, pointer: str) -> tuple[str, str | None]:
        """Return the schema and keyword to check; if the keyword cannot be checked alone, ``pointer`` and None."""
        alone = self.location.is_exact and self.keyword in SEPARABLE
        return (self.pointer, self.keyword) if alone else (pointer, None)


def unproven(keyword: str, node: SchemaNode, location: Location, reason: str = "not enforced") -> Unproven:
    """Return a keyword of ``node`` as unproven for the value at ``location``."""
    return Unproven(keyword=keyword, pointer=node.pointer, reason=reason, location=location)


def decodes_to_json(type_: inspect.Type) -> bool:
    """Return True if decoded values equal their JSON: they contain neither records nor numbers that may be rounded."""
    match type_:
        case inspect.Metadata(type=inner):
            return decodes_to_json(inner)
        case inspect.UnionType(types=types):
            return all(map(decodes_to_json, types))
        case inspect.FloatType():
            return True  # the runtime checks the JSON of a float that is too large to be exact
        case inspect.ListType(item_type=item) | inspect.DictType(value_type=item):
            return not _may_be_float(item) and decodes_to_json(item)
        case inspect.TupleType(item_types=items):
            return all(not _may_be_float(item) and decodes_to_json(item) for item in items)
        case _:
            scalars = (inspect.AnyType, inspect.NoneType, inspect.BoolType, inspect.IntType, inspect.StrType)
            return isinstance(type_, (*scalars, inspect.LiteralType))


def _may_be_float(type_: inspect.Type) -> bool:
    match type_:
        case inspect.Metadata(type=inner):
            return _may_be_float(inner)
        case inspect.UnionType(types=types):
            return any(map(_may_be_float, types))
        case _:
            return isinstance(type_, inspect.FloatType)
