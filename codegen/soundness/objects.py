"""Gaps of objects."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import inspect

from tornado_ws.validation.schema_validator import pattern_predicate

from ..keywords.schema_index import Node
from ..source.document import Json
from .type_info import is_trivial, stripped
from .unproven import Place, Unproven, is_plain

if TYPE_CHECKING:
    from .proof import Proof

__all__ = ["Shape", "doubtful", "object_gaps", "shape_of"]

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
DEEPEST = 16
"""So many schemas below each other may speak of one value before it is given up."""
NAMED = ("properties", "patternProperties", "dependentSchemas", "dependentRequired")


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a struct, or a dictionary with known keys, says about the objects it is made from."""

    fields: Mapping[str, inspect.Field]
    """By the name in JSON."""
    required: frozenset[str]
    """Names that are surely there."""
    tag: tuple[str, Json] | None
    """Name and value of a property that is no field."""
    closed: bool
    """Whether there are no other names."""

    @property
    def names(self) -> frozenset[str]:
        """Every name that is known."""
        return frozenset({*self.fields, *((self.tag[0],) if self.tag else ())})


def shape_of(type_: inspect.Type, *, tagged: bool) -> Shape | None:
    """Return the shape of a type; None if it has none. ``tagged``: see :meth:`~.proof.Proof.gaps`."""
    if not isinstance(type_, inspect.StructType | inspect.TypedDictType):
        return None
    fields = {field.encode_name: field for field in type_.fields}
    required = {name for name, field in fields.items() if field.required}
    if isinstance(type_, inspect.TypedDictType):
        return Shape(fields=fields, required=frozenset(required), tag=None, closed=False)
    tag = None if type_.tag_field is None else (type_.tag_field, type_.tag)
    if tag is not None and tagged:
        required.add(tag[0])
    return Shape(fields=fields, required=frozenset(required), tag=tag, closed=type_.forbid_unknown_fields)


def object_gaps(proof: Proof, node: Node, type_: inspect.Type, place: Place, *, tagged: bool) -> Iterator[Unproven]:
    """Yield the keywords about objects that a type does not guarantee."""
    shape = shape_of(type_, tagged=tagged)
    if shape is not None:
        yield from _shaped_gaps(proof, node, type_, shape, place, tagged=tagged)
    elif isinstance(type_, inspect.DictType):
        yield from _mapped_gaps(proof, node, type_, place)
    else:
        for keyword in KEYWORDS:
            if not _says_nothing(keyword, node.keywords.get(keyword)):
                yield _gap(keyword, node, place)


def _shaped_gaps(
    proof: Proof, node: Node, type_: inspect.Type, shape: Shape, place: Place, *, tagged: bool
) -> Iterator[Unproven]:
    schema, index = node.keywords, proof.index
    held = place if isinstance(type_, inspect.StructType) else place.inside()  # a dictionary has no attributes
    patterns, rest = schema.get("patternProperties", {}), set(shape.names)
    for name, below in schema.get("properties", {}).items():
        rest.discard(name)
        yield from _property_gaps(proof, index.child(node, "properties", name), name, shape, held)
        if name not in shape.names and not shape.closed and not is_trivial(below):
            yield _gap("properties", node, place, f"{name!r} is no field, so it is not read")
    for name in schema.get("required", ()):
        if name not in shape.required:
            yield _gap("required", node, place, f"{name!r} may be missing")
    for pattern, below in patterns.items():
        matches = pattern_predicate(pattern)
        for name in shape.names:
            if matches(name):
                rest.discard(name)
                yield from _property_gaps(proof, index.child(node, "patternProperties", pattern), name, shape, held)
        if not shape.closed and not is_trivial(below):
            yield _gap("patternProperties", node, place, "other names are not read")
    if not is_trivial(schema.get("additionalProperties", True)):
        if not shape.closed:
            yield _gap("additionalProperties", node, place, "other names are not read")
        for name in sorted(rest):
            yield from _property_gaps(proof, index.child(node, "additionalProperties"), name, shape, held)
    if not is_trivial(schema.get("unevaluatedProperties", True)):
        if not shape.closed:
            yield _gap("unevaluatedProperties", node, place, "other names are not read")
        elif doubtful(proof, node, type_, tagged=tagged):
            yield _gap("unevaluatedProperties", node, place, "depends on alternatives")
    if not is_trivial(schema.get("propertyNames", True)):
        if not shape.closed:
            yield _gap("propertyNames", node, place, "other names are not read")
        for name in sorted(shape.names):
            yield from proof.value_gaps(index.child(node, "propertyNames"), name, place)
    if schema.get("minProperties", 0) > len(shape.required):
        yield _gap("minProperties", node, place)
    if "maxProperties" in schema and not (shape.closed and len(shape.names) <= schema["maxProperties"]):
        yield _gap("maxProperties", node, place)
    for name, needed in schema.get("dependentRequired", {}).items():
        if not set(needed) <= shape.required and not (shape.closed and name not in shape.names):
            yield _gap("dependentRequired", node, place)
    for name in schema.get("dependentSchemas", {}):
        below = index.child(node, "dependentSchemas", name)
        if name in shape.required:
            yield from proof.gaps_here(below, type_, place, tagged=tagged)
        elif not (shape.closed and name not in shape.names) and not proof.holds(below, type_, tagged=tagged):
            yield _gap("dependentSchemas", node, place)


