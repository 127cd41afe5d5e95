"""Unproven keywords of properties with a field."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import inspect

from ..keywords.schema_index import SchemaNode
from .object_shape import ObjectShape
from .subproofs import Subproofs
from .type_info import without_metadata
from .unproven import Location, Unproven, decodes_to_json

__all__ = ["unproven_of_property"]


def unproven_of_property(
    proof: Subproofs, node: SchemaNode, name: str, shape: ObjectShape, location: Location
) -> Iterator[Unproven]:
    """Yield the unproven keywords of a property with a known name; none if the type has no field for it."""
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
