"""First errors behind references."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .schema_documents import INTEGER, MEMBERS, TAG, Document, first

SELF = "https://example.org/base_uri"
APPLICATORS: dict[str, tuple[Callable[[Any], Any], Any, str]] = {
    "properties": (lambda below: {"properties": {"p": below}}, {"p": ""}, "/p"),
    "patternProperties": (lambda below: {"patternProperties": {"p": below}}, {"p": ""}, ""),
    "additionalProperties": (lambda below: {"additionalProperties": below}, {"p": ""}, ""),
    "propertyNames": (lambda below: {"propertyNames": below}, {"": 1}, ""),
    "prefixItems": (lambda below: {"prefixItems": [True, below]}, [1, ""], "/1"),
    "items": (lambda below: {"items": below}, [""], "/0"),
    "contains": (lambda below: {"contains": below}, [""], ""),
    "dependentSchemas": (lambda below: {"dependentSchemas": {"p": {"properties": {"p": below}}}}, {"p": ""}, "/p"),
    "allOf": (lambda below: {"allOf": [True, below]}, "", ""),
    "anyOf": (lambda below: {"anyOf": [INTEGER, below]}, "", ""),
    "oneOf": (lambda below: {"oneOf": [INTEGER, below]}, "", ""),
    "not": (lambda below: {"not": {"not": below}}, "", ""),
    "if": (lambda below: {"if": below, "else": {"const": 0}}, "", ""),
    "then": (lambda below: {"if": True, "then": below}, "", ""),
    "else": (lambda below: {"if": False, "else": below}, "", ""),
    "$ref": (lambda below: {"$ref": "#/$defs/Middle", "$defs": {"Middle": below}}, "", ""),
    "unevaluatedProperties": (lambda below: {"unevaluatedProperties": below}, {"p": ""}, ""),
    "unevaluatedItems": (lambda below: {"unevaluatedItems": below}, [""], ""),
}
OWN = {"propertyNames", "contains", "anyOf", "oneOf", "not", "unevaluatedProperties", "unevaluatedItems"}
"""Applicators that report themselves instead of the keyword below."""
REFERENCES: dict[str, tuple[str, Any]] = {
    "pointer": ("#/$defs/Text", {"minLength": 1}),
    "escaped pointer": ("#/$defs/a%20b~1c/properties/d", {"properties": {"d": {"minLength": 1}}}),
    "absolute pointer": (f"{SELF}#/$defs/Text", {"minLength": 1}),
    "anchor": ("#text", {"$anchor": "text", "minLength": 1}),
    "dynamic anchor": ("#text", {"$dynamicAnchor": "text", "minLength": 1}),
    "resource": ("text", {"$id": "text", "minLength": 1}),
    "pointer into a resource": ("text#/$defs/T", {"$id": "text", "$defs": {"T": {"minLength": 1}}}),
    "anchor in a resource": ("text#t", {"$id": "text", "$defs": {"T": {"$anchor": "t", "minLength": 1}}}),
    "reference in a resource": (
        "sub/text",
        {"$id": "sub/text", "$ref": "#/$defs/T", "$defs": {"T": {"minLength": 1}}},
    ),
    "relative reference of a resource": (
        "sub/text",
        {"$id": "sub/text", "$ref": "more", "$defs": {"T": {"$id": "more", "minLength": 1}}},
    ),
}


@pytest.mark.parametrize("applicator", APPLICATORS)
@pytest.mark.parametrize("reference", REFERENCES)
@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef"])
def test_reference_below_every_applicator(applicator: str, reference: str, keyword: str) -> None:
    wrap, value, pointer = APPLICATORS[applicator]
    to, target = REFERENCES[reference]
    name = "a b/c" if "a%20b" in to else "Text"
    schema = wrap({keyword: to})
    schema = {"$id": SELF, **schema, "$defs": {**schema.get("$defs", {}), name: target}}

    document = Document(schema)
    found = document.locate(value)

    expected = applicator if applicator in OWN else "const" if applicator == "if" else "minLength"
    assert (pointer, expected) == (found.pointer, found.keyword)
    assert not document.is_valid(value)


def test_reference_leads_into_a_union() -> None:
    schema = {"properties": {"b": {"$ref": "#/oneOf/1"}}, "oneOf": MEMBERS, "x-tag": TAG}

    assert ("/b/a", "type") == first(schema, {"kind": "k", "b": {"kind": "l", "a": ""}})


def test_keywords_beside_a_reference_come_first() -> None:
    schema = {"$ref": "#/$defs/A", "minLength": 1, "$defs": {"A": {"const": "a"}}}

    assert ("", "minLength") == first(schema, "")


def test_dynamic_reference_leads_to_the_outermost_anchor() -> None:
    tree = {
        "$id": "tree",
        "$dynamicAnchor": "node",
        "properties": {"data": True, "children": {"items": {"$dynamicRef": "#node"}}},
    }
    strict = {
        "$id": SELF,
        "$dynamicAnchor": "node",
        "$ref": "tree",
        "unevaluatedProperties": False,
        "$defs": {"tree": tree},
    }

    assert ("", "unevaluatedProperties") == first(strict, {"child": 1})
    assert ("/children/0", "unevaluatedProperties") == first(strict, {"children": [{"child": 1}]})
    assert ("/children/299", "unevaluatedProperties") == first(strict, {"children": [*[{}] * 299, {"child": 1}]})


def test_pointer_selects_the_schema() -> None:
    schema = {"$defs": {"A": {"properties": {"b": True, "a": INTEGER}}}}

    assert ("", "type") == first(schema, "x", "/$defs/A/properties/a")
