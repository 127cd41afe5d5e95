"""JSON Schemas of generated models, from the document of their endpoint."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["annotate", "definition_schema"]

LOCAL = re.compile("#/[$]defs/([A-Za-z0-9_.-]+)")
"""Reference that means the same in a document with only some of the definitions."""
SCOPED = frozenset({"$id", "$anchor", "$dynamicAnchor", "$dynamicRef"})
"""Keywords with a meaning that depends on the whole document."""


ANNOTATIONS = ("title", "description", "examples", "deprecated", "readOnly", "writeOnly")
"""Keywords that describe values for readers."""


def annotate(schema: dict[str, Any], document: Mapping[str, Any], pointer: str, *, is_own: bool = True) -> None:
    """Add the annotations of a definition, and of its properties, to another JSON Schema of the same objects.

    Args:
        schema: JSON Schema of a class, which changes.
        document: JSON Schema (2020-12) of an endpoint.
        pointer: JSON Pointer to the definition in the document. A URI refers to no annotations.
        is_own: True if the annotations of the definition itself describe the class.
    """
    declared: Any = document
    for token in pointer.split("/")[1:]:
        declared = declared.get(token.replace("~1", "/").replace("~0", "~"), {}) if isinstance(declared, dict) else {}
    if is_own:
        _copy(declared, schema)
    for name, described in declared.get("properties", {}).items():
        if isinstance(target := schema.get("properties", {}).get(name), dict):
            _copy(described, target)


def _copy(declared: Any, schema: dict[str, Any]) -> None:
    if isinstance(declared, dict):
        schema.update({keyword: declared[keyword] for keyword in ANNOTATIONS if keyword in declared})


def definition_schema(document: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    """Return a JSON Schema document that accepts the values of one definition.

    Args:
        document: JSON Schema (2020-12) of an endpoint.
        pointer: JSON Pointer to a definition, such as ``/$defs/Line``, or its URI.
    """
    definitions: Mapping[str, Any] = document.get("$defs", {})
    own, reference = LOCAL.fullmatch(f"#{pointer}"), f"#{pointer}" if pointer.startswith("/") else pointer
    if own is None or not isinstance(schema := definitions.get(own[1]), dict):
        return {**document, "$ref": reference}
    reachable: dict[str, Any] = {}
    queue = [schema]
    while queue:
        for keyword, value in _members(queue.pop()):
            name = LOCAL.fullmatch(value) if keyword == "$ref" and isinstance(value, str) else None
            if (keyword in SCOPED and isinstance(value, str)) or (keyword == "$ref" and name is None):
                return {**document, "$ref": reference}
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
