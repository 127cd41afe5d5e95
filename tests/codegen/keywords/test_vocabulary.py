"""Walks through the schemas of a document."""

from __future__ import annotations

from codegen.keywords.vocabulary import resolve_reference, walk


def test_walk_yields_subschemas_but_no_data() -> None:
    schema = {
        "properties": {"a/b": {"items": {}}},
        "anyOf": [{}, True],
        "unknown": {"x": {}},
        "const": {"not": {}},
        "examples": [{"$id": "data"}],
    }

    assert ["", "/properties/a~1b", "/properties/a~1b/items", "/anyOf/0"] == [
        visit.pointer for visit in walk(schema, "https://example.com/")
    ]


def test_id_sets_the_base_of_its_subschemas() -> None:
    schema = {"items": {"$id": "item", "not": {}}, "contains": {}}

    assert {
        "": "https://example.com/",
        "/items": "https://example.com/item",
        "/items/not": "https://example.com/item",
        "/contains": "https://example.com/",
    } == {visit.pointer: visit.base for visit in walk(schema, "https://example.com/")}


def test_reference_is_resolved_to_uri_and_unquoted_fragment() -> None:
    assert ("https://example.com/a", "/b c") == resolve_reference("https://example.com/a", "#/b%20c")
    assert ("https://example.com/d", "x") == resolve_reference("https://example.com/a", "d#x")
