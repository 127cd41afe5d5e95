"""Walks through the objects of a schema document."""

from __future__ import annotations

from codegen.keywords.vocabulary import resolve_reference, walk


def test_walk_yields_schemas_and_objects_inside_unknown_keywords() -> None:
    schema = {"properties": {"a/b": {"items": {}}}, "unknown": {"x": {}}, "const": {"y": {}}}

    assert [
        ("", True),
        ("/properties/a~1b", True),
        ("/properties/a~1b/items", True),
        ("/unknown", False),
        ("/unknown/x", False),
    ] == [(visit.pointer, visit.is_schema) for visit in walk(schema, "https://example.com/")]


def test_id_sets_the_base_only_in_a_schema() -> None:
    schema = {"items": {"$id": "item", "not": {}}, "unknown": {"$id": "other"}}

    assert {
        "": "https://example.com/",
        "/items": "https://example.com/item",
        "/items/not": "https://example.com/item",
        "/unknown": "https://example.com/",
    } == {visit.pointer: visit.base for visit in walk(schema, "https://example.com/")}


def test_reference_is_resolved_to_uri_and_unquoted_fragment() -> None:
    assert ("https://example.com/a", "/b c") == resolve_reference("https://example.com/a", "#/b%20c")
    assert ("https://example.com/d", "x") == resolve_reference("https://example.com/a", "d#x")
