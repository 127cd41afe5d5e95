"""Upgrade of older drafts to 2020-12."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codegen.schema.draft_pointers import upgraded_pointer
from codegen.schema.drafts import Draft, draft_of, upgrade

BASE = "https://tornado-ws.invalid/x.json"

UPGRADES: list[tuple[Draft, Any, Any]] = [
    (Draft.DRAFT4, {"minimum": 3, "exclusiveMinimum": True}, {"exclusiveMinimum": 3}),
    (Draft.DRAFT4, {"maximum": 3, "exclusiveMaximum": False}, {"maximum": 3}),
    (Draft.DRAFT4, {"id": "a.json", "const": 5, "if": {}, "contains": {}}, {"$id": "a.json"}),
    (Draft.DRAFT4, {"properties": {"id": {"type": "string"}}}, {"properties": {"id": {"type": "string"}}}),
    (Draft.DRAFT6, {"const": 5, "if": {}, "then": False}, {"const": 5}),
    (Draft.DRAFT7, {"$id": "#here"}, {"$anchor": "here"}),
    (Draft.DRAFT7, {"$id": "a.json#here"}, {"$id": "a.json", "$anchor": "here"}),
    (Draft.DRAFT7, {"$ref": "#/definitions/A", "type": "string", "title": "T"},
     {"$ref": "#/definitions/A", "title": "T"}),
    (Draft.DRAFT7, {"$ref": "#", "definitions": {"A": {"id": "x"}}}, {"$ref": "#", "definitions": {"A": {"id": "x"}}}),
    (Draft.DRAFT7, {"items": [{"items": [True]}], "additionalItems": False},
     {"prefixItems": [{"prefixItems": [True]}], "items": False}),
    (Draft.DRAFT7, {"items": {"type": "string"}, "additionalItems": False}, {"items": {"type": "string"}}),
    (Draft.DRAFT7, {"dependencies": {"a": ["b"], "c": {"minProperties": 3}}},
     {"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {"minProperties": 3}}}),
    (Draft.DRAFT7, {"enum": [{"items": [1], "$ref": "x", "type": 1}]},
     {"enum": [{"items": [1], "$ref": "x", "type": 1}]}),
    (Draft.DRAFT7, {"properties": {"$ref": {"type": "string"}, "items": {}}},
     {"properties": {"$ref": {"type": "string"}, "items": {}}}),
    (Draft.DRAFT7, {"minContains": 2, "unevaluatedProperties": False, "dependentRequired": {"a": ["b"]}}, {}),
    (Draft.DRAFT201909, {"items": [{}], "minContains": 2},
     {"$anchor": "recursive", "prefixItems": [{}], "minContains": 2}),
    (Draft.DRAFT202012, {"items": [{}], "minimum": 3, "exclusiveMinimum": True},
     {"items": [{}], "minimum": 3, "exclusiveMinimum": True}),
]  # fmt: skip


@pytest.mark.parametrize(("draft", "old", "new"), UPGRADES)
def test_older_keywords_are_rewritten_in_2020_12(draft: Draft, old: Any, new: Any) -> None:
    assert new == upgrade(old, draft)


@pytest.mark.parametrize("draft", list(Draft))
def test_draft_is_declared_by_schema(draft: Draft) -> None:
    assert draft is draft_of({"$schema": draft.uri})
    assert draft is draft_of({"$schema": f"{draft.uri}#"})


def test_draft_without_schema_is_the_default() -> None:
    assert Draft.DRAFT202012 is draft_of({}) is draft_of(True)
    assert Draft.DRAFT7 is draft_of({}, Draft.DRAFT7)


def test_unknown_draft_is_none() -> None:
    assert draft_of({"$schema": "http://json-schema.org/draft-03/schema#"}) is None


def test_embedded_resource_is_upgraded_from_its_own_draft() -> None:
    new = {"$id": "inner.json", "prefixItems": [{}], "items": False}
    old = {"$id": "inner.json", "items": [{}], "additionalItems": False}

    in_old = upgrade({"definitions": {"A": {"$schema": Draft.DRAFT202012.uri, **new}}}, Draft.DRAFT7)
    in_new = upgrade({"definitions": {"A": {"$schema": Draft.DRAFT7.uri, **old}}}, Draft.DRAFT202012)

    assert {"definitions": {"A": new}} == in_old == in_new


def schemas(draft: Draft) -> st.SearchStrategy[Any]:
    """Return a strategy for schemas of an older draft, with keywords that 2020-12 changed."""

    def deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        names = st.sampled_from("ab")
        keywords: dict[str, st.SearchStrategy[Any]] = {
            "items": inner | st.lists(inner, min_size=1, max_size=2),
            "additionalItems": inner,
            "properties": st.dictionaries(names, inner),
            "dependencies": st.dictionaries(names, inner | st.just(["a"])),
            "not": inner,
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "$ref": st.just("#/definitions/A"),
            "contains": inner,
            "const": st.integers(0, 3),
            "if": inner,
            "then": inner,
            "minContains": st.just(2),
            "dependentRequired": st.just({"a": ["b"]}),
            "prefixItems": st.lists(inner, min_size=1, max_size=2),
        }
        return st.fixed_dictionaries({}, optional=keywords)

    bounds: dict[str, st.SearchStrategy[Any]] = {"minimum": st.integers(0, 3)}
    if draft is Draft.DRAFT4:
        leaf = st.fixed_dictionaries(bounds, optional={"exclusiveMinimum": st.booleans()})
    else:
        leaf = st.fixed_dictionaries({}, optional=bounds | {"exclusiveMinimum": st.integers(0, 3)})
    return st.recursive(leaf | st.sampled_from([{"type": "string"}, {"type": "array"}]), deeper, max_leaves=6)


VALUES = st.recursive(
    st.none() | st.integers(0, 4) | st.sampled_from(["", "a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=6,
)


def drafts() -> Iterator[Draft]:
    return (draft for draft in Draft if draft < Draft.DRAFT201909)


@pytest.mark.parametrize(
    "draft",
    [pytest.param(draft, marks=[] if draft is Draft.DRAFT7 else pytest.mark.slow) for draft in drafts()],
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])  # CI machines may be slow
@given(data=st.data())
def test_upgraded_schema_accepts_the_same_values(draft: Draft, data: st.DataObject) -> None:
    old = {
        "$schema": f"{draft.uri}#",
        "allOf": [data.draw(schemas(draft))],
        "definitions": {"A": data.draw(st.sampled_from([{"type": "object"}, {"type": "integer"}]))},
    }
    new = upgrade(old, draft)
    value = data.draw(VALUES)

    expected = jsonschema_rs.validator_for(old).is_valid(value)

    assert expected == jsonschema_rs.Draft202012Validator(new).is_valid(value)


@pytest.mark.parametrize("allows", [True, False])
def test_recursive_references_of_2019_keep_their_target(allows: bool) -> None:
    tree = {
        "$schema": Draft.DRAFT201909.uri,
        "$id": "https://tornado-ws.invalid/tree.json",
        "$recursiveAnchor": allows,
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$recursiveRef": "#"}}},
    }
    strict = {
        "$schema": Draft.DRAFT201909.uri,
        "$id": "https://tornado-ws.invalid/strict.json",
        "$recursiveAnchor": allows,
        "$ref": "tree.json",
        "unevaluatedProperties": False,
    }
    value = {"children": [{"colour": "red"}]}

    old = jsonschema_rs.Draft201909Validator(strict, registry=jsonschema_rs.Registry([(tree["$id"], tree)]))
    upgraded = upgrade(tree, Draft.DRAFT201909)
    new = jsonschema_rs.Draft202012Validator(
        upgrade(strict, Draft.DRAFT201909), registry=jsonschema_rs.Registry([(tree["$id"], upgraded)])
    )

    assert (not allows) == old.is_valid(value) == new.is_valid(value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/items/0", "/prefixItems/0"),
        ("/items/1/items/0", "/prefixItems/1/prefixItems/0"),
        ("/items", "/prefixItems"),
        ("/additionalItems/items", "/items/items"),
        ("/dependencies/a~1b/items", "/dependentSchemas/a~1b/items"),
        ("/properties/dependencies/items", "/properties/dependencies/items"),
        ("/properties/items/additionalItems", "/properties/items/additionalItems"),
        ("/unknown/items/0", "/unknown/items/0"),
        ("/items/7", "/prefixItems/7"),
    ],
)
def test_pointers_follow_moved_schemas(old: str, new: str) -> None:
    schema = {
        "items": [True, {"items": [True]}],
        "additionalItems": {"items": {}},
        "dependencies": {"a/b": {"items": {}}},
        "properties": {"dependencies": {"items": {}}, "items": {}},
        "unknown": {"items": [True]},
    }

    assert new == upgraded_pointer(schema, old)
