"""Keywords of other dialects in the form of JSON Schema, before all other steps."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias
from urllib.parse import unquote

from ..source import json_pointer
from ..source.document import Document, Json
from .drafts import anchor_name
from .metaschema import schemas

__all__ = ["normalized"]

Rule: TypeAlias = Callable[[dict[str, Json]], dict[str, Json] | None]
"""Function that returns a schema in its new form; None if nothing changes."""


def normalized(document: Document, *, nullable: bool) -> Document:
    """Return a document whose schemas contain the equivalent keywords of JSON Schema.

    Args:
        document: Document of any draft.
        nullable: True to read ``nullable`` as OpenAPI 3.0 defines it.
    """
    found = dict(schemas(document))
    rules: list[Rule] = [_with_null] if nullable else []
    if not document.is_endpoint and not any("$schema" in schema for schema in found.values()):
        rules.append(_with_anchor)
    for rule in rules:
        pointers = [pointer for pointer, schema in found.items() if rule(schema) is not None]
        if pointers:
            document = replace(document, root=copy.deepcopy(document.root))
            for pointer in pointers:
                schema = json_pointer.resolve(document.root, pointer)
                changed = rule(schema)
                schema.clear()
                schema |= changed or {}
            found = dict(schemas(document))
    return document


def _with_null(schema: dict[str, Json]) -> dict[str, Json] | None:
    """Return a schema that accepts null if OpenAPI 3.0.3 does: ``nullable`` adds null to the ``type`` beside it.

    Other keywords remain, such as an ``enum`` without null, and then null is invalid.
    """
    types = schema.get("type")
    if schema.get("nullable") is not True or "$ref" in schema:
        return None
    listed = [types] if isinstance(types, str) else types
    if not isinstance(listed, list) or not listed or "null" in listed:
        return None
    return {**schema, "type": [*listed, "null"]}


def _with_anchor(schema: dict[str, Json]) -> dict[str, Json] | None:
    """Return a schema with ``$anchor`` in place of a fragment as ``$id``, the form of anchors in draft-06 and 07."""
    identifier = schema.get("$id")
    if not isinstance(identifier, str) or not identifier.startswith("#"):
        return None
    name = unquote(identifier[1:])
    rest = {keyword: value for keyword, value in schema.items() if keyword != "$id"}
    return {"$anchor": anchor_name(name), **rest} if name and not name.startswith("/") else rest
