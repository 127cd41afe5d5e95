"""First errors: pointer, keyword, message and order."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from tornado_ws.errors import ErrorData
from tornado_ws.validation.schema_validator import SchemaValidator

from .schema_documents import INTEGER, LONG, MEMBERS, STRING, TAG, Place, first


def test_error_has_pointer_keyword_expected_value_and_message() -> None:
    schema = {"properties": {"tags": {"items": {"maxLength": 2}}}}

    error = SchemaValidator(json.dumps(schema)).first_error("", {"tags": ["a", "abc"]})

    assert error == ErrorData(
        code="invalid_message",
        message="expected at most 2 characters",
        pointer="/tags/1",
        keyword="maxLength",
        expected=2,
    )


def test_valid_value_has_no_error() -> None:
    assert first({"type": "integer"}, 1.0) is None


def test_pattern_is_reported_as_the_user_wrote_it() -> None:
    schema = {"pattern": "^[0-9]$", "patterns": {"^[0-9]$": r"^\d$"}}

    error = SchemaValidator(json.dumps(schema)).first_error("", "x")

    assert error is not None
    assert (r"^\d$", r"expected text that matches ^\d$") == (error.expected, error.message)


MANY = {f"x{at}": at for at in range(99)}
PLACES: dict[str, tuple[Any, Any, Place]] = {
    "property order of the schema": ({"properties": {"b": INTEGER, "a": INTEGER}}, {"a": "", "b": ""}, ("/b", "type")),
    "array indices first, in ascending order": (
        {"properties": {"b": INTEGER, "10": INTEGER, "9": INTEGER}},
        {"b": "", "10": "", "9": ""},
        ("/9", "type"),
    ),
    "the largest array index": (
        {"properties": {"b": INTEGER, "4294967294": INTEGER, "01": INTEGER, "4294967295": INTEGER}},
        {"b": "", "4294967295": "", "4294967294": "", "01": ""},
        ("/4294967294", "type"),
    ),
    "names that only resemble array indices": (
        {"properties": {"b": INTEGER, "01": INTEGER, "-1": INTEGER, "\u0663": INTEGER}},
        {"01": "", "-1": "", "\u0663": "", "b": ""},
        ("/b", "type"),
    ),
    "properties before additional ones": (
        {"properties": {"b": INTEGER}, "additionalProperties": False},
        {"c": 1, **MANY, "b": ""},
        ("/b", "type"),
    ),
    "additional properties in the order of the object": (
        {"additionalProperties": {"multipleOf": 2, "minLength": 9}},
        {"b": "", "a": 1},
        ("", "minLength"),
    ),
    "additional array indices first": (
        {"additionalProperties": {"multipleOf": 2, "minLength": 9}},
        {"b": "", "1": 1},
        ("", "multipleOf"),
    ),
    "patterns in the order of the schema": (
        {"patternProperties": {"2": LONG, "1": INTEGER}},
        {"1": "", "2": ""},
        ("", "minLength"),
    ),
    "known name below an unknown one": (
        {"additionalProperties": {"properties": {"a": INTEGER}}},
        {"x": {"a": ""}},
        ("", "type"),
    ),
    "known names around an unknown one": (
        {"properties": {"a": {"patternProperties": {"": {"items": INTEGER}}}}},
        {"a": {"x": [""]}},
        ("/a", "type"),
    ),
    "the empty name": ({"properties": {"": {"properties": {"": INTEGER}}}}, {"": {"": ""}}, ("//", "type")),
    "a name with a slash and a tilde": ({"properties": {"a/~": INTEGER}}, {"a/~": ""}, ("/a~1~0", "type")),
    "items after prefix items": ({"prefixItems": [True, INTEGER], "items": INTEGER}, [1, "", ""], ("/1", "type")),
    "items skip prefix items": ({"prefixItems": [True], "items": INTEGER}, ["", 1, ""], ("/2", "type")),
    "too few contained items": ({"contains": INTEGER, "minContains": 2}, [1], ("", "minContains")),
    "too many contained items": ({"contains": INTEGER, "maxContains": 1}, [1, 1], ("", "maxContains")),
    "too few where a maximum is stated": ({"contains": INTEGER, "maxContains": 1}, [], ("", "maxContains")),
    "no minimum of contained items": ({"contains": INTEGER, "minContains": 0, "items": STRING}, [1], ("/0", "type")),
    "member that a tag selects": ({"oneOf": MEMBERS, "x-tag": TAG}, {"kind": "l", "a": ""}, ("/a", "type")),
    "tag that selects no member": ({"oneOf": MEMBERS, "x-tag": TAG}, {"kind": "m"}, ("", "oneOf")),
    "tag that is not text": ({"oneOf": MEMBERS, "x-tag": TAG}, {"kind": ["k"]}, ("", "oneOf")),
    "tagged union of another type": ({"oneOf": MEMBERS, "x-tag": TAG}, [], ("", "oneOf")),
    "union without a tag": ({"oneOf": MEMBERS}, {"kind": "l", "a": ""}, ("", "oneOf")),
    "then": ({"if": INTEGER, "then": {"minimum": 3}, "else": LONG}, 1, ("", "minimum")),
    "else": ({"if": INTEGER, "then": {"minimum": 3}, "else": LONG}, "", ("", "minLength")),
    "then without if": ({"then": False, "minimum": 3}, 1, ("", "minimum")),
    "property that a branch evaluates": (
        {"anyOf": [{"properties": {"a": True}}, {"required": ["c"]}], "unevaluatedProperties": False},
        {"a": 1, "b": 1},
        ("", "unevaluatedProperties"),
    ),
    "rejected branches evaluate nothing": (
        {"anyOf": [{"properties": {"a": STRING}}, True], "unevaluatedProperties": False},
        {"a": 1},
        ("", "unevaluatedProperties"),
    ),
    "unevaluated below unevaluated": (
        {"allOf": [{"properties": {"a": True}, "unevaluatedProperties": STRING}], "unevaluatedProperties": False},
        {"a": 1, "b": 1},
        ("", "unevaluatedProperties"),
    ),
    "items that contains evaluates": (
        {"contains": INTEGER, "unevaluatedItems": STRING},
        [1, "", None],
        ("", "unevaluatedItems"),
    ),
    "false as the whole schema": (False, 1, ("", "$ref")),
    "value that resembles a schema": ({"const": {"$ref": "#/properties/a"}}, {}, ("", "const")),
    "object that equals another in depth": ({"enum": [{"a": [1, {"b": None}]}]}, {"a": [1, {"b": 0}]}, ("", "enum")),
}
"""Schemas, values and the place of their first error."""


@pytest.mark.parametrize("name", PLACES)
def test_place_of_the_first_error(name: str) -> None:
    schema, value, place = PLACES[name]

    assert place == first(schema, value)


@pytest.mark.parametrize(
    ("schema", "value", "name"),
    [
        ({"additionalProperties": False}, {"a": 1}, "a"),
        ({"properties": {"a": {"additionalProperties": False}}}, {"a": {"b": 1}}, "b"),
        ({"additionalProperties": {"additionalProperties": False}}, {"a": {"b": 1}}, "a"),
        ({"additionalProperties": INTEGER}, {"a": 1, "b": ""}, "b"),
        ({"patternProperties": {"^b": INTEGER}}, {"a": "", "b": ""}, "b"),
        ({"propertyNames": {"maxLength": 1}}, {"a": "", "bb": ""}, "bb"),
        ({"properties": {"a": True}, "unevaluatedProperties": False}, {"a": "", "b": ""}, "b"),
        ({"anyOf": [{"additionalProperties": False}, INTEGER]}, {"a": 1}, None),
        ({"unevaluatedItems": False}, [1], None),
        ({"properties": {"a": INTEGER}}, {"a": ""}, None),
        ({"additionalProperties": INTEGER}, {**MANY, "last": ""}, "last"),
    ],
)
def test_property_that_the_schema_does_not_name_is_known_to_the_sender(schema: Any, value: Any, name: str) -> None:
    validator = SchemaValidator(json.dumps(schema))

    assert name == validator.unnamed_property("", value)
    assert f'"{name}"'.encode() not in msgspec.json.encode(validator.first_error("", value))
