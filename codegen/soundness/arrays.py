"""Gaps of arrays."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import inspect

from ..keywords.schema_index import Node
from .type_info import is_trivial
from .unproven import Place, Unproven

if TYPE_CHECKING:
    from .proof import Proof

__all__ = ["array_gaps"]


def array_gaps(proof: Proof, node: Node, type_: inspect.Type, place: Place) -> Iterator[Unproven]:
    """Yield the keywords about arrays that a type does not guarantee."""
    schema = node.keywords
    prefix = len(schema.get("prefixItems", ()))
    least, most = _lengths(type_)
    match type_:
        case inspect.TupleType(item_types=items):
            for at, item in enumerate(items):
                yield from proof.gaps_below(_item(proof, node, at, prefix), item, place.inside())
        case inspect.ListType(item_type=item):
            for at in range(int(min(prefix, most))):
                yield from proof.gaps_below(_item(proof, node, at, prefix), item, place.inside())
            if most > prefix:
                yield from proof.gaps_below(_item(proof, node, prefix, prefix), item, place.inside())
        case _:
            for keyword in ("items", "prefixItems"):
                if not is_trivial(schema.get(keyword, True)):
                    yield _gap(keyword, node, place)
    if schema.get("minItems", 0) > least:
        yield _gap("minItems", node, place)
    if "maxItems" in schema and most > schema["maxItems"]:
        yield _gap("maxItems", node, place)
    if schema.get("uniqueItems") is True and most > 1:
        yield _gap("uniqueItems", node, place)
    if "contains" in schema and (schema.get("minContains", 1) > 0 or "maxContains" in schema):
        yield _gap("contains", node, place)
    if not is_trivial(schema.get("unevaluatedItems", True)) and most > prefix:
        yield _gap("unevaluatedItems", node, place)


def _item(proof: Proof, node: Node, at: int, prefix: int) -> Node:
    """Return the schema of the item at a place; ``true`` where there is none."""
    if at < prefix:
        return proof.index.child(node, "prefixItems", at)
    if "items" in node.keywords:
        return proof.index.child(node, "items")
    return Node(pointer=f"{node.pointer}/items", scope=node.scope, schema=True)


def _lengths(type_: inspect.Type) -> tuple[float, float]:
    match type_:
        case inspect.TupleType(item_types=items):
            return len(items), len(items)
        case inspect.ListType(min_length=least, max_length=most):
            return least or 0, math.inf if most is None else most
        case _:
            return 0, math.inf


def _gap(keyword: str, node: Node, place: Place) -> Unproven:
    return Unproven(keyword=keyword, pointer=node.pointer, reason="not enforced", place=place)
