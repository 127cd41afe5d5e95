"""Positions of the items of a stream, to which ``resume`` leads."""

from __future__ import annotations

from ..source import json_pointer
from . import properties
from .conjunction import conjoin
from .schema_index import SchemaIndex, SchemaNode

__all__ = ["UnresolvedCursor", "cursor_node"]

SCALARS = ({"string"}, {"integer"}, {"number"}, {"integer", "number"})
"""JSON types of positions."""


class UnresolvedCursor(Exception):
    """Error for a pointer that leads to no position."""

    def __init__(self, text: str, hint: str) -> None:
        super().__init__(text)
        self.hint = hint


def cursor_node(index: SchemaIndex, item: SchemaNode, pointer: str) -> SchemaNode:
    """Return the schema of the position in each item of a stream: a string or a number that is always present.

    Args:
        index: Index of the bundle.
        item: Schema of the items.
        pointer: JSON Pointer into an item; each token is the name of a property.

    Raises:
        UnresolvedCursor: If the items have no such part, or it is optional or of another type.
    """
    node = item
    for name in json_pointer.parse(pointer):
        conjunction = conjoin(index, (node,))
        declared, required = properties.names(conjunction)
        found = properties.property_schemas(index, conjunction, name).own
        if not found:
            known = ", ".join(json_pointer.join("", one) for one in declared)
            hint = f"the items contain {known}" if known else "declare it in properties of the items"
            raise UnresolvedCursor("`resume` matches no part of the items", hint)
        if name not in required:
            raise UnresolvedCursor(f"`resume` leads to the optional property {name}", "add it to required")
        if len(found) > 1:
            hint = "declare it in one schema only"
            raise UnresolvedCursor(f"`resume` leads to the property {name}, which several schemas describe", hint)
        (node,) = found
    if {*(conjoin(index, (node,)).types or ())} not in SCALARS:
        raise UnresolvedCursor("`resume` leads to no string or number", 'add "type": "string" or "type": "integer"')
    return node
