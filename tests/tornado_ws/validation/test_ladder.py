"""Ladders: they tell what the validator would, or leave it to tell."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import pytest

from tornado_ws.errors import ErrorData
from tornado_ws.validation.faults import fault
from tornado_ws.validation.ladder import Ladder
from tornado_ws.validation.ordered import FRAGMENT, Ordered
from tornado_ws.validation.schema_validator import REFERS

from ...codegen.support.mutants import mutants
from ...codegen.support.official import cases

HOME = "https://example.org/home"
NAME = {"type": "string", "minLength": 2, "maxLength": 4, "pattern": "^a", "enum": ["ab", "abc", "bab"]}
PERSON = {
    "type": "object",
    "properties": {
        "name": NAME,
        "age": {"type": "integer", "minimum": 1, "exclusiveMaximum": 9.5, "multipleOf": 2},
        "tags": {"type": ["array", "null"], "minItems": 1, "uniqueItems": True, "items": {"type": "string"}},
        "best": {
            "properties": {"a/b": {"const": 1.0}, "%": {"type": "array"}},
            "dependentRequired": {"c": ["d", "e"]},
            "unevaluatedProperties": False,
        },
        "other": {"$ref": "#/$defs/Other"},
    },
    "required": ["name", "age"],
    "maxProperties": 6,
    "additionalProperties": False,
    "patternProperties": {"^x": {"type": "null"}},
    "allOf": [
        {"properties": {"name": {"minLength": 3}}},
        {"propertyNames": {"maxLength": 5}, "patternProperties": {"^.[^2]": True}, "unevaluatedProperties": False},
        {"$ref": "#/$defs/Other"},
        {"unevaluatedItems": False, "unevaluatedProperties": {"not": {"const": False}}},
        {"properties": {"xy": {"const": None}}},
    ],
    "$defs": {
        "Other": {"anyOf": [{"required": ["name"]}, {"type": "string"}], "not": {"required": ["no"], "type": "object"}}
    },
}
VALID = {"name": "abc", "age": 2, "tags": ["x"], "best": {"a/b": 1, "%": []}, "other": "x", "xy": None}


def ladder(schema: Any) -> tuple[Ladder, Callable[[Any], ErrorData | None]]:
    """Return a ladder, and what tells the same by the validator's exceptions."""
    document = Ordered(schema, HOME).document
    registry = jsonschema_rs.Registry([(HOME, document)])

    def compiled(pointer: str, part: Any) -> jsonschema_rs.Draft202012Validator:
        refers = REFERS.search(json.dumps(part))
        place = {"$ref": f"{HOME}#{quote(pointer, safe=FRAGMENT)}"} if refers else part
        return jsonschema_rs.Draft202012Validator(place, registry=registry, offline=True)

    def tell(value: Any) -> ErrorData | None:
        try:
            compiled("", document).validate(value)
        except jsonschema_rs.ValidationError as error:
            return fault(error, {})
        return None

    return Ladder("", document, lambda pointer, part: compiled(pointer, part).is_valid, {}), tell


def found(schema: Any, values: Iterable[Any]) -> list[ErrorData]:
    """Return what a ladder finds in values; fail if the validator tells something else."""
    rungs, tell = ladder(schema)
    errors = []
    for value in values:
        error = rungs.find(value)
        if error is not None:
            assert error == tell(value), (schema, value)
            errors.append(error)
    return errors


def test_it_tells_what_the_validator_tells() -> None:
    near = mutants(VALID, random.Random(3), 4000)

    errors = found(PERSON, [None, {}, {**VALID, "best": {"a/b": 2}}, {**VALID, "best": {"c": 1, "d": 1}}, *near])

    assert 15 <= len({(error.keyword, error.pointer) for error in errors})
    assert {error.keyword for error in errors} >= {"dependentRequired", "unevaluatedProperties", "maxProperties"}


def test_where_one_keyword_tells_all_it_is_found() -> None:
    values: tuple[Any, ...] = (
        1,
        {},
        {"name": "x"},
        {"name": "abc", "age": 0},
        {"name": "abc", "age": 2, "best": {"a/b": 2}},
    )

    assert [(error.pointer, error.keyword, error.expected) for error in found(PERSON, values)] == [
        ("", "type", "object"),
        ("", "required", "name"),
        ("", "required", "age"),
        ("/age", "minimum", 1),
        ("/best/a~1b", "const", 1.0),
    ]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (True, 1),
        ({"items": {"type": "string"}}, [1]),
        ({"type": "array", "items": {"type": "string"}}, [1]),
        ({"additionalProperties": {"type": "string"}, "properties": {}}, {"a": 1}),
        ({"properties": {"a": False}}, {"a": 1}),
        ({"allOf": [{"required": ["a"]}, False]}, {"a": 1}),
        ({"required": [str(at) for at in range(99)]}, {}),
        ({"unevaluatedProperties": False, "unevaluatedItems": False}, {"a": 1}),
        ({"unevaluatedProperties": {"type": "string"}}, {"a": 1}),
    ],
)
def test_what_may_be_told_in_several_ways_is_left_to_the_validator(schema: Any, value: Any) -> None:
    rungs, _ = ladder(schema if isinstance(schema, bool) else {"$defs": {}, **schema})

    assert rungs.find(value) is None


@pytest.mark.slow
def test_it_tells_what_the_validator_tells_of_the_official_suite() -> None:
    chance = random.Random(5)
    told = 0
    for case in cases():
        tested = [test["data"] for test in case.tests]
        near = itertools.chain.from_iterable(mutants(value, chance, 20) for value in tested)
        try:
            told += len(found(case.schema, [*tested, *near]))
        except (ValueError, jsonschema_rs.ReferencingError):
            continue  # it refers to what is elsewhere

    assert told >= 3000