def _property_gaps(proof: Proof, node: Node, name: str, shape: Shape, place: Place) -> Iterator[Unproven]:
    """Yield the gaps of a property whose name is known."""
    field = shape.fields.get(name)
    if shape.tag is not None and name == shape.tag[0]:
        yield from proof.value_gaps(node, shape.tag[1], place)
    elif field is not None:
        yield from proof.gaps_below(node, field.type, _place(place, field, node))


def _place(place: Place, field: inspect.Field, node: Node) -> Place:
    """Return the place of an attribute, or of what holds it, if it cannot be reached by itself."""
    if not place.extends:
        return place.inside()
    return Place(
        attributes=(*place.attributes, field.name),
        pointer=node.pointer,
        judged=is_plain(field.type) and not node.scope,
        extends=field.required and isinstance(stripped(field.type), inspect.StructType),
        member=place.member or (None if node.scope else (field.encode_name, node.pointer)),
    )


def _mapped_gaps(proof: Proof, node: Node, type_: inspect.DictType, place: Place) -> Iterator[Unproven]:
    schema, index = node.keywords, proof.index
    for keyword in ("properties", "patternProperties"):
        for name in schema.get(keyword, {}):
            yield from proof.gaps_below(index.child(node, keyword, name), type_.value_type, place.inside())
    if "additionalProperties" in schema:
        below = index.child(node, "additionalProperties")
        yield from proof.gaps_below(below, type_.value_type, place.inside())
    if "propertyNames" in schema:
        yield from proof.gaps_below(index.child(node, "propertyNames"), type_.key_type, place.inside())
    if schema.get("minProperties", 0) > (type_.min_length or 0):
        yield _gap("minProperties", node, place)
    if (
        "maxProperties" in schema
        and (math.inf if type_.max_length is None else type_.max_length) > schema["maxProperties"]
    ):
        yield _gap("maxProperties", node, place)
    for keyword in ("required", "dependentRequired", "dependentSchemas", "unevaluatedProperties"):
        if not _says_nothing(keyword, schema.get(keyword)):
            yield _gap(keyword, node, place)


def doubtful(proof: Proof, node: Node, type_: inspect.Type, *, tagged: bool = False) -> frozenset[str]:
    """Return the names of which it is not sure that ``node`` evaluates them, or admits them if it does not."""
    shape = shape_of(type_, tagged=tagged)
    if shape is None:
        return frozenset()
    below = proof.index.child(node, "unevaluatedProperties")
    rest = shape.names - _evaluated(proof, node, type_, tagged=tagged)
    return frozenset(name for name in rest if any(True for _ in _property_gaps(proof, below, name, shape, Place())))


def _evaluated(proof: Proof, node: Node, type_: inspect.Type, *, tagged: bool, depth: int = 0) -> frozenset[str]:
    """Return the names that a schema surely evaluates where they are, in any value that a type admits."""
    names = frozenset(node.keywords.get("properties", ()))
    if depth < DEEPEST:
        for one in _in_force(proof, node, type_, tagged=tagged):
            names |= _evaluated(proof, one, type_, tagged=tagged, depth=depth + 1)
    return names


def _in_force(proof: Proof, node: Node, type_: inspect.Type, *, tagged: bool) -> Iterator[Node]:
    """Yield the schemas of the same value that hold whenever ``node`` does."""
    schema, index = node.keywords, proof.index
    if "$ref" in schema:
        yield index.follow(node, "$ref")
    yield from index.children(node, "allOf")
    either = [*index.children(node, "anyOf"), *index.children(node, "oneOf")]
    if "if" in schema:
        either.append(index.child(node, "if"))
        if "then" in schema and proof.holds(either[-1], type_, tagged=tagged):
            yield index.child(node, "then")
        if "else" in schema and proof.fails(either[-1], type_, tagged=tagged):
            yield index.child(node, "else")
    yield from (one for one in either if proof.holds(one, type_, tagged=tagged))
    shape = shape_of(type_, tagged=tagged)
    required = () if shape is None else shape.required
    yield from (
        index.child(node, "dependentSchemas", one) for one in schema.get("dependentSchemas", ()) if one in required
    )


def _says_nothing(keyword: str, value: Json) -> bool:
    """Tell whether a keyword refuses nothing; ``value`` is None where it is not stated."""
    match value:
        case None:
            return True
        case bool() | dict() if keyword not in NAMED:
            return is_trivial(value)
        case dict():
            return all(below == [] or is_trivial(below) for below in value.values())
        case list():
            return not value
        case _:
            return keyword == "minProperties" and value <= 0


def _gap(keyword: str, node: Node, place: Place, reason: str = "not enforced") -> Unproven:
    return Unproven(keyword=keyword, pointer=node.pointer, reason=reason, place=place)
