"""Tells where a type admits nothing that a schema does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import inspect

from ..keywords.schema_index import Node
from .objects import Shape, shape_of
from .type_info import kind, kind_of, stripped
from .unproven import Place

if TYPE_CHECKING:
    from .proof import Proof

__all__ = ["is_disjoint"]

DEEPEST = 16
NUMBERS = {"integer", "number"}


def is_disjoint(proof: Proof, node: Node, type_: inspect.Type, *, tagged: bool, depth: int = 0) -> bool:
    """Tell whether surely nothing that ``type_`` admits is valid for ``node``; in doubt, it is not so.

    Args:
        proof: gives access to the schemas.
        node: a schema.
        type_: what msgspec decodes.
        tagged: whether the type is one of several structs, so that its tag must be there.
        depth: how many schemas were looked into.
    """
    type_ = stripped(type_)
    if node.schema is False:
        return True
    if not isinstance(node.schema, dict) or depth > DEEPEST or node.scope:
        return False
    match type_:
        case inspect.UnionType(types=types):
            several = sum(isinstance(stripped(one), inspect.StructType) for one in types) > 1
            return all(is_disjoint(proof, node, one, tagged=several, depth=depth) for one in types)
        case inspect.LiteralType(values=values):
            return all(not proof.judge.predicate(node.pointer)(value) for value in values)
    schema, index = node.keywords, proof.index

    def below(other: Node) -> bool:
        return is_disjoint(proof, other, type_, tagged=tagged, depth=depth + 1)

    if "$ref" in schema and below(index.follow(node, "$ref")):
        return True
    if any(below(index.child(node, "allOf", at)) for at in range(len(schema.get("allOf", ())))):
        return True
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema and all(below(index.child(node, keyword, at)) for at in range(len(schema[keyword]))):
            return True
    if _has_other_type(node, type_):
        return True
    shape = shape_of(type_, tagged=tagged)
    return shape is not None and _has_other_shape(proof, node, shape, depth)


def _has_other_type(node: Node, type_: inspect.Type) -> bool:
    schema, known = node.keywords, kind(type_)
    if known is None:
        return False
    if "type" in schema and not _meet(
        {known}, {schema["type"]} if isinstance(schema["type"], str) else {*schema["type"]}
    ):
        return True
    listed = schema["enum"] if "enum" in schema else [schema["const"]] if "const" in schema else None
    return listed is not None and not _meet({known}, {kind_of(value) for value in listed})


def _has_other_shape(proof: Proof, node: Node, shape: Shape, depth: int) -> bool:
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
    for name in shape.required & properties.keys():
        below = index.child(node, "properties", name)
        if shape.tag is not None and name == shape.tag[0]:
            if proof.value_gaps(below, shape.tag[1], Place()) and not below.scope:
                return True
        elif is_disjoint(proof, below, shape.fields[name].type, tagged=False, depth=depth + 1):
            return True
    return False


def _meet(one: set[str], other: set[str]) -> bool:
    return bool(one & other) or bool(one & NUMBERS and other & NUMBERS)
