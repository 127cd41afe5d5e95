"""Values that a schema accepts, or nearly accepts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tornado_ws.testing.schema_strategies import SchemaStrategies
from tornado_ws.validation.schema_validator import SchemaValidator

TREE = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 3},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/It"}},
    },
    "required": ["name"],
    "additionalProperties": False,
}
NODE = {"$dynamicAnchor": "node", "type": "object", "properties": {"a": {"type": "null"}}, "required": ["a"]}
SCHEMAS: dict[str, Any] = {
    "anything": True,
    "tree": TREE,
    "integer": {"type": "integer", "minimum": 3, "exclusiveMaximum": 9, "multipleOf": 2},
    "number": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    "steps": {"type": "number", "multipleOf": 0.5, "minimum": 1, "maximum": 3},
    "text": {"type": "string", "minLength": 2, "maxLength": 4},
    "pattern": {"type": "string", "pattern": "^[a-z]{2}-[0-9]+$"},
    "format": {"type": "string", "format": "date-time"},
    "constants": {"enum": [1, "a", None, [1]]},
    "either": {"oneOf": [{"type": "string"}, {"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"]}]},
    "all": {"allOf": [{"type": "integer", "minimum": 2}, {"maximum": 4}]},
    "condition": {
        "type": "object",
        "properties": {"kind": {"enum": ["a", "b"]}, "size": {"type": "integer"}},
        "required": ["kind"],
        "if": {"properties": {"kind": {"const": "a"}}},
        "then": {"required": ["size"]},
    },
    "array": {"type": "array", "items": {"type": "boolean"}, "minItems": 1, "maxItems": 3},
    "unique": {"type": "array", "items": {"type": "integer"}, "uniqueItems": True, "minItems": 2},
    "tuple": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False, "minItems": 2},
    "contains": {"type": "array", "items": {"type": "integer"}, "contains": {"minimum": 5}},
    "map": {
        "type": "object",
        "additionalProperties": {"type": "integer"},
        "propertyNames": {"maxLength": 2},
        "minProperties": 1,
    },
    "names": {"type": "object", "patternProperties": {"^x": {"type": "null"}}, "additionalProperties": False},
    "untyped": {"minimum": 3},
    "impossible": {
        "type": "object",
        "properties": {"a": False, "b": {"type": "boolean"}},
        "additionalProperties": False,
    },
    "anchored": {"$ref": "#node"},
    "dynamic": {"$dynamicRef": "#node"},
    "maps with names": {
        "type": "object",
        "properties": {"a": {"type": "integer"}},
        "required": ["a"],
        "additionalProperties": {"type": "boolean"},
        "minProperties": 2,
    },
    "several": {"type": ["null", "boolean"]},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_values_are_valid_and_changed_ones_mostly_not(name: str) -> None:
    schema = json.dumps({"$id": "https://tornado-ws.invalid/it.json", "$defs": {"It": SCHEMAS[name], "Node": NODE}})
    strategies, is_valid = SchemaStrategies(schema), SchemaValidator(schema).predicate("/$defs/It")
    verdicts: list[bool] = []
    limited = settings(
        max_examples=15, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck]
    )

    @limited
    @given(strategies.valid("/$defs/It"))
    def valid(value: Any) -> None:
        assert is_valid(value)

    @limited
    @given(strategies.nearly_valid("/$defs/It"))
    def changed(value: Any) -> None:
        verdicts.append(is_valid(value))

    valid()
    changed()
    assert name in ("anything", "untyped") or not all(verdicts)


def test_edges_are_made() -> None:
    schema = json.dumps({"$defs": {"It": {"type": "string", "minLength": 1, "maxLength": 200}}})
    lengths: set[int] = set()

    @settings(
        max_examples=60, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck]
    )
    @given(SchemaStrategies(schema).valid("/$defs/It"))
    def collect(value: str) -> None:
        lengths.add(len(value))

    collect()
    assert {1, 200} <= lengths


def test_schema_without_values_has_none() -> None:
    schema = json.dumps(
        {
            "$defs": {
                "It": {"allOf": [{"type": "string"}, False]},
                "Range": {"type": "integer", "minimum": 2, "maximum": 1},
            }
        }
    )
    strategies = SchemaStrategies(schema)

    assert strategies.valid("/$defs/It").is_empty
    assert strategies.valid("/$defs/Range").is_empty


def test_pattern_of_another_language_makes_any_texts() -> None:
    schema = json.dumps({"$defs": {"It": {"type": "string", "pattern": r"^\p{L}*$"}}})

    @settings(
        max_examples=5, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck]
    )
    @given(SchemaStrategies(schema).valid("/$defs/It"))
    def collect(value: str) -> None:
        assert isinstance(value, str)

    collect()
