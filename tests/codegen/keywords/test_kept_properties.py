"""Records that keep undeclared properties."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen import model

from ..support.generated import payload, read

OPEN = {"type": "object", "properties": {"a": {"type": "integer"}}}
ANYTHING = model.Anything()
TEXT = model.Scalar(type="string")


def it(path: Path, schema: Any) -> model.Record:
    (endpoint,) = read(path, {"test.json": payload(schema)})
    (record,) = (one for one in endpoint.definitions if isinstance(one, model.Record) and one.name == "It")
    return record


@pytest.mark.parametrize(
    ("keywords", "expected"),
    [
        ({}, None),
        ({"additionalProperties": False}, None),
        ({"unevaluatedProperties": False}, None),
        ({"required": ["b"]}, None),
        ({"not": {"required": ["a"]}}, None),
        ({"dependentRequired": {"a": ["a"]}}, None),
        ({"if": {"properties": {"a": {"minimum": 1}}}, "then": {"required": ["a"]}}, None),
        ({"additionalProperties": True}, ANYTHING),
        ({"additionalProperties": {}}, ANYTHING),
        ({"additionalProperties": {"type": "string"}}, TEXT),
        ({"patternProperties": {"^x": {"type": "string"}}}, ANYTHING),
        ({"patternProperties": {"^x": {"type": "string"}}, "additionalProperties": False}, TEXT),
        (
            {"patternProperties": {"^x": {"type": "string"}}, "additionalProperties": {"type": "null"}},
            model.Union(members=(TEXT, model.Scalar(type="null"))),
        ),
        ({"allOf": [{"additionalProperties": {"type": "string"}}]}, TEXT),
        ({"unevaluatedProperties": {"type": "string"}}, ANYTHING),
    ],
)
def test_type_of_undeclared_properties_is_the_one_that_the_schema_states(
    tmp_path: Path, keywords: Any, expected: model.Type | None
) -> None:
    record = it(tmp_path, OPEN | keywords)

    assert (expected, expected is not None) == (record.rest, record.keeps)


@pytest.mark.parametrize(
    "keywords",
    [
        {"minProperties": 1},
        {"maxProperties": 5},
        {"propertyNames": {"maxLength": 5}},
        {"dependentRequired": {"a": ["b"]}},
        {"dependentRequired": {"b": ["a"]}},
        {"dependentSchemas": {"b": {"required": ["a"]}}},
        {"if": {"required": ["b"]}, "then": {"required": ["a"]}},
        {"anyOf": [{"required": ["b"]}, {"required": ["c"]}]},
        {"not": {"properties": {"b": {"type": "string"}}}},
        {"not": {"enum": [{}]}},
        {"not": {"minProperties": 5}},
    ],
)
def test_undeclared_properties_are_kept_if_the_schema_judges_them(tmp_path: Path, keywords: Any) -> None:
    record = it(tmp_path, OPEN | keywords)

    assert (None, True) == (record.rest, record.keeps)


@pytest.mark.parametrize(
    "keywords",
    [
        {"dependentRequired": {"a": ["b"]}},
        {"dependentSchemas": {"a": {"required": ["b"]}}},
        {"maxProperties": 1},
        {"not": {"required": ["a"]}},
        {"if": {"required": ["a"]}, "then": {"required": ["b"]}},
        {"anyOf": [{"maxProperties": 1}, {"required": ["b"]}]},
        {"not": {"enum": [{"a": 1}]}},
        {"allOf": [{"properties": {"b": True}, "unevaluatedProperties": False}]},
        {"allOf": [{"unevaluatedProperties": {"type": "string"}}]},
    ],
)
def test_property_has_no_default_where_its_addition_may_make_an_object_invalid(tmp_path: Path, keywords: Any) -> None:
    record = it(tmp_path, {"type": "object", "properties": {"a": {"type": "integer", "default": 1}}} | keywords)

    assert [field.default for field in record.fields if field.name == "a"] == [model.NO_DEFAULT]


@pytest.mark.parametrize(
    "keywords",
    [
        {"minProperties": 1},
        {"dependentRequired": {"b": ["a"]}},
        {"not": {"required": ["b"]}},
        {"propertyNames": {"maxLength": 3}},
        {"additionalProperties": False},
        {"unevaluatedProperties": False},
    ],
)
def test_property_has_its_default_where_its_addition_makes_no_object_invalid(tmp_path: Path, keywords: Any) -> None:
    record = it(tmp_path, {"type": "object", "properties": {"a": {"type": "integer", "default": 1}}} | keywords)

    assert [field.default for field in record.fields if field.name == "a"] == [1]
