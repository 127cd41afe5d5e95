"""Unproven keywords of objects."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from msgspec import inspect

from tornado_ws.validation.additional_properties import AdditionalPropertiesType
from tornado_ws.validation.schema_validator import pattern_predicate

from ..keywords.schema_index import SchemaNode
from ..source.document import Json
from .subproofs import Subproofs
from .type_info import accepts_everything, without_metadata
from .unproven import Location, Unproven, decodes_to_json, unproven

__all__ = ["ObjectShape", "rest_type", "shape_of", "unevaluated_names", "unproven_of_object"]

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


@dataclass(frozen=True, kw_only=True)
class ObjectShape:
    """Properties of the JSON objects of a struct, or of a dictionary with known keys."""

    fields: Mapping[str, inspect.Field]
    """Fields by their names in JSON."""
    required: frozenset[str]
    """Names that are always present."""
    tag: tuple[str, Json] | None
    """Name and value of the tag, which is a property without a field."""
    closed: bool
    """True if msgspec rejects other names."""
    rest: inspect.Type | None = None
    """Type of the values of other names; None if they are not read."""

    @property
    def names(self) -> frozenset[str]:
        """Names of all fields and of the tag."""
        return frozenset({*self.fields, *((self.tag[0],) if self.tag else ())})


def shape_of(type_: inspect.Type, *, tagged: bool) -> ObjectShape | None:
    """Return the shape of a type; None for types without fields.

    Args:
        type_: Type that msgspec decodes.
        tagged: True for one of several structs in a union, which always has its tag.
    """
    if not isinstance(type_, inspect.StructType | inspect.TypedDictType):
        return None
    fields = {field.encode_name: field for field in type_.fields if rest_type(field) is None}
    required = {name for name, field in fields.items() if field.required}
    if isinstance(type_, inspect.TypedDictType):
        return ObjectShape(fields=fields, required=frozenset(required), tag=None, closed=False)
    tag = None if type_.tag_field is None else (type_.tag_field, type_.tag)
    if tag is not None and tagged:
        required.add(tag[0])
    return ObjectShape(
        fields=fields,
        required=frozenset(required),
        tag=tag,
        closed=type_.forbid_unknown_fields,
        rest=next(filter(None, map(rest_type, type_.fields)), None),
    )


def rest_type(field: inspect.Field) -> inspect.Type | None:
    """Return the type of the properties without a field, from the field that keeps them; None for other fields."""
    cls: object = field.type.cls if isinstance(field.type, inspect.CustomType) else None
    return _value_type(cls) if isinstance(cls, AdditionalPropertiesType) else None


@lru_cache(maxsize=4096)  # claims of the proof compare types by identity
def _value_type(cls: AdditionalPropertiesType) -> inspect.Type:
    return inspect.type_info(cls.value)


def unproven_of_object(
    proof: Subproofs, node: SchemaNode, type_: inspect.Type, location: Location, *, tagged: bool
) -> Iterator[Unproven]:
    """Yield the object keywords that a type does not guarantee."""
    shape = shape_of(type_, tagged=tagged)
    if shape is not None:
        yield from _unproven_of_record(proof, node, type_, shape, location, tagged=tagged)
    elif isinstance(type_, inspect.DictType):
        yield from _unproven_of_dictionary(proof, node, type_, location)
    else:
        for keyword in KEYWORDS:
            if not _rejects_nothing(keyword, node.keywords.get(keyword)):
                yield unproven(keyword, node, location)


def _unproven_of_record(
    proof: Subproofs, node: SchemaNode, type_: inspect.Type, shape: ObjectShape, location: Location, *, tagged: bool
) -> Iterator[Unproven]:
    schema, index = node.keywords, proof.index
    # the values of a dictionary are not attributes
    inner = location if isinstance(type_, inspect.StructType) else location.in_container()
    patterns, rest = schema.get("patternProperties", {}), set(shape.names)

    def is_proved_of_rest(*path: str) -> bool:
        """Return True if the type guarantees a subschema for every property without a field."""
        child = index.child(node, *path)
        if shape.closed or accepts_everything(child.schema):
            return True
        return shape.rest is not None and not proof.unproven_in_child(child, shape.rest, Location(is_exact=False))

    for name in schema.get("properties", ()):
        rest.discard(name)
        yield from _unproven_of_property(proof, index.child(node, "properties", name), name, shape, inner)
        if name not in shape.names and not is_proved_of_rest("properties", name):
            yield unproven("properties", node, location, f"{name!r} is not a field")
    for name in schema.get("required", ()):
        if name not in shape.required:
            yield unproven("required", node, location, f"{name!r} may be missing")
    for pattern in patterns:
        matches = pattern_predicate(pattern)
        for name in sorted(shape.names):
            if matches(name):
                rest.discard(name)
                child = index.child(node, "patternProperties", pattern)
                yield from _unproven_of_property(proof, child, name, shape, inner)
        if not is_proved_of_rest("patternProperties", pattern):
            yield unproven("patternProperties", node, location, UNREAD if shape.rest is None else "not proved")
    if not accepts_everything(schema.get("additionalProperties", True)):
        if not is_proved_of_rest("additionalProperties"):
            reason = UNREAD if shape.rest is None else "not proved"
            yield unproven("additionalProperties", node, location, reason)
        for name in sorted(rest):
            yield from _unproven_of_property(proof, index.child(node, "additionalProperties"), name, shape, inner)
    if not accepts_everything(schema.get("unevaluatedProperties", True)):
        if not shape.closed:
            yield unproven("unevaluatedProperties", node, location, UNREAD)
        elif unevaluated_names(proof, node, type_, tagged=tagged):
            yield unproven("unevaluatedProperties", node, location, "depends on alternatives")
    if not accepts_everything(schema.get("propertyNames", True)):
        if not shape.closed:
            yield unproven("propertyNames", node, location, UNREAD)
        child = index.child(node, "propertyNames")
        for name in sorted(shape.names):
            if not proof.accepts_constant(child, name):
                yield unproven("propertyNames", node, location, f"{name!r} is rejected")
    if schema.get("minProperties", 0) > len(shape.required):
        yield unproven("minProperties", node, location)
    if "maxProperties" in schema and not (shape.closed and len(shape.names) <= schema["maxProperties"]):
        yield unproven("maxProperties", node, location)
    for name, needed in schema.get("dependentRequired", {}).items():
        if not set(needed) <= shape.required and not (shape.closed and name not in shape.names):
            yield unproven("dependentRequired", node, location)
    for name in schema.get("dependentSchemas", {}):
        child = index.child(node, "dependentSchemas", name)
        if name in shape.required:
            yield from proof.unproven_in_place(child, type_, location, tagged=tagged)
        elif not (shape.closed and name not in shape.names) and not proof.guarantees(child, type_, tagged=tagged):
            yield unproven("dependentSchemas", node, location)


def _unproven_of_property(
    proof: Subproofs, node: SchemaNode, name: str, shape: ObjectShape, location: Location
) -> Iterator[Unproven]:
    """Yield the unproven keywords of a property with a known name."""
    field = shape.fields.get(name)
    if shape.tag is not None and name == shape.tag[0]:
        yield from proof.unproven_constant(node, shape.tag[1], location)
    elif field is not None:
        yield from proof.unproven_in_child(node, field.type, _attribute_location(location, field, node))


def _attribute_location(location: Location, field: inspect.Field, node: SchemaNode) -> Location:
    """Return the location of an attribute, or of the part that contains it if it cannot be checked alone."""
    if not location.is_record:
        return location.in_container()
    return Location(
        attributes=(*location.attributes, field.name),
        pointer=node.pointer,
        is_json=decodes_to_json(field.type) and not node.scope,
        is_record=field.required and isinstance(without_metadata(field.type), inspect.StructType),
        member=location.member or (None if node.scope else (field.encode_name, node.pointer)),
    )


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


def unevaluated_names(
    proof: Subproofs, node: SchemaNode, type_: inspect.Type, *, tagged: bool = False
) -> frozenset[str]:
    """Return the names that ``unevaluatedProperties`` may reject in values of a type."""
    shape = shape_of(type_, tagged=tagged)
    if shape is None:
        return frozenset()
    child = proof.index.child(node, "unevaluatedProperties")
    rest = shape.names - _evaluated_names(proof, node, type_, tagged=tagged)
    return frozenset(
        name for name in rest if any(True for _ in _unproven_of_property(proof, child, name, shape, Location()))
    )


def _evaluated_names(proof: Subproofs, node: SchemaNode, type_: inspect.Type, *, tagged: bool) -> frozenset[str]:
    """Return the names that a schema evaluates in all values of a type that contain them."""
    names: set[str] = set()
    visited, queue = {node}, [node]
    while queue:
        current = queue.pop()
        names.update(current.keywords.get("properties", ()))
        new = {implied for implied in _implied(proof, current, type_, tagged=tagged)} - visited
        visited |= new
        queue += new
    return frozenset(names)


def _implied(proof: Subproofs, node: SchemaNode, type_: inspect.Type, *, tagged: bool) -> Iterator[SchemaNode]:
    """Yield the subschemas of the same value that are valid whenever ``node`` is valid."""
    schema, index = node.keywords, proof.index
    if "$ref" in schema:
        yield index.follow(node, "$ref")
    yield from index.children(node, "allOf")
    alternatives = [*index.children(node, "anyOf"), *index.children(node, "oneOf")]
    if "if" in schema:
        condition = index.child(node, "if")
        alternatives.append(condition)
        if "then" in schema and proof.guarantees(condition, type_, tagged=tagged):
            yield index.child(node, "then")
        if "else" in schema and proof.excludes(condition, type_, tagged=tagged):
            yield index.child(node, "else")
    yield from (alternative for alternative in alternatives if proof.guarantees(alternative, type_, tagged=tagged))
    shape = shape_of(type_, tagged=tagged)
    required = () if shape is None else shape.required
    yield from (
        index.child(node, "dependentSchemas", name) for name in schema.get("dependentSchemas", ()) if name in required
    )


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
