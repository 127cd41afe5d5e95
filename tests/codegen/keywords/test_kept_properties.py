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


def rest(path: Path, schema: Any) -> model.Type | None:
    """Return the type of the undeclared properties of a schema's record."""
    (endpoint,) = read(path, {"test.json": payload(schema)})
    (record,) = (one for one in endpoint.definitions if isinstance(one, model.Record) and one.name == "It")
    return record.rest


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
        ({"minProperties": 1}, ANYTHING),
        ({"maxProperties": 5}, ANYTHING),
        ({"propertyNames": {"maxLength": 5}}, ANYTHING),
        ({"dependentRequired": {"a": ["b"]}}, ANYTHING),
        ({"dependentRequired": {"b": ["a"]}}, ANYTHING),
        ({"dependentSchemas": {"b": {"required": ["a"]}}}, ANYTHING),
        ({"if": {"required": ["b"]}, "then": {"required": ["a"]}}, ANYTHING),
        ({"anyOf": [{"required": ["b"]}, {"required": ["c"]}]}, ANYTHING),
        ({"not": {"properties": {"b": {"type": "string"}}}}, ANYTHING),
        ({"not": {"enum": [{}]}}, ANYTHING),
        ({"not": {"minProperties": 5}}, ANYTHING),
    ],
)
def test_undeclared_properties_are_kept_if_the_schema_allows_or_judges_them(
    tmp_path: Path, keywords: Any, expected: model.Type | None
) -> None:
    assert expected == rest(tmp_path, OPEN | keywords)
