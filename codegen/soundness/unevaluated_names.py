"""Names of properties that ``unevaluatedProperties`` may reject."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import inspect

from ..keywords.schema_index import SchemaNode
from .fields import unproven_of_property
from .object_shape import shape_of
from .subproofs import Subproofs
from .unproven import Location

__all__ = ["unevaluated_names"]


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
        name for name in rest if any(True for _ in unproven_of_property(proof, child, name, shape, Location()))
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
