"""Schema validator: parts of schemas, and first errors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tornado_ws.validation import schema_validator
from tornado_ws.validation.schema_validator import SchemaValidator

SCHEMA = {
    "$id": "https://example.org/it",
    "type": "object",
    "properties": {"a": {"type": "string"}, "b": False},
    "required": ["a"],
    "anyOf": [{"required": ["a"]}, {"patternProperties": {"^x": {"type": "integer"}}}],
    "unevaluatedProperties": False,
    "$defs": {"More": {"minLength": 2}},
}


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        ({"a": 1}, True),  # the schemas of its properties are checked elsewhere
        ({}, True),
        ({"b": 1, "x": 1}, True),
        ({"x": "1"}, False),
        ({"a": "x", "x": "1"}, False),
        ({"c": 1}, False),
        ("abc", True),
        (["c"], True),
        ([{}], True),
    ],
)
def test_unevaluated_properties_are_checked_with_the_alternatives_alone(value: Any, accepted: bool) -> None:
    validator = SchemaValidator(json.dumps(SCHEMA))

    assert accepted is validator.predicate_of_keywords("", ["unevaluatedProperties"])(value)


@pytest.mark.parametrize("keywords", [["anyOf", "unevaluatedProperties"], ["anyOf"]])
def test_alternatives_are_checked_if_they_are_among_the_keywords(keywords: list[str]) -> None:
    validator = SchemaValidator(json.dumps({**SCHEMA, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}))

    assert not validator.predicate_of_keywords("", keywords)({})
    assert validator.predicate_of_keywords("", keywords)({"a": 1})


def test_unevaluated_properties_beside_a_reference_are_checked_with_the_whole_schema() -> None:
    schema = {"$ref": "#/$defs/More", "properties": {"a": {"type": "string"}}, "unevaluatedProperties": False}
    validator = SchemaValidator(json.dumps({"$defs": {"It": schema, "More": {"properties": {"b": True}}}}))
    accepts = validator.predicate_of_keywords("/$defs/It", ["unevaluatedProperties"])

    assert [True, True, False, False] == [accepts(one) for one in ({"a": ""}, {"b": 1}, {"c": 1}, {"a": 1})]


def test_separate_schema_refers_to_the_document_by_absolute_uris() -> None:
    accepts = SchemaValidator(json.dumps(SCHEMA)).predicate_of_schema(
        '{"properties":{"a":{"$ref":"https://example.org/it#/$defs/More"}}}'
    )

    assert [True, False] == [accepts({"a": "xy"}), accepts({"a": "x"})]


TYPES = {f"T{at}": {"type": "object", "properties": {"next": {"$ref": f"#/$defs/T{at + 1}"}}} for at in range(300)}
TYPES["T300"] = {"type": "object", "properties": {"name": {"type": "string"}}}


def test_first_errors_are_the_same_with_and_without_preparation() -> None:
    document = json.dumps({"$defs": TYPES})
    prepared, other = SchemaValidator(document), SchemaValidator(document)
    prepared.prepare(["/$defs/T299", "/$defs/T300"])

    for pointer in ("/$defs/T298", "/$defs/T299", "/$defs/T300"):
        for value in ({}, 1, {"next": 1}, {"next": {"name": 1}}, {"name": 1}):
            assert prepared.first_error(pointer, value) == other.first_error(pointer, value)


def test_rejections_compile_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only :meth:`prepare` compiles: a protocol may have hundreds of types that refer to each other."""
    validator = SchemaValidator(json.dumps({"$defs": TYPES}))
    validator.prepare(f"/$defs/{name}" for name in TYPES)
    monkeypatch.setattr(schema_validator, "jsonschema_rs", None)

    errors = [validator.first_error(f"/$defs/{name}", {"next": 1, "name": 1}) for name in TYPES]

    assert [("/next", "type")] * 300 + [("/name", "type")] == [
        error and (error.pointer, error.keyword) for error in errors
    ]


def test_schema_that_cannot_be_evaluated_rejects() -> None:
    error = SchemaValidator('{"$ref": "#/$defs/Missing"}').first_error("", 1)

    assert error is not None
    assert ("invalid_message", "") == (error.code, error.pointer)
