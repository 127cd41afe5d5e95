"""Properties of objects that ``unevaluatedProperties`` closes, from all alternatives that evaluate them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from .conjunction import Conjunction, conjoin
from .schema_index import SchemaIndex, SchemaNode
from .union_tags import declared_tag

__all__ = ["closed_properties"]

Chosen = Collection[tuple[str, str]]
"""Unions that are represented by one of their alternatives, by pointer and keyword."""

OPEN = ("$dynamicRef", "patternProperties")
"""Keywords that may evaluate properties with unknown names."""
REMAINING = ("additionalProperties", "unevaluatedProperties")
"""Keywords that evaluate all other properties; they add no names while they reject them."""
CONDITIONAL = ("if", "then", "else")
UNIONS = ("anyOf", "oneOf")


def closed_properties(
    index: SchemaIndex, conjunction: Conjunction, chosen: Chosen
) -> Mapping[str, tuple[SchemaNode, ...]] | None:
    """Return the properties that only alternatives declare, with their schemas; None if there may be others.

    ``unevaluatedProperties`` rejects a property unless a valid alternative declares it. So in a valid object, each
    property is valid for at least one of its schemas.

    Args:
        index: Index of the bundle.
        conjunction: All schemas that apply to the object.
        chosen: Unions to ignore, since ``conjunction`` contains one of their alternatives.
    """
    if not any(value is False for _, value in conjunction.occurrences("unevaluatedProperties")):
        return None
    declared: dict[str, dict[SchemaNode, None]] = {}
    known = set(conjunction.nodes)
    queue = list(conjunction.nodes)
    while queue:
        node = queue.pop(0)
        if any(keyword in node.keywords for keyword in OPEN) or any(
            node.keywords.get(keyword, False) is not False for keyword in REMAINING
        ):
            return None
        if node not in conjunction.nodes:
            for name in node.keywords.get("properties", ()):
                declared.setdefault(name, {})[index.child(node, "properties", name)] = None
        found = conjoin(index, tuple(_alternatives(index, node, chosen))).nodes
        queue += [other for other in found if other not in known]
        known.update(found)
    return {name: tuple(nodes) for name, nodes in declared.items()}


def _alternatives(index: SchemaIndex, node: SchemaNode, chosen: Chosen) -> Iterator[SchemaNode]:
    """Yield the subschemas of the same value that may be invalid in a valid value."""
    for keyword in UNIONS:
        exclusive = (node.pointer, keyword) in chosen and (
            keyword == "oneOf" or declared_tag(node, keyword) is not None
        )
        if not exclusive:
            yield from index.children(node, keyword)
    if "if" in node.keywords:
        yield from (index.child(node, keyword) for keyword in CONDITIONAL if keyword in node.keywords)
    yield from (index.child(node, "dependentSchemas", name) for name in node.keywords.get("dependentSchemas", ()))
