"""Keywords of JSON Schema 2020-12, and a walk through their subschemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..source import json_pointer, uri
from ..source.document import Json

__all__ = ["ANNOTATIONS", "DIALECT", "NON_VALIDATING", "REFERENCES", "Visit", "resolve_reference", "walk"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

REFERENCES = ("$ref", "$dynamicRef")

SINGLE = (
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
)
LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
MAPS = ("$defs", "definitions", "dependentSchemas", "patternProperties", "properties")
"""Keywords with an object of subschemas. ``definitions`` is from older drafts; 2020-12 still reserves it."""
_APPLICATORS = frozenset({*SINGLE, *LISTS, *MAPS})

ANNOTATIONS = frozenset(
    {
        "$comment",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
        "default",
        "deprecated",
        "description",
        "examples",
        "readOnly",
        "title",
        "writeOnly",
        "x-python",
    }
)
"""Keywords for readers and tools, without effect on validation."""

NON_VALIDATING = ANNOTATIONS | {"$anchor", "$defs", "$dynamicAnchor", "$id", "$schema", "$vocabulary", "definitions"}
"""Keywords that reject no value."""


class Visit(NamedTuple):
    """Schema found by a walk."""

    pointer: str
    schema: dict[str, Json]
    base: str
    """URI of its schema resource."""


def resolve_reference(base: str, reference: str) -> tuple[str, str]:
    """Return the absolute URI and the fragment of a reference."""
    return uri.resolve(base, reference), uri.fragment_of(reference)


def walk(schema: Json, base: str, pointer: str = "") -> Iterator[Visit]:
    """Yield a schema and all its subschemas that are objects, each one before its parts."""
    stack = [(schema, base, pointer)] if isinstance(schema, dict) else []
    while stack:
        schema, base, pointer = stack.pop()
        own = schema.get("$id")
        if isinstance(own, str):
            base = resolve_reference(base, own)[0]
        yield Visit(pointer, schema, base)
        if not _APPLICATORS.isdisjoint(schema):
            parts = [(part, base, f"{pointer}/{path}") for path, part in _parts(schema) if isinstance(part, dict)]
            parts.reverse()
            stack += parts


def _parts(schema: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    """Yield the subschemas directly in a schema, by relative pointer."""
    for keyword in schema:
        if keyword not in _APPLICATORS:
            continue
        value = schema[keyword]
        if keyword in SINGLE:
            yield keyword, value
        elif keyword in MAPS and isinstance(value, dict):
            for name, member in value.items():
                yield f"{keyword}/{json_pointer.escape(name)}", member
        elif keyword in LISTS and isinstance(value, list):
            for position, member in enumerate(value):
                yield f"{keyword}/{position}", member
