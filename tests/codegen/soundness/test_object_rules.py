"""Residual checks of several attributes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from codegen.soundness import Prover
from codegen.soundness.sandbox import temporary_module
from tornado_ws.endpoint import InlineSchema, ObjectCheck, Payload
from tornado_ws.validation.payload import PayloadCodec
from tornado_ws.validation.schema_validator import SchemaValidator

from ..support.proofs import SOURCE, passes_checks, residual_checks, unproven, unproven_keywords


def test_keyword_of_an_object_is_checked_with_the_attributes_that_it_depends_on() -> None:
    constraints = {"properties": {"b": {"minLength": 1}}, "required": ["class"]}

    assert residual_checks("Wide", {"if": {"required": ["b"]}, "then": {"not": constraints}}) == (
        ObjectCheck(("b", "class_"), "/$defs/It", "if"),
    )
    assert residual_checks("Wide", {"not": {"required": ["b"]}, "dependentRequired": {"b": ["class"]}}) == (
        ObjectCheck(("b", "class_"), "/$defs/It", "dependentRequired"),
        ObjectCheck(("b",), "/$defs/It", "not"),
    )
    assert residual_checks("Open", {"not": {"properties": {"a": {"const": "x"}}}}) == (
        ObjectCheck(("a",), "/$defs/It", "not"),
    )


def inline_schema(check: ObjectCheck) -> Any:
    assert isinstance(check.schema, InlineSchema)
    return json.loads(check.schema.text)


def composition(**keywords: Any) -> dict[str, Any]:
    """Return a schema for ``Wide`` that is closed by ``unevaluatedProperties``."""
    return {"properties": {"a": {"type": "string"}}, "required": ["a"], "unevaluatedProperties": False, **keywords}


def test_properties_that_alternatives_evaluate_trigger_a_check() -> None:
    one = {"anyOf": [{"properties": {"b": True}, "required": ["b"]}, {"required": ["a"]}]}
    other = {"if": {"required": ["b"]}, "then": {"properties": {"class": {"$ref": "#/$defs/Int"}}}}

    (check,) = residual_checks("Wide", composition(allOf=[other], **one), Int={"type": "integer"})

    assert isinstance(check, ObjectCheck)
    assert (("a",), ("b", "class_")) == (check.attributes, check.triggers)
    other["then"] = {
        "properties": {
            "class": {"$ref": "https://tornado-ws.invalid/it.json#/%24defs/It/allOf/0/then/properties/class"}
        }
    }
    assert {"properties": {"a": True}, "allOf": [one, other], "unevaluatedProperties": False} == inline_schema(check)


def test_keyword_that_depends_on_a_float_is_checked_with_it() -> None:
    assert residual_checks("Float", {"not": {"properties": {"a": {"multipleOf": 2}}}}) == (
        ObjectCheck(("a",), "/$defs/It", "not"),
    )


def test_keyword_with_references_is_checked_by_an_inline_schema() -> None:
    rule = {"if": {"$ref": "#/$defs/If"}, "then": {"required": ["class"], "allOf": [{"required": ["a"]}]}}

    (check,) = residual_checks("Wide", rule, If={"title": "If", "x-tag": {}, "required": ["b"]})

    assert isinstance(check, ObjectCheck)
    assert (("a", "b", "class_"), ()) == (check.attributes, check.triggers)
    rule["if"] = {"allOf": [{"required": ["b"]}]}
    assert rule == inline_schema(check)


def test_unevaluated_properties_of_a_nested_record_are_checked() -> None:
    """The runtime finds the attributes by path, and their names in JSON."""
    inner = composition(anyOf=[{"required": ["class"], "properties": {"class": True, "b": True}}, {"required": ["a"]}])
    source = SOURCE + "class Outer(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):\n    wide: Wide\n"
    schema = {"type": "object", "properties": {"wide": inner}, "required": ["wide"], "additionalProperties": False}
    document = {"$id": "https://tornado-ws.invalid/it.json", "$defs": {"It": schema}}
    with temporary_module(source) as module:
        checks = Prover(vars(module), document, formats=False).residual_checks("Outer", "/$defs/It")
        codec = PayloadCodec(Payload(vars(module)["Outer"], "/$defs/It", checks), SchemaValidator(json.dumps(document)))

        (check,) = checks
        assert isinstance(check, ObjectCheck)
        assert ("wide", ("a",), ("b", "class_")) == (check.path, check.attributes, check.triggers)
        assert passes_checks(codec, '{"wide":{"a":"x"}}')
        assert passes_checks(codec, '{"wide":{"a":"x","b":"x","class":1}}')
        assert not passes_checks(codec, '{"wide":{"a":"x","b":"x"}}')


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        ("Item", composition(anyOf=[{"properties": {"b": True}}, {"required": ["a"]}])),
        ("Wide", composition(anyOf=[{"properties": {"b": True, "class": True}}])),
        ("Wide", composition(allOf=[{"$ref": "#/$defs/Both"}])),
        ("Wide", composition(**{"if": {"required": ["a"]}, "then": {"$ref": "#/$defs/Both"}})),
        ("Wide", composition(**{"if": {"type": "array"}, "else": {"$ref": "#/$defs/Both"}})),
        ("Wide", composition(dependentSchemas={"a": {"$ref": "#/$defs/Both"}})),
        ("Wide", composition(oneOf=[{"$ref": "#/$defs/Both"}, {"required": ["d"]}])),
    ],
)
def test_properties_that_are_always_evaluated_are_proved(annotation: str, schema: Any) -> None:
    assert [] == unproven(annotation, schema, Both={"properties": {"b": True, "class": True}})


@pytest.mark.parametrize(
    "alternatives",
    [
        {"anyOf": [{"$ref": "#/$defs/Both"}, {"required": ["a"]}, {"required": ["d"]}]},
        {"oneOf": [{"$ref": "#/$defs/Both"}, {"properties": {"class": False}}]},
        {"if": {"required": ["b"]}, "then": {"$ref": "#/$defs/Both"}},
        {"if": {"required": ["b"]}, "else": {"$ref": "#/$defs/Both"}},
        {"if": {"required": ["a"]}, "else": {"$ref": "#/$defs/Both"}},
        {"if": {"$ref": "#/$defs/Both"}},
        {"then": {"$ref": "#/$defs/Both"}},
        {"not": {"$ref": "#/$defs/Both"}},
        {"dependentSchemas": {"class": {"$ref": "#/$defs/Both"}}},
        {"properties": {"a": {"$ref": "#/$defs/Both"}}},
    ],
)
def test_properties_that_may_be_unevaluated_are_unproven(alternatives: dict[str, Any]) -> None:
    both = {"properties": {"b": {"minLength": 1}, "class": True}}

    assert "unevaluatedProperties" in unproven_keywords("Wide", composition(**alternatives), Both=both)


@pytest.mark.parametrize(
    "schema",
    [
        composition(anyOf=[{"properties": {"b": True, "class": True}}, {"patternProperties": {"^b": True}}]),
        composition(anyOf=[{"properties": {"b": True, "class": True}}, {"minProperties": 2}]),
        composition(anyOf=[{"properties": {"b": True}}, {"additionalProperties": {"type": "string"}}]),
    ],
)
def test_condition_on_unknown_properties_is_not_checked_alone(schema: Any) -> None:
    assert not any(isinstance(check, ObjectCheck) and check.triggers for check in residual_checks("Wide", schema))


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        ("Open", {"not": {"required": ["b"]}}),  # other properties are not read
        ("Open", {"if": {"properties": {"a": {"const": "x"}}}, "then": {"properties": {"b": False}}}),
        ("Wide", {"not": {"minProperties": 2}}),
        ("Wide", {"not": {"additionalProperties": {"type": "string"}}}),
        ("Wide", {"not": {"patternProperties": {"^c": True}, "required": ["b"]}}),
        ("Wide", {"not": {"const": {"a": "x"}}}),
        ("Wide", {"not": {"enum": [{"a": "x"}]}}),
        ("Wide", {"not": {"$ref": "#/$defs/Item"}}),
        (
            "Holder",
            {"not": {"properties": {"item": {"properties": {"a": {"const": "x"}}}}}},
        ),  # a record does not equal its JSON
        ("Holder", {"oneOf": [{"required": ["items"]}, {"required": ["maybe"]}]}),
        ("Preset", {"not": {"properties": {"a": {"const": "x"}}}}),  # a default hides an absent property
        ("Cat", {"not": {"properties": {"kind": {"const": "cat"}, "lives": {"const": 9}}}}),
        ("Wide | None", {"not": {"required": ["b"]}}),
        ("dict[str, int]", {"not": {"required": ["b"]}}),
    ],
)
def test_keyword_that_may_depend_on_other_properties_is_not_checked_alone(annotation: str, schema: Any) -> None:
    assert not any(isinstance(check, ObjectCheck) for check in residual_checks(annotation, schema))
