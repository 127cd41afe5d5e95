"""Keywords of JSON Schema 2020-12, and a walk through their subschemas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urldefrag, urljoin

from ..source import json_pointer
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

VALUES = frozenset({"const", "default", "enum", "examples"})
"""Keywords with values that are never schemas."""

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
    }
)
"""Keywords for readers and tools, without effect on validation."""

NON_VALIDATING = ANNOTATIONS | {"$anchor", "$defs", "$dynamicAnchor", "$id", "$schema", "$vocabulary", "definitions"}
"""Keywords that reject no value."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Object found by a walk."""

    pointer: str
    schema: dict[str, Json]
    base: str
    """URI of its schema resource."""
    is_schema: bool
    """True where JSON Schema defines a subschema, so that ``$id`` and anchors apply."""


def resolve_reference(base: str, reference: str) -> tuple[str, str]:
    """Return the absolute URI and the fragment of a reference."""
    if reference.startswith("#"):
        return base, unquote(reference[1:])
    uri, fragment = urldefrag(urljoin(base, reference))
    return uri, unquote(fragment)


def walk(schema: Json, base: str, pointer: str = "", *, is_schema: bool = True) -> Iterator[Visit]:
    """Yield every object that a reference may reach as a schema, also inside unknown keywords."""
    if isinstance(schema, list):
        for position, member in enumerate(schema):
            yield from walk(member, base, f"{pointer}/{position}", is_schema=is_schema)
        return
    if not isinstance(schema, dict):
        return
    own = schema.get("$id")
    if is_schema and isinstance(own, str):
        base = resolve_reference(base, own)[0]
    yield Visit(pointer=pointer, schema=schema, base=base, is_schema=is_schema)
    for keyword, value in schema.items():
        child = json_pointer.join(pointer, keyword)
        if keyword in MAPS and isinstance(value, dict):
            for name, member in value.items():
                yield from walk(member, base, json_pointer.join(child, name), is_schema=is_schema)
        elif keyword not in VALUES:
            yield from walk(value, base, child, is_schema=is_schema and (keyword in SINGLE or keyword in LISTS))
