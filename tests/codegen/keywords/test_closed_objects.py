"""Records that reject other properties."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen import model

from ..support.models import INTEGER, NULL, STRING, built, fields, record


def test_closed_base_rejects_properties_of_the_derived_schema(tmp_path: Path) -> None:
    base = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}
    schema = {"allOf": [base], "properties": {"b": {"type": "integer"}}}

    found = built(tmp_path, schema)

    assert {"a": STRING} == fields(found, "It")
    assert record(found, "It").closed


def test_unevaluated_properties_close_a_record(tmp_path: Path) -> None:
    base = {"type": "object", "properties": {"a": {"type": "string"}}}

    assert record(built(tmp_path, {"allOf": [base], "unevaluatedProperties": False}), "It").closed


def test_closed_record_has_the_properties_of_all_alternatives(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "anyOf": [{"required": ["a"]}, {"properties": {"b": {"type": "integer", "description": "B."}}}],
        "if": {"properties": {"b": {"type": "null"}, "c": True}},
        "then": {"dependentSchemas": {"a": {"allOf": [{"properties": {"d": {"type": "string"}}}]}}},
        "not": {"properties": {"e": True}},
        "unevaluatedProperties": False,
    }

    found = built(tmp_path, schema)

    assert record(found, "It").closed
    assert {
        "a": STRING,
        "b": model.Union(members=(INTEGER, NULL)),
        "c": model.Anything(),
        "d": STRING,
    } == fields(found, "It")
    assert [("a", True), ("b", False), ("c", False), ("d", False)] == [
        (field.name, field.required) for field in record(found, "It").fields
    ]
    assert ["", "B.", "", ""] == [field.description for field in record(found, "It").fields]


@pytest.mark.parametrize(
    "alternative",
    [
        {"patternProperties": {"^b": True}},
        {"additionalProperties": True},
        {"additionalProperties": {"type": "string"}},
        {"unevaluatedProperties": {"type": "string"}},
        {"allOf": [{"patternProperties": {"^b": True}}]},
        {"$ref": "#/$defs/Loose"},
        {"$dynamicRef": "#/$defs/Loose"},
    ],
)
def test_alternative_that_evaluates_any_property_leaves_a_record_open(tmp_path: Path, alternative: Any) -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "anyOf": [{"required": ["a"]}, alternative],
        "unevaluatedProperties": False,
    }
    loose = {"anyOf": [{"additionalProperties": {"type": "string"}}, {"required": ["b"]}]}

    assert not record(built(tmp_path, schema, **{"$defs": {"Loose": loose}}), "It").closed


def test_record_of_one_alternative_has_no_properties_of_excluded_alternatives(tmp_path: Path) -> None:
    def kind(name: str) -> dict[str, Any]:
        return {"properties": {"kind": {"const": name}, name: {"type": "string"}}, "required": ["kind"]}

    base = {"type": "object", "properties": {"a": {"type": "string"}}, "unevaluatedProperties": False}
    some = {"properties": {"b": {"type": "string"}}, "required": ["b"]}
    tagged = built(tmp_path / "a", {**base, "anyOf": [kind("x"), kind("y")]})
    either = built(tmp_path / "b", {**base, "oneOf": [kind("x"), some]})
    several = built(tmp_path / "c", {**base, "anyOf": [kind("x"), some]})

    assert [{"a", "kind", "x"}, {"a", "kind", "y"}] == [{*fields(tagged, name)} for name in ("ItX", "ItY")]
    assert [{"a", "kind", "x"}, {"a", "b"}] == [{*fields(either, name)} for name in ("ItX", "ItB")]
    assert [{"a", "kind", "x", "b"}, {"a", "b", "kind", "x"}] == [{*fields(several, name)} for name in ("ItX", "ItB")]


def test_additional_properties_leave_a_record_open(tmp_path: Path) -> None:
    base = {"type": "object", "properties": {"a": {"type": "string"}}}
    free = {"allOf": [base, {"additionalProperties": True}], "unevaluatedProperties": False}

    assert not record(built(tmp_path, free), "It").closed
