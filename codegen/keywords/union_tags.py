"""Tags of unions in schemas: properties that select the only alternative that can be valid."""

from __future__ import annotations

from .. import model
from ..source.document import Json
from .conjunction import conjoin
from .schema_index import SchemaIndex, SchemaNode
from .vocabulary import walk

__all__ = ["TAG_KEYWORD", "add_tag_keywords", "find_tag", "declared_tag"]

UNIONS = ("anyOf", "oneOf")
TAG_KEYWORD = "x-tag"
"""Keyword next to a union with a tag; see :func:`add_tag_keywords`."""


def find_tag(index: SchemaIndex, node: SchemaNode, keyword: str) -> model.Tag | None:
    """Return the tag of the union ``keyword``; None if it has none.

    All alternatives accept only objects and require the property, each with a different string. So the property alone
    determines which alternative can be valid.
    """
    objects = node.keywords.get("type") == "object"
    found = [_string_constants(index, alternative, objects=objects) for alternative in index.children(node, keyword)]
    if len(found) < 2:
        return None
    for name in found[0]:
        values = tuple(constants[name] for constants in found if name in constants)
        if len(values) == len(found) == len(set(values)):
            return model.Tag(name=name, values=values)
    return None


def add_tag_keywords(root: dict[str, Json]) -> None:
    """Add the keyword ``x-tag`` to the unions of a bundle that have a tag; the runtime reads it."""
    visits = [visit for visit in walk(root, root["$id"]) if visit.is_schema]
    for visit in visits:
        visit.schema.pop(TAG_KEYWORD, None)  # an author cannot set it
    index = SchemaIndex(root)
    for visit in visits:
        for keyword in UNIONS:
            if isinstance(visit.schema.get(keyword), list):
                tag = find_tag(index, index.node(visit.pointer), keyword)
                if tag is not None:
                    visit.schema[TAG_KEYWORD] = {"keyword": keyword, "name": tag.name, "values": list(tag.values)}


def declared_tag(node: SchemaNode, keyword: str) -> model.Tag | None:
    """Return the tag of the union ``keyword`` from its ``x-tag``; None if it has none."""
    tag = node.keywords.get(TAG_KEYWORD, {})
    return model.Tag(name=tag["name"], values=tuple(tag["values"])) if tag.get("keyword") == keyword else None


def _string_constants(index: SchemaIndex, alternative: SchemaNode, *, objects: bool) -> dict[str, str]:
    """Return the properties that an alternative requires to be a certain string, by name.

    Args:
        index: Index of the bundle.
        alternative: Schema of the alternative.
        objects: True if the schema around the union accepts only objects.
    """
    conjunction = conjoin(index, (alternative,))
    types = conjunction.types
    if conjunction.rejects_all or (types != ["object"] and not (objects and types is None)):
        return {}
    required = {name for _, names in conjunction.occurrences("required") for name in names}
    found: dict[str, str] = {}
    for node, properties in conjunction.occurrences("properties"):
        for name in properties:
            value_schemas = conjoin(index, (index.child(node, "properties", name),))
            lists = [[value] for _, value in value_schemas.occurrences("const")]
            lists += [values for _, values in value_schemas.occurrences("enum")]
            match next((values for values in lists if len(values) == 1), None):
                case [str() as value] if name in required:
                    found.setdefault(name, value)
    return found
