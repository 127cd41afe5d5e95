"""The keywords of JSON Schema 2020-12 under which schemas stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urldefrag, urljoin

from ..source import json_pointer
from ..source.document import Json

__all__ = ["ANNOTATIONS", "DIALECT", "NAMED", "REFERENCES", "REMARKS", "VALUES", "Visit", "join", "walk"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

REFERENCES = ("$ref", "$dynamicRef")

ONE = (
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
MANY = ("allOf", "anyOf", "oneOf", "prefixItems")
NAMED = ("$defs", "definitions", "dependentSchemas", "patternProperties", "properties")
"""Of these, ``definitions`` is that of older drafts; 2020-12 still reserves it."""

VALUES = frozenset({"const", "default", "enum", "examples"})
"""Keywords whose values are never schemas, whatever they look like."""

REMARKS = frozenset(
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
"""Keywords that tell readers something."""

ANNOTATIONS = REMARKS | {"$anchor", "$defs", "$dynamicAnchor", "$id", "$schema", "$vocabulary", "definitions"}
"""Keywords that refuse nothing."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A schema on a walk."""

    pointer: str
    schema: dict[str, Json]
    base: str
    """The address of the schema resource that it belongs to."""
    known: bool
    """Whether it stands where JSON Schema expects a schema, so that its ``$id`` and anchors count."""


def join(base: str, reference: str) -> tuple[str, str]:
    """Return the address and the fragment of a reference."""
    if reference.startswith("#"):
        return base, unquote(reference[1:])
    uri, fragment = urldefrag(urljoin(base, reference))
    return uri, unquote(fragment)


def walk(schema: Json, base: str, pointer: str = "", *, known: bool = True) -> Iterator[Visit]:
    """Visit every object that a reference could reach as a schema, also below keywords that nobody knows."""
    if isinstance(schema, list):
        for at, member in enumerate(schema):
            yield from walk(member, base, f"{pointer}/{at}", known=known)
        return
    if not isinstance(schema, dict):
        return
    own = schema.get("$id")
    if known and isinstance(own, str):
        base = join(base, own)[0]
    yield Visit(pointer=pointer, schema=schema, base=base, known=known)
    for keyword, value in schema.items():
        below = json_pointer.join(pointer, keyword)
        if keyword in NAMED and isinstance(value, dict):
            for name, member in value.items():
                yield from walk(member, base, json_pointer.join(below, name), known=known)
        elif keyword not in VALUES:
            yield from walk(value, base, below, known=known and (keyword in ONE or keyword in MANY))
