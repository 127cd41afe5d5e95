"""JSON Schemas of generated models, from the document of their endpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any
from urllib.parse import quote, unquote

from ..validation import json_pointer
from ..validation.references import DEFAULT_BASE_URI, FRAGMENT, LISTS, MAPS, SINGLE, References, Scope

__all__ = ["annotate", "definition_schema"]

PLACES = frozenset({"$schema", "$id", "$anchor", "$dynamicAnchor", "$defs", "definitions"})
"""Keywords that only serve references."""
INTERNAL = frozenset({"x-tag", "patterns"})
"""Keywords for the runtime."""
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
    for token in json_pointer.parse(pointer):
        declared = declared.get(token, {}) if isinstance(declared, dict) else {}
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
    references = References(document, document.get("$id", DEFAULT_BASE_URI))
    try:
        return _Excerpt(references).of(pointer)
    except (LookupError, ValueError):  # a reference whose target depends on the path to it, or that has no target
        reference = f"#{quote(pointer, safe=FRAGMENT)}" if pointer.startswith("/") else pointer
        return {**_public(document), "$ref": reference}


class _Excerpt:
    """Copy of some schemas of a document, in which each target of a reference is a definition with a plain name."""

    def __init__(self, references: References) -> None:
        self._references = references
        self._names: dict[int, str] = {}
        """Names of definitions, by the identity of their schema."""
        self._taken: set[str] = set()
        self._waiting: list[tuple[str, Any, Scope]] = []

    def of(self, pointer: str) -> dict[str, Any]:
        """Return the schema at a pointer or URI, with the definitions that it needs."""
        schema, scope = self._references.at(pointer)
        copy = self._copy(schema, scope)
        definitions: dict[str, Any] = {}
        while self._waiting:
            name, target, inside = self._waiting.pop()
            definitions[name] = self._copy(target, inside)
        named = {name: definitions[name] for name in self._names.values()}
        return {**copy, **({"$defs": named} if named else {})}

    def _copy(self, schema: Any, scope: Scope) -> Any:
        if not isinstance(schema, dict):
            return schema
        if "$dynamicRef" in schema:
            raise LookupError("expected references with one target")
        inside = self._references.enter(schema, scope)
        own = {keyword: value for keyword, value in schema.items() if keyword not in PLACES}
        copy = _copied(own, lambda subschema: self._copy(subschema, inside))
        if "$ref" in schema:
            copy["$ref"] = self._definition(schema["$ref"], inside)
        return copy

    def _definition(self, reference: str, scope: Scope) -> str:
        """Return the reference to the definition for the target of another reference."""
        target, inside = self._references.follow(reference, scope)
        if id(target) not in self._names:
            name = _name(reference)
            names = (f"{name}{number}" if number > 1 else name for number in count(1))
            unique = next(one for one in names if one not in self._taken)
            self._taken.add(unique)
            self._names[id(target)] = unique
            self._waiting.append((unique, target, inside))
        return f"#/$defs/{quote(json_pointer.escape(self._names[id(target)]), safe=FRAGMENT)}"


def _name(reference: str) -> str:
    """Return the last part of a reference: the name of a definition, an anchor, or a file without its extension."""
    address, _, fragment = reference.partition("#")
    pointer = unquote(fragment)
    last = json_pointer.parse(pointer)[-1] if pointer.startswith("/") else pointer
    if not last or "://" in last:
        last = (last or address).rstrip("/").rpartition("/")[2].partition(".")[0]
    return last or "Root"


def _public(schema: Any) -> Any:
    """Return a copy of a schema without internal keywords."""
    return _copied(schema, _public) if isinstance(schema, dict) else schema


def _copied(schema: Mapping[str, Any], copy: Callable[[Any], Any]) -> dict[str, Any]:
    """Return a copy of an object without internal keywords, with copies of its subschemas by ``copy``."""
    copied: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in SINGLE:
            copied[keyword] = copy(value)
        elif keyword in LISTS and isinstance(value, list):
            copied[keyword] = [copy(subschema) for subschema in value]
        elif keyword in MAPS and isinstance(value, dict):
            copied[keyword] = {name: copy(subschema) for name, subschema in value.items()}
        elif keyword not in INTERNAL:
            copied[keyword] = value
    return copied
