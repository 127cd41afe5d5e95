"""Ladders: they tell what the validator would, or leave it to tell."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterable
from typing import Any

import jsonschema_rs
import pytest

from tornado_ws.errors import ErrorData
from tornado_ws.judge import Judge
from tornado_ws.ladder import Ladder

from .codegen.mutants import mutants
from .codegen.official import cases

NAME = {"type": "string", "minLength": 2, "maxLength": 4, "pattern": "^a", "enum": ["ab", "abc", "bab"]}
PERSON = {
    "type": "object",
    "properties": {
        "name": NAME,
        "age": {"type": "integer", "minimum": 1, "exclusiveMaximum": 9.5, "multipleOf": 2},
        "tags": {"type": ["array", "null"], "minItems": 1, "uniqueItems": True, "items": {"type": "string"}},
        "best": {"properties": {"a/b": {"const": 1.0}, "%": {"type": "array"}}, "dependentRequired": {"c": ["d", "e"]}},
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


def both(schema: Any, values: Iterable[Any], monkeypatch: pytest.MonkeyPatch) -> list[ErrorData | None]:
    """Return what is told of values, by the ladder where it can; fail if the validator tells something else."""
    found = Judge(json.dumps(schema))
    wanted = Judge(json.dumps(schema))
    listed = list(values)
    told = [found.explain("", value) for value in listed]
    with monkeypatch.context() as patch:
        patch.setattr(Ladder, "find", lambda self, value: None)
        assert [said(wanted.explain("", value)) for value in listed] == list(map(said, told))
    return told


def said(error: ErrorData | None) -> Any:
    """Return an error without what depends on the order of names, which the validator does not keep."""
    return error if error is None else (error.code, error.pointer, error.keyword, error.expected, sorted(error.message))


def test_it_tells_what_the_validator_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    valid = {"name": "abc", "age": 2, "tags": ["x"], "best": {"a/b": 1, "%": []}, "other": "x", "xy": None}
    listed = [{**valid, "age": 9}, {**valid, "best": {"a/b": 2}}, {**valid, "best": {"c": 1, "d": 1}}]
    near = mutants(valid, random.Random(3), 4000)

    told = both(PERSON, [valid, None, {}, *listed, *near], monkeypatch)

    assert None is told[0]
    assert 15 <= len({(error.keyword, error.pointer) for error in told if error is not None})


def test_no_exception_is_made_where_one_keyword_tells_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Judge, "_raised", None)
    judge = Judge(json.dumps(PERSON))

    errors = [
        judge.explain("", value)
        for value in (1, {}, {"name": "x"}, {"name": "abc", "age": 0}, {"name": "abc", "age": 2, "best": {"a/b": 2}})
    ]

    assert [(error.pointer, error.keyword, error.expected) for error in errors if error] == [
        ("", "type", "object"),
        ("", "required", "name"),
        ("", "required", "age"),
        ("/age", "minimum", 1),
        ("/best/a~1b", "const", 1.0),
    ]


def test_what_may_be_told_in_several_ways_is_left_to_the_validator() -> None:
    def find(schema: Any, value: Any) -> ErrorData | None:
        return Ladder("", schema, lambda _, part: jsonschema_rs.Draft202012Validator(part).is_valid, {}).find(value)

    assert find({"items": {"type": "string"}}, [1]) is None
    assert find({"type": "array", "items": {"type": "string"}}, [1]) is None
    assert find({"additionalProperties": {"type": "string"}, "properties": {}}, {"a": 1}) is None
    assert find(False, 1) is None
    assert find({"allOf": [{"required": ["a"]}, False]}, {"a": 1}) is None
    assert find({"allOf": [{"required": [str(at)]} for at in range(99)]}, {}) is None


@pytest.mark.slow
def test_it_tells_what_the_validator_tells_of_the_official_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(5)
    told = 0
    for case in cases():
        tested = [test["data"] for test in case.tests]
        near = itertools.chain.from_iterable(mutants(value, chance, 20) for value in tested)
        try:
            told += sum(error is not None for error in both(case.schema, [*tested, *near], monkeypatch))
        except (ValueError, jsonschema_rs.ReferencingError):
            continue  # it refers to what is elsewhere

    assert told >= 5000
