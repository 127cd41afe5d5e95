"""Instances of schemas for which classes of an application stand in."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from codegen import model
from codegen.emit.python.pydantic.instances import instances
from codegen.source.diagnostics import SchemaProblems
from tornado_ws.validation.schema_validator import SchemaValidator

from ....support.generated import payload, read

CHILD = {"$ref": "#/$defs/Value"}
NULL = {"type": "null"}


def made(folder: Path, schema: Any, **definitions: Any) -> list[Any]:
    """Return the instances for a definition."""
    value = {"type": "object", "x-python": "app:It", **schema}
    document = payload(CHILD, **{"$defs": {"Value": value, **definitions}})
    (endpoint,) = read(folder, {"test.json": document}, python_models=("app",))
    (record,) = (one for one in endpoint.definitions if isinstance(one, model.Record) and one.stand_in is not None)
    found = instances(endpoint, [record])[record.pointer]
    assert found == instances(endpoint, [record])[record.pointer]
    accepts = SchemaValidator(json.dumps(endpoint.bundle)).predicate(record.pointer)
    assert found and all(map(accepts, found))
    return found


def values(folder: Path, schema: Any, **definitions: Any) -> list[Any]:
    """Return the values of a required property in the instances."""
    closed = {"properties": {"a": schema}, "required": ["a"], "additionalProperties": False}
    return [one["a"] for one in made(folder, closed, **definitions)]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, ["text", ""]),
        ({"type": "string", "minLength": 6, "maxLength": 7}, ["textxx", "xxxxxx", "ééééééé"]),
        ({"type": "string", "format": "uuid"}, ["123e4567-e89b-42d3-a456-426614174000"]),
        ({"type": "integer", "exclusiveMinimum": 3, "maximum": 5}, [5, 4]),
        ({"type": "integer", "multipleOf": 7, "minimum": 1, "maximum": 20}, [7, 14]),
        ({"type": "boolean"}, [True, False]),
        ({"enum": ["a", 1, None, [2]]}, ["a", 1, None, [2]]),
        ({"type": "array", "items": {"type": "boolean"}, "maxItems": 1}, [[], [True], [False]]),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 2}, [[True, False]]),
        ({"prefixItems": [{"const": 1}, {"const": "b"}], "items": False, "minItems": 2, "type": "array"}, [[1, "b"]]),
        ({"type": "object", "additionalProperties": {"const": 1}}, [{}, {"text": 1, "": 1}]),
        ({"anyOf": [{"type": "null"}, {"type": "boolean"}]}, [None, True, False]),
    ],
)
def test_values_have_bounds_and_alternatives(tmp_path: Path, schema: Any, expected: list[Any]) -> None:
    assert expected == values(tmp_path, schema)


@pytest.mark.parametrize("pattern", ["^[A-Z]{2}-\\d+$", "a|bc+", "^(x|y)?z$", "^\\p{Lu}", "^[^a-z]{3,}$", "^$"])
def test_texts_match_patterns(tmp_path: Path, pattern: str) -> None:
    assert values(tmp_path, {"type": "string", "pattern": pattern})


def test_instances_have_some_or_all_properties_and_one_more(tmp_path: Path) -> None:
    properties = {"id": {"const": 1}, "a": {"const": 2}, "b": {"const": 3}}

    assert made(tmp_path, {"properties": properties, "required": ["id"]})[:4] == [
        {"id": 1},
        {"id": 1, "a": 2, "b": 3},
        {"id": 1, "a": 2, "b": 3, "undeclared": "text"},
        {"id": 1, "a": 2, "b": 3, "undeclared": 1},
    ]


def test_properties_that_exclude_each_other_are_in_different_instances(tmp_path: Path) -> None:
    properties = {"id": {"const": 1}, "a": {"const": 2}, "b": {"const": 3}}
    rule = {"not": {"required": ["a", "b"]}}

    found = made(tmp_path, {"properties": properties, "additionalProperties": False, **rule})

    assert found == [{}, {"id": 1, "a": 2}, {"b": 3}]


def test_examples_of_the_schema_come_first_if_they_are_valid(tmp_path: Path) -> None:
    schema = {"properties": {"a": {"pattern": "^(?=.*x)y", "type": "string"}}, "examples": [{"a": "yx"}, {"a": 1}]}

    assert {"a": "yx"} == made(tmp_path, schema)[0]


def test_schema_without_a_known_instance_is_a_problem(tmp_path: Path) -> None:
    impossible = {"type": "string", "minLength": 5000}

    with pytest.raises(SchemaProblems) as caught:
        values(tmp_path, impossible)
    (problem,) = caught.value.problems
    assert ("unchecked_python_model", "/$defs/Value") == (problem.code, problem.pointer)


@pytest.mark.parametrize(
    "properties",
    [
        {f"p{at}": {"anyOf": [CHILD, NULL]} for at in range(8)},
        {f"p{at}": {"type": "array", "items": CHILD} for at in range(8)},
        {f"p{at}": {"$ref": "#/$defs/Other"} for at in range(8)},
    ],
)
def test_recursive_schemas_have_few_small_instances(tmp_path: Path, properties: Any) -> None:
    other = {"type": "object", "properties": {f"p{at}": {"anyOf": [CHILD, NULL]} for at in range(8)}}
    start = time.monotonic()

    found = made(tmp_path, {"properties": properties, "required": [*properties]}, Other=other)

    assert time.monotonic() - start < 10
    assert len(json.dumps(found[1:])) < 30_000
