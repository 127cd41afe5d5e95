"""Documents in order: what they look like, and where things are in them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tornado_ws.validation.ordered import Ordered
from tornado_ws.validation.schema_validator import SchemaValidator

HOME = "https://example.org/home"
INTEGER = {"type": "integer"}


def ordered(schema: Any) -> Any:
    """Return a schema as it is explained by, without what is there for unions."""
    document = Ordered(schema, HOME).document
    del document["$defs"]["\0anyOf"], document["$defs"]["\0oneOf"]
    return {keyword: value for keyword, value in document.items() if value or keyword != "$defs"}


def first(schema: Any, value: Any, pointer: str = "") -> tuple[str | None, str | None]:
    error = SchemaValidator(json.dumps(schema)).explain(pointer, value)
    assert error is not None
    return error.pointer, error.keyword


def test_each_keyword_has_a_branch_with_its_companions() -> None:
    schema = {
        "additionalProperties": INTEGER,
        "patternProperties": {"^c": True},
        "properties": {"b": INTEGER, "a": INTEGER},
        "required": ["a", "b"],
        "items": INTEGER,
        "prefixItems": [INTEGER],
        "then": False,
        "if": {"required": ["x"]},
        "title": "it",
    }

    branches = [
        {"required": ["a"]},
        {"required": ["b"]},
        {"properties": {"b": INTEGER}},
        {"properties": {"a": INTEGER}},
        {"patternProperties": {"^c": True}},
        {
            "additionalProperties": INTEGER,
            "patternProperties": {"^c": True},
            "properties": {"b": True, "a": True},
            # What is said of arrays refuses no object.
            "prefixItems": [INTEGER],
        },
        {"items": INTEGER, "prefixItems": [True]},
        {"if": {"required": ["x"]}, "then": False},
    ]
    assert {"title": "it", "allOf": branches} == ordered(schema)


@pytest.mark.parametrize(
    ("schema", "branches"),
    [
        ({"type": "object", "required": ["a", "b"]}, [{"type": "object", "required": ["a"]}, {"required": ["b"]}]),
        ({"type": ["null", "string"], "maxLength": 3}, [{"type": ["null", "string"], "maxLength": 3}]),
        ({"type": "string", "minimum": 3}, [{"type": "string"}, {"minimum": 3}]),
        # 1.5 is no integer, and may be less than is wanted.
        ({"type": "integer", "minimum": 3}, [{"type": "integer"}, {"minimum": 3}]),
        ({"type": "number", "minimum": 3}, [{"type": "number", "minimum": 3}]),
        ({"minLength": 1, "minItems": 1, "minimum": 1}, [{"minLength": 1, "minItems": 1, "minimum": 1}]),
        ({"minLength": 1, "maxLength": 2, "pattern": "a"}, [{"minLength": 1, "maxLength": 2}, {"pattern": "a"}]),
        ({"minLength": 2, "maxLength": 1}, [{"minLength": 2}, {"maxLength": 1}]),
        ({"exclusiveMinimum": 2, "exclusiveMaximum": 2}, [{"exclusiveMinimum": 2}, {"exclusiveMaximum": 2}]),
        ({"const": 1, "type": "string"}, [{"type": "string"}, {"const": 1}]),
    ],
)
def test_what_never_refuses_the_same_value_shares_a_branch(schema: Any, branches: list[Any]) -> None:
    assert (branches[0] if len(branches) == 1 else {"allOf": branches}) == ordered(schema)


@pytest.mark.parametrize("schema", [{"type": "string", "minLength": 1}, {"$ref": "#/$defs/A"}, {"allOf": [True]}, {}])
def test_what_has_one_thing_to_say_stays_as_it_is(schema: Any) -> None:
    assert schema | {"title": "it"} == ordered(schema | {"title": "it"})


def test_what_is_unevaluated_stays_beside_the_branches() -> None:
    schema = {"unevaluatedProperties": {"pattern": "a", "minLength": 2}, "$ref": "#/$defs/A"}

    assert {
        "allOf": [{"$ref": "#/$defs/A"}],
        "unevaluatedProperties": {"allOf": [{"minLength": 2}, {"pattern": "a"}]},
    } == ordered(schema)


def test_values_are_no_schemas() -> None:
    constant = {"const": {"$ref": "#/properties/a", "items": INTEGER, "minItems": 1}}

    assert constant == ordered(constant)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("/properties/b~1", "/allOf/0/properties/b~1"),
        ("/properties/a/items", "/allOf/1/properties/a/items"),
        ("/additionalProperties/anyOf/1", "/allOf/2/additionalProperties/if/anyOf/1"),
        ("/oneOf/1", "/allOf/5/then"),
        ("/$defs/A/not", "/$defs/A/allOf/1/not"),
        ("/$defs/A/x/type", "/$defs/A/x/type"),
    ],
)
def test_what_has_moved_is_found(old: str, new: str) -> None:
    members = [{"properties": {"kind": {"const": kind}}, "required": ["kind"], "type": "object"} for kind in "ab"]
    schema = {
        "properties": {"b/": True, "a": {"items": INTEGER}},
        "additionalProperties": {"anyOf": [INTEGER, {"type": "string"}]},
        "oneOf": members,
        "x-tag": {"keyword": "oneOf", "name": "kind", "values": ["a", "b"]},
        "$defs": {"A": {"not": False, "minimum": 3, "x": {"type": INTEGER}}},
    }

    assert new == Ordered(schema, HOME).place(old)


@pytest.mark.parametrize(
    "reference",
    [
        "#/$defs/a%20b~1c/properties/d",
        "home#/$defs/a%20b~1c/properties/d",
        "other#/properties/d",
        "https://example.org/other#d",
        "#/$defs/other/properties/d",
        "#/$defs/union/anyOf/0",
        "#/$defs/union/anyOf/1/properties/d",
    ],
)
@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef"])
def test_reference_into_what_has_moved_leads_there(keyword: str, reference: str) -> None:
    integer = {"type": "integer", "minimum": 3, "$anchor": "d"}
    schema = {
        "$id": HOME,
        "$defs": {
            "a b/c": {"properties": {"c": True, "d": {"type": "integer", "minimum": 3}}},
            "other": {"$id": "other", "properties": {"c": True, "d": integer}},
            "union": {
                "anyOf": [{"type": "integer", "minimum": 3}, {"properties": {"d": {"type": "integer", "minimum": 3}}}]
            },
        },
        "items": {keyword: reference},
        "minItems": 1,
    }

    assert ("/1", "minimum") == first(schema, [3, 2])


def test_slot_that_has_moved_is_explained() -> None:
    schema = {"$defs": {"A": {"properties": {"b": True, "a": INTEGER}}}}

    assert ("", "type") == first(schema, "x", "/$defs/A/properties/a")


def test_relative_reference_in_a_resource_that_has_moved_is_relative_to_it() -> None:
    below = {"$id": "b/it", "$ref": "c#/properties/x", "minimum": 3}
    other = {"$id": "https://example.org/b/c", "properties": {"w": True, "x": {"maximum": 5, "multipleOf": 2}}}
    schema = {"$id": HOME, "properties": {"w": True, "a": below}, "$defs": {"other": other}}

    assert ("/a", "maximum") == first(schema, {"a": 7})


def test_dynamic_reference_sees_the_outermost_anchor() -> None:
    tree = {
        "$id": "tree",
        "$dynamicAnchor": "node",
        "properties": {"data": True, "children": {"items": {"$dynamicRef": "#node"}}},
    }
    strict = {
        "$id": HOME,
        "$dynamicAnchor": "node",
        "$ref": "tree",
        "unevaluatedProperties": False,
        "$defs": {"tree": tree},
    }

    assert ("", "unevaluatedProperties") == first(strict, {"child": 1})
    assert ("/children/0", "unevaluatedProperties") == first(strict, {"children": [{"child": 1}]})


@pytest.mark.parametrize("document", [True, {}])
def test_document_without_keywords_accepts(document: Any) -> None:
    assert SchemaValidator(json.dumps(document)).explain("", 1) is None


def test_document_that_is_false_refuses() -> None:
    error = SchemaValidator("false").explain("", 1)

    assert error is not None
    assert "$ref" == error.keyword
