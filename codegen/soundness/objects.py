"""Unproven keywords of objects."""

from __future__ import annotations

import math
from collections.abc import Iterator

from msgspec import inspect

from tornado_ws.validation.schema_validator import pattern_predicate

from ..keywords.schema_index import SchemaNode
from ..source.document import Json
from .fields import unproven_of_property
from .object_shape import ObjectShape, shape_of
from .subproofs import Subproofs
from .type_info import accepts_everything
from .unevaluated_names import unevaluated_names
from .unproven import Location, Unproven, unproven

__all__ = ["unproven_of_object"]

KEYWORDS = (
    "properties",
    "required",
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedProperties",
)
BY_NAME = ("properties", "patternProperties", "dependentSchemas", "dependentRequired")
"""Keywords with an object of subschemas or lists."""
UNREAD = "other names are not read"


def unproven_of_object(
    proof: Subproofs, node: SchemaNode, type_: inspect.Type, location: Location, *, tagged: bool
) -> Iterator[Unproven]:
    """Yield the object keywords that a type does not guarantee."""
    shape = shape_of(type_, tagged=tagged)
    if shape is not None:
        yield from _Record(proof, node, type_, shape, location, tagged=tagged).unproven()
    elif isinstance(type_, inspect.DictType):
        yield from _unproven_of_dictionary(proof, node, type_, location)
    else:
        for keyword in KEYWORDS:
            if not _rejects_nothing(keyword, node.keywords.get(keyword)):
                yield unproven(keyword, node, location)


class _Record:
    """Type with fields, and the schema of its values."""

    def __init__(
        self,
        proof: Subproofs,
        node: SchemaNode,
        type_: inspect.Type,
        shape: ObjectShape,
        location: Location,
        *,
        tagged: bool,
    ) -> None:
        self._proof = proof
        self._node = node
        self._type = type_
        self._shape = shape
        self._location = location
        self._tagged = tagged
        # the values of a dictionary are not attributes
        self._inner = location if isinstance(type_, inspect.StructType) else location.in_container()

    def unproven(self) -> Iterator[Unproven]:
        """Yield the object keywords that the type does not guarantee."""
        yield from self._unproven_properties()
        yield from self._unproven_presence()
        yield from self._unproven_names()
        yield from self._unproven_dependencies()

    def _unproven_properties(self) -> Iterator[Unproven]:
        schema, shape = self._node.keywords, self._shape
        rest = shape.names - schema.get("properties", {}).keys()
        for name in schema.get("properties", ()):
            yield from self._unproven_field(name, "properties", name)
            if name not in shape.names and not self._is_proved_of_rest("properties", name):
                yield self._unproven("properties", f"{name!r} is not a field")
        for pattern in schema.get("patternProperties", ()):
            matching = set(filter(pattern_predicate(pattern), shape.names))
            rest -= matching
            for name in sorted(matching):
                yield from self._unproven_field(name, "patternProperties", pattern)
            if not self._is_proved_of_rest("patternProperties", pattern):
                yield self._unproven("patternProperties", self._reason)
        if not accepts_everything(schema.get("additionalProperties", True)):
            if not self._is_proved_of_rest("additionalProperties"):
                yield self._unproven("additionalProperties", self._reason)
            for name in sorted(rest):
                yield from self._unproven_field(name, "additionalProperties")
        if not accepts_everything(schema.get("unevaluatedProperties", True)):
            if not shape.closed:
                yield self._unproven("unevaluatedProperties", UNREAD)
            elif unevaluated_names(self._proof, self._node, self._type, tagged=self._tagged):
                yield self._unproven("unevaluatedProperties", "depends on alternatives")

    def _unproven_presence(self) -> Iterator[Unproven]:
        schema, shape = self._node.keywords, self._shape
        for name in schema.get("required", ()):
            if name not in shape.required:
                yield self._unproven("required", f"{name!r} may be missing")
        if schema.get("minProperties", 0) > len(shape.required):
            yield self._unproven("minProperties")
        if "maxProperties" in schema and not (shape.closed and len(shape.names) <= schema["maxProperties"]):
            yield self._unproven("maxProperties")

    def _unproven_names(self) -> Iterator[Unproven]:
        if accepts_everything(self._node.keywords.get("propertyNames", True)):
            return
        if not self._shape.closed:
            yield self._unproven("propertyNames", UNREAD)
        child = self._proof.index.child(self._node, "propertyNames")
        for name in sorted(self._shape.names):
            if not self._proof.accepts_constant(child, name):
                yield self._unproven("propertyNames", f"{name!r} is rejected")

    def _unproven_dependencies(self) -> Iterator[Unproven]:
        schema, shape = self._node.keywords, self._shape
        for name, needed in schema.get("dependentRequired", {}).items():
            if not set(needed) <= shape.required and not self._is_rejected(name):
                yield self._unproven("dependentRequired")
        for name in schema.get("dependentSchemas", {}):
            child = self._proof.index.child(self._node, "dependentSchemas", name)
            if name in shape.required:
                yield from self._proof.unproven_in_place(child, self._type, self._location, tagged=self._tagged)
            elif not self._is_rejected(name) and not self._proof.guarantees(child, self._type, tagged=self._tagged):
                yield self._unproven("dependentSchemas")

    def _unproven_field(self, name: str, *path: str) -> Iterator[Unproven]:
        """Yield the unproven keywords of a subschema for the property ``name``, if the type has a field for it."""
        node = self._proof.index.child(self._node, *path)
        yield from unproven_of_property(self._proof, node, name, self._shape, self._inner)

    def _is_proved_of_rest(self, *path: str) -> bool:
        """Return True if the type guarantees a subschema for every property without a field."""
        child = self._proof.index.child(self._node, *path)
        if self._shape.closed or accepts_everything(child.schema):
            return True
        rest = self._shape.rest
        return rest is not None and not self._proof.unproven_in_child(child, rest, Location(is_exact=False))

    def _is_rejected(self, name: str) -> bool:
        return self._shape.closed and name not in self._shape.names

    @property
    def _reason(self) -> str:
        return UNREAD if self._shape.rest is None else "not proved"

    def _unproven(self, keyword: str, reason: str = "") -> Unproven:
        return unproven(keyword, self._node, self._location, reason)


