"""Messages and schemas for the validation benchmark."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["ADDITIONAL", "LARGE", "MANY", "POST", "RECORDS", "SAY", "SCHEMAS", "SMALL", "raw"]

TEXT = {"type": "string", "maxLength": 2000}
SAY = {
    "type": "object",
    "properties": {"room": {"type": "string", "minLength": 1, "maxLength": 40}, "text": TEXT, "n": {"type": "integer"}},
    "required": ["room", "text", "n"],
    "additionalProperties": False,
}
POST = {
    "type": "object",
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "author": {
            "type": "object",
            "properties": {
                "name": {"type": "string", "minLength": 1, "maxLength": 60},
                "mail": {"type": "string", "maxLength": 80},
                "admin": {"type": "boolean"},
            },
            "required": ["name", "mail", "admin"],
            "additionalProperties": False,
        },
        "title": {"type": "string", "minLength": 1, "maxLength": 120},
        "body": TEXT,
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 30}, "maxItems": 20},
        "attachments": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "href": {"type": "string", "maxLength": 200},
                    "size": {"type": "integer", "minimum": 0},
                    "kind": {"enum": ["image", "text", "other"]},
                },
                "required": ["href", "size", "kind"],
                "additionalProperties": False,
            },
            "maxItems": 10,
        },
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "draft": {"type": "boolean"},
        "reply": {"type": ["integer", "null"]},
    },
    "required": ["id", "author", "title", "body", "tags", "attachments", "score", "draft", "reply"],
    "additionalProperties": False,
}


def with_field(schema: dict[str, Any], name: str, **keywords: Any) -> dict[str, Any]:
    """Return a schema with additional keywords for one property."""
    properties = schema["properties"]
    return schema | {"properties": properties | {name: properties[name] | keywords}}


def closed(schema: dict[str, Any], name: str, other: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that permits the properties of two alternatives and no others."""
    alternatives = [{"required": [name]}, other]
    rest = {keyword: value for keyword, value in schema.items() if keyword != "additionalProperties"}
    return rest | {"anyOf": alternatives, "unevaluatedProperties": False}


def implied(schema: dict[str, Any], name: str, condition: dict[str, Any], text: str) -> dict[str, Any]:
    """Return a schema that requires a non-empty string if a property matches a schema."""
    return schema | {"if": {"properties": {name: condition}}, "then": {"properties": {text: {"minLength": 1}}}}


KEY = {"required": ["key"], "properties": {"key": True}}
"""Alternative with one additional property."""
MORE = {"patternProperties": {"^x-": {"type": "string"}}}
"""Alternative with pattern properties, which no type can declare."""
SCHEMAS: dict[str, dict[str, Any]] = {
    "say": SAY,
    "post": POST,
    "say_field": with_field(SAY, "room", pattern="^[a-z]+$"),
    "post_field": with_field(POST, "tags", uniqueItems=True),
    "post_part": with_field(POST, "attachments", uniqueItems=True),
    "say_rule": SAY | {"not": {"properties": {"room": {"const": "attic"}}}},
    "post_rule": POST | {"not": {"properties": {"title": {"const": "x"}, "draft": {"const": False}}}},
    "say_additional": SAY | {"additionalProperties": {"type": "string"}},
    "post_additional": POST | {"additionalProperties": {"type": "string"}},
    "post_nested": implied(POST, "author", {"properties": {"admin": {"const": False}}}, "body"),
    "say_closed": closed(SAY, "n", KEY),
    "post_closed": closed(POST, "id", KEY),
    "say_pattern": closed(SAY, "n", MORE),
    "post_pattern": closed(POST, "id", MORE),
    "many": {"type": "array", "items": {"type": "integer"}},
    "records": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"id": {"type": "integer"}, "name": {"type": "string", "maxLength": 40}},
            "required": ["id", "name"],
            "additionalProperties": False,
        },
    },
}
SMALL = {"room": "lobby", "text": "hello, all of you", "n": 12}
LARGE = {
    "id": 4711,
    "author": {"name": "Ada Lovelace", "mail": "ada@example.org", "admin": False},
    "title": "Notes on the Analytical Engine",
    "body": "The Analytical Engine weaves algebraic patterns just as the Jacquard loom weaves flowers and leaves. " * 4,
    "tags": ["engines", "notes", "mathematics", "history"],
    "attachments": [
        {"href": f"https://example.org/files/{name}", "size": size, "kind": kind}
        for name, size, kind in (
            ("plate-1.png", 48213, "image"),
            ("table.txt", 1290, "text"),
            ("cards.bin", 7, "other"),
        )
    ],
    "score": 0.875,
    "draft": False,
    "reply": None,
}
ADDITIONAL = {"x-trace": "4bf92f3577b34da6"}
"""Property that no schema declares."""
MANY = ["x"] * 100_000
"""Array for the schema ``many``, in which every item is invalid."""
RECORDS: list[dict[str, Any]] = [*({"id": at, "name": "Ada"} for at in range(99_999)), {"id": "x", "name": "Ada"}]
"""Array for the schema ``records``, in which only the last item is invalid."""


def raw(name: str, data: object) -> bytes:
    """Return the JSON text of a frame."""
    return json.dumps({"type": name, "data": data}, separators=(",", ":")).encode()
