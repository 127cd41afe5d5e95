"""Schema document of the server."""

from __future__ import annotations

from typing import Any

from codegen.runtime_schema import REMOVED, runtime_schema

BASE = "https://tornado-ws.invalid/chat.json"
INNER = "https://tornado-ws.invalid/common.json"


def bundle(**definitions: Any) -> dict[str, Any]:
    return {"$id": BASE, "$defs": definitions}


def test_annotations_are_removed() -> None:
    line = {"type": "string", "maxLength": 5}

    assert bundle(Line=line) == runtime_schema(bundle(Line=line | dict.fromkeys(REMOVED, "text")))


def test_unknown_keywords_are_removed() -> None:
    common = {"$id": INNER, "openapi": "3.0.3", "components": {"schemas": {"Line": {}}}, "patterns": {}}
    line = {"type": "string", "nullable": True, "x-tag": {}, "dependencies": {}}

    found = runtime_schema(bundle(**{INNER: common}, Line=line) | {"patterns": {"a": "b"}})

    kept = {"type": "string", "x-tag": {}, "dependencies": {}}
    assert bundle(**{INNER: {}}, Line=kept) | {"patterns": {"a": "b"}} == found


def test_properties_named_like_annotations_are_kept() -> None:
    record = {"properties": {"title": {"type": "string"}, "default": {"type": "integer"}}}

    assert bundle(Record=record) == runtime_schema(bundle(Record=record))


def test_values_that_look_like_schemas_are_kept() -> None:
    line = {"const": {"title": "Line"}, "enum": [{"title": "Line"}]}

    assert bundle(Line=line) == runtime_schema(bundle(Line=line))


def test_bundle_is_not_changed() -> None:
    original = bundle(Line={"title": "Line"})

    runtime_schema(original)

    assert bundle(Line={"title": "Line"}) == original


def test_pointer_in_the_same_resource_is_kept() -> None:
    definitions = {"Line": {"$ref": "#/$defs/Text"}, "Text": {"type": "string"}}

    assert bundle(**definitions) == runtime_schema(bundle(**definitions))


def test_documentation_is_kept_unless_it_resembles_schemas() -> None:
    line = {"type": "string", "title": "Line", "description": "Text.", "examples": ["a", ["b"]], "default": "c"}
    others = {"$comment": "x", "examples": [{"$id": "x"}]}

    kept = runtime_schema(bundle(Line=line, Other={"type": "string", **others}), is_documented=True)

    assert bundle(Line=line, Other={"type": "string"}) == kept
