"""Both sides reject the same generated values, with the same first error."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis_jsonschema import from_schema

from codegen.source.diagnostics import SchemaProblems

from ..codegen.support.generated import payload, read
from ..codegen.support.mutants import mutants, sound
from ..codegen.support.official import cases
from ..codegen.support.random_schemas import schemas
from ..codegen.support.samples import sample
from ..codegen.support.texts import almost_valid
from .sides import NAME, SHAPE, BothSides

pytestmark = pytest.mark.usefixtures("unmeasured")

SCHEMAS: dict[str, Any] = {
    "closed": {
        "type": "object",
        "properties": {
            "name": NAME,
            "tags": {"type": "array", "items": {"enum": ["a", "b", 1, None]}, "uniqueItems": True, "maxItems": 3},
            "price": {"type": "number", "multipleOf": 0.01, "minimum": 0},
            "code": {"type": "string", "pattern": "^[A-Z]{2}-?[0-9]+$"},
        },
        "required": ["name", "price"],
        "additionalProperties": False,
    },
    "one required": {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "string"}},
        "required": ["b"],
        "additionalProperties": False,
    },
    "open": {
        "type": "object",
        "properties": {"b": {"type": "integer"}, "a": {"type": "string"}, "c": {"type": ["boolean", "null"]}},
        "required": ["a", "b", "c"],
        "minProperties": 2,
    },
    "of three names one without a check": {
        "type": "object",
        "properties": {"c": True, "b": {"type": "integer"}, "a": {"type": "string"}},
    },
    "two required": {
        "type": "object",
        "properties": {"b": {"type": "integer"}, "a": {"type": "string"}},
        "required": ["a", "b"],
    },
    "map": {
        "type": "object",
        "propertyNames": {"pattern": "^[a-z_]+$"},
        "additionalProperties": {"type": "array", "items": {"type": "integer"}, "minItems": 1},
        "maxProperties": 3,
    },
    "patterned": {
        "type": "object",
        "properties": {"a": {"type": "integer"}},
        "patternProperties": {"^a": {"minimum": 3}, "^b": {"type": "string"}},
        "additionalProperties": {"type": "boolean"},
    },
    "patterned and closed": {
        "patternProperties": {"^a": {"type": "integer"}, "a$": {"maximum": 5}},
        "additionalProperties": False,
    },
    "tagged": {"oneOf": SHAPE},
    "untagged": {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "integer"}, {"type": "array", "items": NAME}]},
    "tuple": {"type": "array", "prefixItems": [NAME, {"type": "integer"}], "items": {"type": "boolean"}, "minItems": 1},
    "contains": {"type": "array", "contains": {"type": "integer"}, "minContains": 2, "maxContains": 3},
    "conditional": {
        "type": "object",
        "properties": {"mode": {"enum": ["x", "y"]}, "value": True},
        "required": ["mode"],
        "if": {"properties": {"mode": {"const": "x"}}},
        "then": {"properties": {"value": {"type": "string"}}, "required": ["value"]},
        "else": {"properties": {"value": {"type": "number"}}},
    },
    "dependent": {
        "type": "object",
        "dependentRequired": {"a": ["b", "c"]},
        "dependentSchemas": {"b": {"properties": {"c": {"type": "string"}}}},
        "not": {"required": ["d"]},
    },
    "unevaluated": {
        "type": "object",
        "allOf": [{"properties": {"a": {"type": "integer"}}}],
        "anyOf": [
            {"properties": {"b": {"const": 1}}, "required": ["b"]},
            {"properties": {"c": True}, "required": ["c"]},
        ],
        "unevaluatedProperties": False,
    },
    "recursive": {
        "$defs": {
            "Tree": {
                "type": "object",
                "properties": {"name": NAME, "children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}},
                "required": ["name"],
                "additionalProperties": False,
            }
        },
        "$ref": "#/$defs/Tree",
    },
}

SEEDS: dict[str, list[Any]] = {
    "contains": [[1, 2], [1, "a", 2, 3], [1]],
    "conditional": [{"mode": "x", "value": "a"}, {"mode": "y", "value": 1}],
    "dependent": [{"a": 1, "b": 2, "c": "x"}, {"b": 1, "c": 1}, {"d": 1}],
    "of three names one without a check": [
        {"c": None, "b": "", "a": 1},
        {"b": "", "a": 1},
        {"c": 1, "b": 1.5, "d": 1, "a": 1},
    ],
    "unevaluated": [{"a": 1, "b": 1}, {"a": 1, "c": 2}, {"b": 1, "c": 2}],
    "patterned and closed": [{"ab": 1}, {"ba": 3}, {"a": 4}],
}
"""Values that chance would not find."""
GENERATED = ("map", "one required", "open", "patterned", "tagged", "two required", "untagged")
"""Schemas for which hypothesis finds values in a reasonable time."""


def generated(schema: Any, count: int) -> list[Any]:
    """Return values that hypothesis finds valid."""
    values: list[Any] = []

    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(from_schema(schema))
    def collect(value: Any) -> None:
        values.append(value)

    collect()
    return values


def samples(folder: Path, schema: Any, count: int) -> list[Any]:
    """Return values that look like those of the schema's type."""
    (found,) = read(folder, {"test.json": payload({"$ref": "it.json"}), "it.json": schema})
    definitions = {definition.name: definition for definition in found.definitions}
    payload_, chance = found.server[0].payload, random.Random(count)
    assert payload_ is not None
    return [sample(payload_.type, definitions, chance) for _ in range(count)]


def add_all(sides: BothSides, folder: Path, *, sampled: int, found: int, mutated: int) -> None:
    chance = random.Random(sampled)
    for name, schema in SCHEMAS.items():
        seeds = [*SEEDS.get(name, ()), *samples(folder / name, schema, sampled)]
        if found and name in GENERATED:
            seeds += generated(schema, found)
        valid = list(sound(seeds))
        sides.add(name, schema, [*valid, *(one for value in valid for one in sound(mutants(value, chance, mutated)))])


def test_both_sides_agree_on_a_sample(tmp_path: Path) -> None:
    sides = BothSides(tmp_path)

    add_all(sides, tmp_path / "samples", sampled=5, found=0, mutated=4)

    assert [] == sides.differences()
    assert sides.count >= 300


@pytest.mark.slow
def test_both_sides_agree_on_generated_values_and_their_mutants(tmp_path: Path) -> None:
    sides = BothSides(tmp_path)

    add_all(sides, tmp_path / "samples", sampled=80, found=80, mutated=8)

    assert [] == sides.differences()
    assert sides.count >= 12_000


@pytest.mark.slow
def test_both_sides_agree_on_random_schemas(tmp_path: Path) -> None:
    sides, chance = BothSides(tmp_path), random.Random(11)

    for at, schema in enumerate(sound(schemas(chance) for _ in range(250))):
        try:
            sides.add(f"schema {at}", schema, list(sound(almost_valid(schema, chance, 180))))
        except SchemaProblems:
            continue

    assert [] == sides.differences()
    assert sides.rejected >= 20_000


@pytest.mark.slow
def test_both_sides_agree_on_mutants_of_the_official_suite(tmp_path: Path) -> None:
    sides, chance = BothSides(tmp_path), random.Random(3)

    for case in cases():
        values = [test["data"] for test in case.tests]
        some = [*values, *(one for value in values for one in sound(mutants(value, chance, 10)))]
        try:
            sides.add(case.name, case.schema, some)
        except SchemaProblems:
            continue

    assert [] == sides.differences()
    assert sides.count >= 12_000