def _unproven_of_dictionary(
    proof: Subproofs, node: SchemaNode, type_: inspect.DictType, location: Location
) -> Iterator[Unproven]:
    schema, index = node.keywords, proof.index
    for keyword in ("properties", "patternProperties"):
        for name in schema.get(keyword, {}):
            child = index.child(node, keyword, name)
            yield from proof.unproven_in_child(child, type_.value_type, location.in_container())
    if "additionalProperties" in schema:
        child = index.child(node, "additionalProperties")
        yield from proof.unproven_in_child(child, type_.value_type, location.in_container())
    if "propertyNames" in schema:
        child = index.child(node, "propertyNames")
        yield from proof.unproven_in_child(child, type_.key_type, location.in_container())
    if schema.get("minProperties", 0) > (type_.min_length or 0):
        yield unproven("minProperties", node, location)
    maximum = math.inf if type_.max_length is None else type_.max_length
    if "maxProperties" in schema and maximum > schema["maxProperties"]:
        yield unproven("maxProperties", node, location)
    for keyword in ("required", "dependentRequired", "dependentSchemas", "unevaluatedProperties"):
        if not _rejects_nothing(keyword, schema.get(keyword)):
            yield unproven(keyword, node, location)


def _rejects_nothing(keyword: str, value: Json) -> bool:
    """Return True if a keyword rejects no value.

    Args:
        keyword: Name of the keyword.
        value: Value of the keyword; None if it is absent.
    """
    match value:
        case None:
            return True
        case bool() | dict() if keyword not in BY_NAME:
            return accepts_everything(value)
        case dict():
            return all(member == [] or accepts_everything(member) for member in value.values())
        case list():
            return not value
        case _:
            return keyword == "minProperties" and value <= 0
