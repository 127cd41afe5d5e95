"""JSON Schemas of generated models, from the document of their endpoint."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["definition_schema"]

LOCAL = re.compile("#/[$]defs/([A-Za-z0-9_.-]+)")
"""Reference that means the same in a document with only some of the definitions."""
SCOPED = frozenset({"$id", "$anchor", "$dynamicAnchor", "$dynamicRef"})
"""Keywords with a meaning that depends on the whole document."""


def definition_schema(document: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    """Return a JSON Schema document that accepts the values of one definition.

    Args:
        document: JSON Schema (2020-12) of an endpoint.
        pointer: JSON Pointer to a definition, such as ``/$defs/Line``.
    """
    definitions: Mapping[str, Any] = document.get("$defs", {})
    own = LOCAL.fullmatch(f"#{pointer}")
    if own is None or not isinstance(schema := definitions.get(own[1]), dict):
        return {**document, "$ref": f"#{pointer}"}
    reachable: dict[str, Any] = {}
    queue = [schema]
    while queue:
        for keyword, value in _members(queue.pop()):
            name = LOCAL.fullmatch(value) if keyword == "$ref" and isinstance(value, str) else None
            if (keyword in SCOPED and isinstance(value, str)) or (keyword == "$ref" and name is None):
                return {**document, "$ref": f"#{pointer}"}
            if name is not None and name[1] not in reachable:
                reachable[name[1]] = definitions[name[1]]
                queue.append(definitions[name[1]])
    parts = {"$defs": {name: definitions[name] for name in definitions if name in reachable}} if reachable else {}
    return {**schema, **parts}


def _members(value: Any) -> Iterator[tuple[str, Any]]:  # a JSON value
    """Yield the names and values of all objects inside a JSON value."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            yield from item.items()
            stack += item.values()
        elif isinstance(item, list):
            stack += item
