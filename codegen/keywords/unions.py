"""Finds the property that tells the members of a union from each other."""

from __future__ import annotations

from .. import model
from .index import Index, Node
from .views import view

__all__ = ["tag"]


def tag(index: Index, node: Node, keyword: str) -> model.Tag | None:
    """Return what tells the alternatives of ``node`` apart; None if nothing does.

    Every alternative admits objects only, requires the property, and admits one string for it that no other does. So
    the property alone decides which alternative can hold.
    """
    alternatives = [index.child(node, keyword, at) for at in range(len(node.keywords[keyword]))]
    objects = node.keywords.get("type") == "object"
    found = [_constants(index, alternative, objects) for alternative in alternatives]
    if len(found) < 2:
        return None
    for name in found[0]:
        values = tuple(constants[name] for constants in found if name in constants)
        if len(values) == len(found) == len(set(values)):
            return model.Tag(name=name, values=values)
    return None


def _constants(index: Index, alternative: Node, objects: bool) -> dict[str, str]:
    """Return the properties that an alternative requires to be one certain string."""
    seen = view(index, (alternative,))
    if seen.never or (seen.kinds != ["object"] and not (objects and seen.kinds is None)):
        return {}
    required = {name for _, names in seen.each("required") for name in names}
    found: dict[str, str] = {}
    for node, properties in seen.each("properties"):
        for name in properties:
            below = view(index, (index.child(node, "properties", name),))
            listed = [[value] for _, value in below.each("const")] + [values for _, values in below.each("enum")]
            match next((values for values in listed if len(values) == 1), None):
                case [str() as value] if name in required:
                    found.setdefault(name, value)
    return found
