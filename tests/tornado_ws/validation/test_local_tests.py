"""Tests of objects by their own properties."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tornado_ws.validation.schema_validator import SchemaValidator


def may_accept(schema: Any, value: Any, **definitions: Any) -> bool:
    document = {"$defs": {"It": schema, "Short": {"type": "string", "maxLength": 1}, **definitions}}
    return SchemaValidator(json.dumps(document)).nested_verdicts().may_accept("/$defs/It", value)


IT = {"$ref": "#/$defs/It"}
SHORT = {"$ref": "#/$defs/Short"}


@pytest.mark.parametrize(
    ("schema", "rejected"),
    [
        ({"properties": {"a": {"pattern": "^x"}, "n": IT}}, {"a": "y"}),
        ({"properties": {"a": SHORT, "n": {"items": IT}}}, {"a": "yy"}),
        ({"properties": {"a": {"properties": {"b": SHORT}}}}, {"a": {"b": "yy"}}),
        ({"allOf": [{"properties": {"a": SHORT}}, {"properties": {"a": {"const": "x"}}}]}, {"a": "y"}),
        ({"$ref": "#/$defs/Other"}, {"a": "yy"}),
        ({"properties": {"a": False}}, {"a": 1}),
    ],
    ids=str,
)
def test_object_with_an_invalid_property_is_rejected(schema: Any, rejected: Any) -> None:
    other = {"properties": {"a": SHORT, "n": IT}}

    assert not may_accept(schema, rejected, Other=other)
    assert may_accept(schema, rejected | {"a": {}} if isinstance(rejected["a"], dict) else {}, Other=other)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"properties": {"n": IT}, "required": ["n"]}, {"n": {"n": 1}}),
        ({"properties": {"n": {"anyOf": [SHORT, {"items": {"not": IT}}]}}}, {"n": 1}),
        ({"anyOf": [{"properties": {"a": SHORT}}]}, {"a": 1}),
        ({"not": {"properties": {"a": SHORT}}}, {"a": "x"}),
        ({"properties": {"a": SHORT}}, [1]),
        ({"properties": {"a": SHORT}}, None),
        (False, {}),
        (True, {}),
    ],
    ids=str,
)
def test_other_keywords_are_not_read(schema: Any, value: Any) -> None:
    assert may_accept(schema, value)


def test_properties_that_depend_on_the_dynamic_scope_are_not_read() -> None:
    schema = {"properties": {"a": {"$dynamicRef": "#node"}}}

    assert may_accept(schema, {"a": 1}, Node={"$dynamicAnchor": "node", "type": "string"})
