"""Pointers to the same schema before and after the upgrade of a document to 2020-12."""

from __future__ import annotations

from collections.abc import Container, Mapping

from ..source import json_pointer
from ..source.document import Json
from .drafts import LISTS, MAPS, SINGLE, Draft, draft_of

__all__ = ["original_pointer", "upgraded_pointer"]


def upgraded_pointer(root: Json, pointer: str) -> str:
    """Return the pointer after the upgrade of a document to the schema at ``pointer`` in ``root``, before it."""
    tokens, found, schema, draft = json_pointer.parse(pointer), "", root, Draft.DRAFT202012
    while tokens and isinstance(schema, dict):
        draft = draft_of(schema, draft) or draft
        keyword, value = tokens[0], schema.get(tokens[0])
        is_container = isinstance(value, list) if keyword in LISTS else keyword in MAPS
        if not is_container and keyword not in SINGLE:
            break
        name = tokens[1:2] if is_container else []
        found = json_pointer.join(found, _upgraded_keyword(schema, keyword), *name)
        if name and draft >= Draft.DRAFT201909:
            found += _upgraded_dependency(schema, keyword, name[0])
        schema = _member(value, name[0]) if name else value
        tokens = tokens[1 + len(name) :]
    return json_pointer.join(found, *tokens)


def _upgraded_keyword(schema: Mapping[str, Json], keyword: str) -> str:
    has_list = isinstance(schema.get("items"), list)
    moved = {"items": "prefixItems", "additionalItems": "items"} if has_list else {}
    return {**moved, "dependencies": "dependentSchemas"}.get(keyword, keyword)


def _upgraded_dependency(schema: Mapping[str, Json], keyword: str, name: str) -> str:
    """Return the place of a schema of a property in the union of its two schemas; empty if it is the only one."""
    ways = ("dependentSchemas", "dependencies")
    both = keyword in ways and all(isinstance(_member(schema.get(way), name), dict | bool) for way in ways)
    return f"/allOf/{ways.index(keyword)}" if both else ""


def _member(value: Json, name: str) -> Json:
    """Return a member of an object or array; None if it does not exist."""
    try:
        return json_pointer.resolve(value, json_pointer.join("", name))
    except LookupError:
        return None


_OLDER_NAMES = {
    "$anchor": ("$id", "id"),
    "$dynamicAnchor": ("$recursiveAnchor",),
    "$dynamicRef": ("$recursiveRef",),
    "$id": ("id",),
    "dependentRequired": ("dependencies",),
    "dependentSchemas": ("dependencies",),
    "prefixItems": ("items",),
}
"""Older names of the keywords that the upgrade writes."""


def original_pointer(pointer: str, pointers: Container[str]) -> str:
    """Return the pointer in the original document for ``pointer`` in the upgraded one.

    Args:
        pointer: Pointer in the upgraded document.
        pointers: All pointers of the original document.
    """
    original = ""
    for token in json_pointer.parse(pointer):
        has_array = token == "items" and f"{original}/items/0" in pointers
        older = ("additionalItems",) if has_array else _OLDER_NAMES.get(token, ())
        names = (*older, token) if token == "items" else (token, *older)
        candidates = [json_pointer.join(original, name) for name in names]
        original = next(
            (candidate for candidate in candidates if candidate in pointers), json_pointer.join(original, token)
        )
    return original
