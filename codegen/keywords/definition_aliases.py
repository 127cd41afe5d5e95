"""Names for types, with the annotations of their schemas."""

from __future__ import annotations

from .. import model
from .schema_index import SchemaNode

__all__ = ["definition_alias"]


def definition_alias(name: str, type_: model.Type, node: SchemaNode) -> model.Alias:
    """Return a name for a type, with the annotations of its schema."""
    return model.Alias(
        name=name,
        type=type_,
        description=node.keywords.get("description", ""),
        deprecated=node.keywords.get("deprecated") is True,
        pointer=node.pointer,
    )
