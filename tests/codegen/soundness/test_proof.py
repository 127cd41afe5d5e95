"""Proofs about types and schemas; also tests for arrays, objects, scalars, disjoint and type_info."""

from __future__ import annotations

from typing import Any

import pytest

from ..support.proofs import ITEM, unproven, unproven_keywords

KIND = {"required": ["kind"], "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}}, "type": "object"}


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        ("typing.Any", True),
        ("typing.Any", {"title": "anything", "default": 1}),
        ("str", {"type": "string"}),
        ("int", {"type": "integer"}),
        ("int", {"type": "number"}),
        ("float", {"type": ["number", "null"]}),
        ("None", {"type": "null"}),
        ("None", {"const": None}),
        ("bool", {"enum": [True, False]}),
        ("typing.Annotated[float, msgspec.Meta(ge=1.5, le=1.5)]", {"const": 1.5}),
        ("typing.Annotated[list[typing.Any], msgspec.Meta(max_length=0)]", {"enum": [{}, []]}),
        ("typing.Annotated[dict[str, typing.Any], msgspec.Meta(max_length=0)]", {"const": {}}),
        ("str | None", {"type": ["string", "null"]}),
        ("str | None", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ("str | None", {"oneOf": [{"type": "string"}, {"type": "null"}]}),
        ("typing.Literal['a', 1] | None", {"enum": ["a", 1, None]}),
        ("typing.Literal['abc']", {"type": "string", "pattern": "^a", "minLength": 3}),
        ("typing.Annotated[str, msgspec.Meta(max_length=5)]", {"maxLength": 6}),
        ("typing.Annotated[int, msgspec.Meta(ge=2)]", {"exclusiveMinimum": 1.5}),
        ("typing.Annotated[int, msgspec.Meta(multiple_of=6)]", {"multipleOf": 3}),
        ("int", {"multipleOf": 1}),
        ("list[int]", {"type": "array", "items": {"type": "integer"}}),
        ("typing.Annotated[list[str], msgspec.Meta(max_length=1)]", {"uniqueItems": True, "maxItems": 2}),
        ("tuple[int, str]", {"prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 2, "items": False}),
        ("tuple[int]", {"prefixItems": [True], "unevaluatedItems": False}),
        ("dict[str, int]", {"type": "object", "additionalProperties": {"type": "integer"}}),
        ("dict[typing.Annotated[str, msgspec.Meta(max_length=2)], typing.Any]", {"propertyNames": {"maxLength": 2}}),
        ("Item", ITEM),
        ("Item", {"$ref": "#/$defs/Item"}),
        ("Item", {"allOf": [{"required": ["a"]}, {"$ref": "#/$defs/Item"}]}),
        ("Item", {"minProperties": 1, "maxProperties": 1, "propertyNames": {"maxLength": 1}}),
        ("Item", {"properties": {"a": {"type": "string"}}, "unevaluatedProperties": False}),
        ("Item", {"not": {"required": ["b"]}}),
        ("Item", {"not": {"type": "array"}}),
        ("Item", {"dependentRequired": {"b": ["c"], "c": ["a"]}, "dependentSchemas": {"b": False}}),
        ("Item", {"patternProperties": {"^b": False, "^a": {"type": "string"}}}),
        ("Item", {"if": {"required": ["b"]}, "then": False, "else": {"required": ["a"]}}),
        ("Open", {"type": "object", "required": ["a"]}),
        ("Cat | Dog", {"oneOf": [KIND, {"required": ["kind"], "properties": {"kind": {"const": "dog"}}}]}),
        ("Cat", KIND),
        ("Either", {"anyOf": [{"$ref": "#/$defs/Item"}, {"type": "array", "items": {"type": "integer"}}]}),
        ("Odd", {"type": "object", "required": ['"'], "properties": {'"': {"type": "integer"}}}),
    ],
)
def test_type_guarantees_schema(annotation: str, schema: Any) -> None:
    assert [] == unproven(annotation, schema)


@pytest.mark.parametrize(
    ("annotation", "schema", "missing"),
    [
        ("typing.Any", {"type": "string"}, {"type"}),
        ("typing.Any", False, {"false schema"}),
        ("int", {"type": "string"}, {"type"}),
        ("float", {"type": "integer"}, {"type"}),
        ("str", {"type": "string", "minLength": 1}, {"minLength"}),
        ("str", {"pattern": "^a"}, {"pattern"}),
        ("str", {"enum": ["a"]}, {"enum"}),
        ("bool", {"const": True}, {"const"}),
        ("bool", {"enum": [1, 0]}, {"enum"}),
        ("typing.Annotated[float, msgspec.Meta(ge=1.5, le=2.5)]", {"const": 1.5}, {"const"}),
        ("typing.Annotated[float, msgspec.Meta(ge=1.5, le=1.5)]", {"const": 2.5}, {"const"}),
        ("typing.Annotated[list[typing.Any], msgspec.Meta(max_length=1)]", {"const": []}, {"const"}),
        ("typing.Annotated[dict[str, typing.Any], msgspec.Meta(max_length=0)]", {"const": []}, {"const"}),
        ("str | None", {"type": "string"}, {"type"}),
        ("typing.Literal['a', 'b']", {"enum": ["a"]}, {"constant"}),
        ("typing.Literal['abc']", {"maxLength": 2}, {"constant"}),
        ("typing.Literal['a', 'b']", {"$ref": "#/$defs/Item", "enum": ["a", "b"]}, {"constant"}),
        ("typing.Any", {"const": [1], "enum": [[2]]}, {"const", "enum"}),
        ("Wide", {"propertyNames": {"pattern": "^[a-z]+$", "maxLength": 4}}, {"propertyNames"}),
        ("float", {"multipleOf": 0.5}, {"multipleOf"}),
        ("int", {"minimum": 1, "maximum": 2}, {"minimum", "maximum"}),
        ("typing.Annotated[int, msgspec.Meta(gt=1)]", {"exclusiveMinimum": 2}, {"exclusiveMinimum"}),
        ("typing.Annotated[float, msgspec.Meta(le=9007199254740992)]", {"maximum": 2**53}, {"maximum"}),
        ("list[int]", {"items": {"type": "integer"}, "uniqueItems": True, "minItems": 1}, {"uniqueItems", "minItems"}),
        ("list[int]", {"prefixItems": [{"type": "string"}], "items": {"type": "integer"}}, {"type"}),
        ("list[int]", {"contains": {"type": "integer"}, "unevaluatedItems": False}, {"contains", "unevaluatedItems"}),
        ("dict[str, int]", {"required": ["a"], "minProperties": 1}, {"required", "minProperties"}),
        ("dict[str, typing.Any]", {"properties": {"a": {"type": "string"}}}, {"type"}),
        ("dict[str, int]", {"additionalProperties": False}, {"false schema"}),
        ("Open", {"additionalProperties": False}, {"additionalProperties", "false schema"}),
        ("Open", {"properties": {"b": {"type": "string"}}}, {"properties"}),
        ("Open", {"patternProperties": {"^b": False}}, {"patternProperties"}),
        ("Open", {"propertyNames": {"maxLength": 1}}, {"propertyNames"}),
        ("Open", {"unevaluatedProperties": False}, {"unevaluatedProperties"}),
        ("Wide", {"required": ["a", "b"]}, {"required"}),
        ("Wide", {"maxProperties": 2}, {"maxProperties"}),
        ("Wide", {"dependentRequired": {"b": ["class"]}}, {"dependentRequired"}),
        ("Item", {"not": {"required": ["a"]}}, {"not"}),
        ("Item", {"oneOf": [{"required": ["a"]}, True]}, {"oneOf"}),
        ("Item", {"if": {"required": ["a"]}, "then": False}, {"if"}),
        ("Cat | Dog", {"oneOf": [KIND, {"required": ["kind"]}]}, {"oneOf"}),
        ("Pets", {"properties": {"pet": KIND}}, {"required"}),
        ("Either", {"oneOf": [{"$ref": "#/$defs/Item"}, True]}, {"oneOf"}),
        ("Odd", {"additionalProperties": False}, {"additionalProperties", "false schema"}),
        ("Item", {"$dynamicRef": "#it"}, {"$dynamicRef"}),
    ],
)
def test_type_does_not_guarantee_keywords(annotation: str, schema: Any, missing: set[str]) -> None:
    assert missing == unproven_keywords(annotation, schema)


def test_format_is_unproven_only_where_it_is_asserted() -> None:
    assert [] == unproven("str", {"type": "string", "format": "date"})
    assert ["format"] == [one.keyword for one in unproven("str", {"type": "string", "format": "date"}, formats=True)]


@pytest.mark.parametrize(
    ("annotation", "schema", "keywords"),
    [
        ("datetime.date", {"type": "string", "format": "date"}, []),
        ("list[datetime.date | None]", {"items": {"type": ["string", "null"], "format": "date"}}, []),
        ("datetime.date", {"format": "date-time"}, ["format"]),
        ("datetime.date", {"format": "date", "pattern": "^2"}, ["pattern"]),
        ("datetime.date", {"format": "date", "not": {"const": "2026-01-01"}}, ["not"]),
        ("datetime.datetime", {"type": "string", "format": "date-time"}, ["format"]),
        ("datetime.time", {"type": "string", "format": "time"}, ["format"]),
        ("uuid.UUID", {"type": "string", "format": "uuid"}, ["format"]),
        ("uuid.UUID", {"type": "string", "minLength": 36}, ["minLength"]),
        ("uuid.UUID", {"minimum": 1, "items": False, "required": ["a"]}, []),
    ],
)
def test_only_dates_guarantee_their_format(annotation: str, schema: Any, keywords: list[str]) -> None:
    assert keywords == [one.keyword for one in unproven(annotation, schema, formats=True)]


def test_reference_of_a_schema_to_itself_proves_nothing() -> None:
    assert unproven_keywords("int", {"anyOf": [{"$ref": "#/$defs/It"}, {"type": "string"}]}) == {"anyOf"}
    assert unproven_keywords("int", {"allOf": [{"$ref": "#/$defs/It"}]}) == {"$ref"}


def test_claim_that_rests_on_a_failed_claim_fails_too() -> None:
    """B rests on A, and A fails, so B is not proved when it is an alternative later."""
    first = {"properties": {"next": {"anyOf": [{"$ref": "#/$defs/B"}, {"type": "null"}]}, "name": {"pattern": "^x"}}}
    second = {"properties": {"next": {"anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]}}}

    assert "anyOf" in unproven_keywords(
        "Node", {"anyOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}]}, A=first, B=second
    )


def test_unproven_keyword_has_a_pointer_and_a_reason() -> None:
    (found,) = unproven("list[str]", {"items": {"maxLength": 3}})

    assert ("maxLength", "/$defs/It/items", "not enforced") == (found.keyword, found.pointer, found.reason)
