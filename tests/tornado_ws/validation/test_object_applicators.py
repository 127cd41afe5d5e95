"""First faults of the properties of objects."""

from __future__ import annotations

from typing import Any

import pytest

from .schema_documents import INTEGER, Place, first

SHORT = {"type": "string", "maxLength": 1}


@pytest.mark.parametrize(
    ("schema", "value", "place"),
    [
        ({"properties": {"a": {"properties": {"b": INTEGER}}}}, {"a": {"b": ""}}, ("/a/b", "type")),
        ({"patternProperties": {"^a": INTEGER, "b": False}}, {"ab": 1}, ("", "patternProperties")),
        ({"properties": {"a": {}}, "additionalProperties": INTEGER}, {"a": "", "b": ""}, ("", "type")),
        ({"propertyNames": SHORT}, {"a": 1, "bb": 1}, ("", "propertyNames")),
        ({"dependentSchemas": {"a": {"required": ["b"]}}}, {"a": 1}, ("", "required")),
        (
            {"properties": {"a": {}}, "unevaluatedProperties": INTEGER},
            {"a": "", "b": ""},
            ("", "unevaluatedProperties"),
        ),
        ({"required": ["a"], "dependentRequired": {"a": ["b"]}, "properties": {"a": INTEGER}}, "text", None),
    ],
    ids=str,
)
def test_place_names_only_declared_properties(schema: Any, value: Any, place: Place | None) -> None:
    assert place == first(schema, value)


@pytest.mark.parametrize("count", [3, 300])
def test_one_of_many_properties_is_invalid(count: int) -> None:
    value: dict[str, Any] = {f"p{number}": number for number in range(count)}

    assert first({"additionalProperties": INTEGER}, value) is None
    assert first({"additionalProperties": INTEGER}, value | {"last": ""}) == ("", "type")
    assert first({"propertyNames": {"pattern": "^p"}}, value | {"last": 1}) == ("", "propertyNames")
