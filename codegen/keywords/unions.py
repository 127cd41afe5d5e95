"""Finds the property that tells the members of a union from each other."""

from __future__ import annotations

from .. import model
from ..document import Json
from .index import Index, Node
from .views import view
from .vocabulary import walk

__all__ = ["MARK", "mark", "marked", "tag"]

UNIONS = ("anyOf", "oneOf")
MARK = "x-tag"
"""Stands beside a union that has a tag; see :func:`mark`."""


def tag(index: Index, node: Node, keyword: str) -> model.Tag | None:
    """Return what tells the alternatives of ``node`` apart; None if nothing does.

    Every alternative admits objects only, or the schema itself does; each requires the property, and admits one string
    for it that no other does. So the property alone decides which alternative can hold.
    """
    objects = node.keywords.get("type") == "object"
    found = [_constants(index, alternative, objects=objects) for alternative in index.children(node, keyword)]
    if len(found) < 2:
        return None
    for name in found[0]:
        values = tuple(constants[name] for constants in found if name in constants)
        if len(values) == len(found) == len(set(values)):
            return model.Tag(name=name, values=values)
    return None


def mark(root: dict[str, Json]) -> None:
    """Note in a bundle which unions have a tag, for the judge to read: ``x-tag`` beside the union."""
    visits = [visit for visit in walk(root, root["$id"]) if visit.known]
    for visit in visits:
        visit.schema.pop(MARK, None)  # it is ours alone
    index = Index(root)
    for visit in visits:
        for keyword in UNIONS:
            found = (
                tag(index, index.node(visit.pointer), keyword) if isinstance(visit.schema.get(keyword), list) else None
            )
            if found is not None:
                visit.schema[MARK] = {"keyword": keyword, "name": found.name, "values": list(found.values)}


def marked(node: Node, keyword: str) -> model.Tag | None:
    """Return the tag that has been noted for a union."""
    noted = node.keywords.get(MARK, {})
    return model.Tag(name=noted["name"], values=tuple(noted["values"])) if noted.get("keyword") == keyword else None


def _constants(index: Index, alternative: Node, *, objects: bool) -> dict[str, str]:
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
