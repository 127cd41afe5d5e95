"""Test for types that have no value in common with a schema."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import inspect

from ..keywords.schema_index import SchemaNode
from .object_shape import ObjectShape, shape_of
from .subproofs import Subproofs
from .type_info import json_type, json_type_of, without_metadata

__all__ = ["is_disjoint"]

NUMBERS = {"integer", "number"}
Known: TypeAlias = dict[object, tuple[inspect.Type, bool]]
"""Results by schema and type, with a reference to each type, which keeps its id unique."""


def is_disjoint(proof: Subproofs, node: SchemaNode, type_: inspect.Type, *, tagged: bool, known: Known) -> bool:
    """Return True only if ``node`` certainly rejects all values of ``type_``.

    Args:
        proof: Access to the schemas.
        node: Schema of the values.
        type_: Type that msgspec decodes.
        tagged: True for one of several structs in a union, which always has its tag.
        known: Earlier results. So each pair of a schema and a type is analyzed once, and a recursive pair is not
            disjoint.
    """
    type_ = without_metadata(type_)
    if node.schema is False:
        return True
    if not isinstance(node.schema, dict) or node.scope:
        return False
    match type_:
        case inspect.UnionType(types=types):
            several = sum(isinstance(without_metadata(member), inspect.StructType) for member in types) > 1
            return all(is_disjoint(proof, node, member, tagged=several, known=known) for member in types)
        case inspect.LiteralType(values=values):
            return all(not proof.validator.predicate(node.pointer)(value) for value in values)
    key = node.pointer, id(type_), tagged
    if key not in known:
        known[key] = type_, False
        known[key] = type_, _is_disjoint_from_one(proof, node, type_, tagged=tagged, known=known)
    return known[key][1]


def _is_disjoint_from_one(
    proof: Subproofs, node: SchemaNode, type_: inspect.Type, *, tagged: bool, known: Known
) -> bool:
    schema, index = node.keywords, proof.index

    def is_disjoint_in_place(other: SchemaNode) -> bool:
        return is_disjoint(proof, other, type_, tagged=tagged, known=known)

    if "$ref" in schema and is_disjoint_in_place(index.follow(node, "$ref")):
        return True
    if any(map(is_disjoint_in_place, index.children(node, "allOf"))):
        return True
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema and all(map(is_disjoint_in_place, index.children(node, keyword))):
            return True
    if _has_other_type(node, type_):
        return True
    shape = shape_of(type_, tagged=tagged)
    return shape is not None and _has_other_shape(proof, node, shape, known)


def _has_other_type(node: SchemaNode, type_: inspect.Type) -> bool:
    schema, known = node.keywords, json_type(type_)
    if known is None:
        return False
    if "type" in schema and not _overlap(
        {known}, {schema["type"]} if isinstance(schema["type"], str) else {*schema["type"]}
    ):
        return True
    values = schema["enum"] if "enum" in schema else [schema["const"]] if "const" in schema else None
    return values is not None and not _overlap({known}, {json_type_of(value) for value in values})


def _has_other_shape(proof: Subproofs, node: SchemaNode, shape: ObjectShape, known: Known) -> bool:
    schema, index = node.keywords, proof.index
    properties = schema.get("properties", {})
    if shape.closed and not shape.names >= {*schema.get("required", ())}:
        return True
    if (
        schema.get("additionalProperties") is False
        and not schema.get("patternProperties")
        and not shape.required <= properties.keys()
    ):
        return True
    for name in (name for name in properties if name in shape.required):  # in schema order, as results depend on it
        child = index.child(node, "properties", name)
        if shape.tag is not None and name == shape.tag[0]:
            if not child.scope and not proof.accepts_constant(child, shape.tag[1]):
                return True
        elif is_disjoint(proof, child, shape.fields[name].type, tagged=False, known=known):
            return True
    return False


def _overlap(types: set[str], others: set[str]) -> bool:
    return bool(types & others) or bool(types & NUMBERS and others & NUMBERS)
