"""The judge: parts of schemas judged by themselves."""

from __future__ import annotations

import json
from typing import Any

import pytest

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
        ({"a": 1}, True),  # what it says of its own properties is judged elsewhere
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
def test_what_is_not_evaluated_is_judged_with_the_alternatives_alone(value: Any, accepted: bool) -> None:
    judge = SchemaValidator(json.dumps(SCHEMA))

    assert accepted is judge.predicate_of_keywords("", ["unevaluatedProperties"])(value)


@pytest.mark.parametrize("keywords", [["anyOf", "unevaluatedProperties"], ["anyOf"]])
def test_alternatives_are_judged_where_they_are_asked_for(keywords: list[str]) -> None:
    judge = SchemaValidator(json.dumps({**SCHEMA, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}))

    assert not judge.predicate_of_keywords("", keywords)({})
    assert judge.predicate_of_keywords("", keywords)({"a": 1})


def test_what_is_evaluated_where_a_reference_leads_is_judged_as_a_whole() -> None:
    schema = {"$ref": "#/$defs/More", "properties": {"a": {"type": "string"}}, "unevaluatedProperties": False}
    judge = SchemaValidator(json.dumps({"$defs": {"It": schema, "More": {"properties": {"b": True}}}}))
    accepts = judge.predicate_of_keywords("/$defs/It", ["unevaluatedProperties"])

    assert [True, True, False, False] == [accepts(one) for one in ({"a": ""}, {"b": 1}, {"c": 1}, {"a": 1})]


def test_schema_that_is_given_refers_by_whole_addresses() -> None:
    accepts = SchemaValidator(json.dumps(SCHEMA)).predicate_of_schema(
        '{"properties":{"a":{"$ref":"https://example.org/it#/$defs/More"}}}'
    )

    assert [True, False] == [accepts({"a": "xy"}), accepts({"a": "x"})]
