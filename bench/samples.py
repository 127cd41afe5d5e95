"""What is validated in the benchmarks: a small message and a large one, and schemas that are harder to check."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["LARGE", "MANY", "OTHER", "POST", "RECORDS", "SAY", "SCHEMAS", "SMALL", "raw"]

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


def with_field(schema: dict[str, Any], name: str, **limits: Any) -> dict[str, Any]:
    """Return a schema with more limits for one field."""
    properties = schema["properties"]
    return schema | {"properties": properties | {name: properties[name] | limits}}


def sealed(schema: dict[str, Any], name: str, other: dict[str, Any]) -> dict[str, Any]:
    """Return a schema whose properties depend on each other: there may be those that an alternative looks at."""
    alternatives = [{"required": [name]}, other]
    rest = {keyword: value for keyword, value in schema.items() if keyword != "additionalProperties"}
    return rest | {"anyOf": alternatives, "unevaluatedProperties": False}


def implied(schema: dict[str, Any], name: str, below: dict[str, Any], text: str) -> dict[str, Any]:
    """Return a schema in which a text must not be empty where a property is of some kind."""
    return schema | {"if": {"properties": {name: below}}, "then": {"properties": {text: {"minLength": 1}}}}


KEY = {"required": ["key"], "properties": {"key": True}}
"""An alternative with a property of its own."""
MORE = {"patternProperties": {"^x-": {"type": "string"}}}
"""An alternative with properties whose names no type can state."""
SCHEMAS: dict[str, dict[str, Any]] = {
    "say": SAY,
    "post": POST,
    "say_field": with_field(SAY, "room", pattern="^[a-z]+$"),
    "post_field": with_field(POST, "tags", uniqueItems=True),
    "post_part": with_field(POST, "attachments", uniqueItems=True),
    "say_rule": SAY | {"not": {"properties": {"room": {"const": "attic"}}}},
    "post_rule": POST | {"not": {"properties": {"title": {"const": "x"}, "draft": {"const": False}}}},
    "say_rest": SAY | {"additionalProperties": {"type": "string"}},
    "post_rest": POST | {"additionalProperties": {"type": "string"}},
    "post_inside": implied(POST, "author", {"properties": {"admin": {"const": False}}}, "body"),
    "say_sealed": sealed(SAY, "n", KEY),
    "post_sealed": sealed(POST, "id", KEY),
    "say_whole": sealed(SAY, "n", MORE),
    "post_whole": sealed(POST, "id", MORE),
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
OTHER = {"x-trace": "4bf92f3577b34da6"}
"""A property that is not known by name."""
MANY = ["x"] * 100_000
"""All wrong."""
RECORDS: list[dict[str, Any]] = [*({"id": at, "name": "Ada"} for at in range(99_999)), {"id": "x", "name": "Ada"}]
"""The last one is wrong."""


def raw(name: str, data: object) -> bytes:
    """Return a frame."""
    return json.dumps({"type": name, "data": data}, separators=(",", ":")).encode()
