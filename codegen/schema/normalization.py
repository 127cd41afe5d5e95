"""Keywords of other dialects in the form of JSON Schema, before all other steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeAlias
from urllib.parse import unquote

from ..source import json_pointer
from ..source.document import Document, Json, copy_json
from .drafts import Draft, anchor_name, draft_of, with_numeric_bounds
from .metaschema import schemas

__all__ = ["normalized", "with_null"]

Rule: TypeAlias = Callable[[dict[str, Json]], dict[str, Json] | None]
"""Function that returns a schema in its new form; None if nothing changes."""


NULL: Json = {"type": "null"}

MOVES = {"/allOf/0": "/anyOf/0", "/oneOf": "/anyOf/0/oneOf"}
"""New pointers to the schemas that null becomes an alternative of, by the old ones."""


def normalized(document: Document, *, nullable: bool) -> Document:
    """Return a document whose schemas contain the equivalent keywords of JSON Schema.

    Args:
        document: Document of any draft.
        nullable: True to read all documents as those of OpenAPI 3.0.
    """
    found = dict(schemas(document))
    rules: list[Rule] = []
    if nullable or _is_openapi(document.root):
        rules.append(with_null)
        if not any(draft_of(schema) is Draft.DRAFT4 for schema in found.values()):
            rules.append(_with_bounds)
    if not document.is_endpoint and not any("$schema" in schema for schema in found.values()):
        rules.append(_with_anchor)
    for rule in rules:
        pointers = [pointer for pointer, schema in found.items() if rule(schema) is not None]
        if pointers:
            moves = {
                pointer + new: pointer + old
                for pointer in pointers
                for old, new in MOVES.items()
                if old.split("/")[1] in found[pointer] and old.split("/")[1] not in (rule(found[pointer]) or {})
            }
            original_pointer = partial(_original_pointer, document, moves)
            root = copy_json(document.root)
            document = replace(
                document, root=root, moves={**document.moves, **moves}, original_pointer=original_pointer
            )
            for pointer in sorted(pointers, key=len, reverse=True):  # each schema after its parts, which may move
                schema = json_pointer.resolve(document.root, pointer)
                changed = rule(schema)
                schema.clear()
                schema |= changed or {}
            found = dict(schemas(document))
    return document


def _is_openapi(root: Json) -> bool:
    """Return True for a file of Swagger 2.0 or OpenAPI 3.0, whose schemas differ from JSON Schema."""
    versions = {keyword: str(root.get(keyword)) for keyword in ("openapi", "swagger")} if isinstance(root, dict) else {}
    return versions.get("openapi", "").startswith("3.0") or versions.get("swagger", "").startswith("2.0")


def _original_pointer(document: Document, moves: Mapping[str, str], pointer: str) -> str:
    return document.original_pointer(json_pointer.with_outer_moves(pointer, moves))


def with_null(schema: dict[str, Json]) -> dict[str, Json] | None:
    """Return a schema whose ``type`` and combined schemas accept null; None if nothing changes.

    OpenAPI 3.0.3 requires a ``type`` beside ``nullable``; generators also write it beside a reference in ``allOf``, and
    beside ``anyOf`` and ``oneOf``. Other keywords remain, such as an ``enum`` without null, and then null is invalid.
    """
    if schema.get("nullable") is not True or "$ref" in schema:
        return None
    changed = _with_null_as_alternative(_with_null_as_type(schema))
    return None if changed == schema else changed


def _with_null_as_type(schema: dict[str, Json]) -> dict[str, Json]:
    types = schema.get("type")
    listed = [types] if isinstance(types, str) else types
    if not isinstance(listed, list) or not listed or "null" in listed:
        return schema
    return {**schema, "type": [*listed, "null"]}


def _with_null_as_alternative(schema: dict[str, Json]) -> dict[str, Json]:
    match schema:
        case {"anyOf": [_, *_] as alternatives, **others} if not others.keys() & {"allOf", "oneOf"}:
            pass
        case {"oneOf": list(), **others} if not others.keys() & {"allOf", "anyOf"}:
            parts = {keyword: others.pop(keyword) for keyword in ("discriminator",) if keyword in others}
            alternatives = [{"oneOf": schema["oneOf"], **parts}]
        case {"allOf": [{"$ref": str()}], **others} if not others.keys() & {"anyOf", "oneOf"}:
            alternatives = schema["allOf"]
        case _:
            return schema
    return schema if NULL in alternatives else {**others, "anyOf": [*alternatives, NULL]}


def _with_bounds(schema: dict[str, Json]) -> dict[str, Json] | None:
    """Return a schema with numbers as exclusive bounds; None if nothing changes."""
    changed = with_numeric_bounds(schema)
    return None if changed == schema else changed


def _with_anchor(schema: dict[str, Json]) -> dict[str, Json] | None:
    """Return a schema with ``$anchor`` in place of a fragment as ``$id``, the form of anchors in draft-06 and 07."""
    identifier = schema.get("$id")
    if not isinstance(identifier, str) or not identifier.startswith("#"):
        return None
    name = unquote(identifier[1:])
    rest = {keyword: value for keyword, value in schema.items() if keyword != "$id"}
    return {"$anchor": anchor_name(name), **rest} if name and not name.startswith("/") else rest
