"""Finds the properties of an object that refuses whatever none of its alternatives looks at."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from .conjunction import Conjunction, view
from .discriminators import tag
from .schema_index import Index, Node

__all__ = ["sealed"]

Chosen = Collection[tuple[str, str]]
"""Unions of which one alternative is among the schemas already, by pointer and keyword."""

OPENING = ("$dynamicRef", "patternProperties")
"""Keywords that look at properties of which nobody knows the names beforehand."""
OTHERS = ("additionalProperties", "unevaluatedProperties")
"""Keywords that look at all others; as long as they refuse them, that adds no names."""
ONE = ("if", "then", "else")
MANY = ("anyOf", "oneOf")


def sealed(index: Index, seen: Conjunction, chosen: Chosen) -> Mapping[str, tuple[Node, ...]] | None:
    """Return the properties that only alternatives state, and what these say of them; None if there may be others.

    A property that no alternative in force states is refused, so that what one of them says holds of each.

    Args:
        index: of the bundle.
        seen: all that must hold.
        chosen: what is not an alternative any more.
    """
    if not any(value is False for _, value in seen.each("unevaluatedProperties")):
        return None
    stated: dict[str, dict[Node, None]] = {}
    known = set(seen.nodes)
    waiting = list(seen.nodes)
    while waiting:
        node = waiting.pop(0)
        if any(keyword in node.keywords for keyword in OPENING) or any(
            node.keywords.get(keyword, False) is not False for keyword in OTHERS
        ):
            return None
        if node not in seen.nodes:
            for name in node.keywords.get("properties", ()):
                stated.setdefault(name, {})[index.child(node, "properties", name)] = None
        found = view(index, tuple(_alternatives(index, node, chosen))).nodes
        waiting += [below for below in found if below not in known]
        known.update(found)
    return {name: tuple(nodes) for name, nodes in stated.items()}


def _alternatives(index: Index, node: Node, chosen: Chosen) -> Iterator[Node]:
    """Yield the schemas of the same value that need not hold."""
    for keyword in MANY:
        exclusive = (node.pointer, keyword) in chosen and (keyword == "oneOf" or tag(index, node, keyword) is not None)
        if not exclusive:
            yield from index.children(node, keyword)
    if "if" in node.keywords:
        yield from (index.child(node, keyword) for keyword in ONE if keyword in node.keywords)
    yield from (index.child(node, "dependentSchemas", name) for name in node.keywords.get("dependentSchemas", ()))
