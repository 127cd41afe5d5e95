"""Unproven keywords of arrays."""

from __future__ import annotations

import math
from collections.abc import Iterator

from msgspec import inspect

from ..keywords.schema_index import SchemaNode
from .subproofs import Subproofs
from .type_info import accepts_everything
from .unproven import Location, Unproven, unproven

__all__ = ["unproven_of_array"]


def unproven_of_array(
    proof: Subproofs, node: SchemaNode, type_: inspect.Type, location: Location
) -> Iterator[Unproven]:
    """Yield the array keywords that a type does not guarantee."""
    schema = node.keywords
    prefix = len(schema.get("prefixItems", ()))
    minimum, maximum = _lengths(type_)
    match type_:
        case inspect.TupleType(item_types=items):
            for position, item in enumerate(items):
                yield from proof.unproven_in_child(_item(proof, node, position, prefix), item, location.in_container())
        case inspect.ListType(item_type=item):
            for position in range(int(min(prefix, maximum))):
                yield from proof.unproven_in_child(_item(proof, node, position, prefix), item, location.in_container())
            if maximum > prefix:
                yield from proof.unproven_in_child(_item(proof, node, prefix, prefix), item, location.in_container())
        case _:
            for keyword in ("items", "prefixItems"):
                if not accepts_everything(schema.get(keyword, True)):
                    yield unproven(keyword, node, location)
    if schema.get("minItems", 0) > minimum:
        yield unproven("minItems", node, location)
    if "maxItems" in schema and maximum > schema["maxItems"]:
        yield unproven("maxItems", node, location)
    if schema.get("uniqueItems") is True and maximum > 1:
        yield unproven("uniqueItems", node, location)
    if "contains" in schema and (schema.get("minContains", 1) > 0 or "maxContains" in schema):
        yield unproven("contains", node, location)
    if not accepts_everything(schema.get("unevaluatedItems", True)) and maximum > prefix:
        yield unproven("unevaluatedItems", node, location)


def _item(proof: Subproofs, node: SchemaNode, position: int, prefix: int) -> SchemaNode:
    """Return the schema of the item at a position; ``true`` if none is declared."""
    if position < prefix:
        return proof.index.child(node, "prefixItems", position)
    if "items" in node.keywords:
        return proof.index.child(node, "items")
    return SchemaNode(pointer=f"{node.pointer}/items", scope=node.scope, schema=True)


def _lengths(type_: inspect.Type) -> tuple[float, float]:
    """Return the minimum and maximum number of items."""
    match type_:
        case inspect.TupleType(item_types=items):
            return len(items), len(items)
        case inspect.ListType(min_length=minimum, max_length=maximum):
            return minimum or 0, math.inf if maximum is None else maximum
        case _:
            return 0, math.inf
