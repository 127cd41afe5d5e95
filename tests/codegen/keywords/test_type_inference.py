"""Types of schemas; also tests for constraints and properties."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen import model

from ..support.generated import payload
from ..support.models import INTEGER, NULL, NUMBER, STRING, TEXT_MAP, built, endpoint, fields, record, type_of


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (True, model.Anything()),
        ({}, model.Anything()),
        (False, model.Nothing()),
        ({"maxLength": 3}, model.Anything()),
        ({"properties": {"a": {"type": "string"}}}, model.Anything()),
        ({"type": "string"}, STRING),
        (
            {"type": "string", "minLength": 1, "maxLength": 9, "pattern": "^a", "format": "date"},
            model.Scalar(
                type="string", constraints=model.Constraints(min_length=1, max_length=9, pattern="^a", format="date")
            ),
        ),
        (
            {"type": "integer", "minimum": 1, "exclusiveMaximum": 9, "multipleOf": 2},
            model.Scalar(type="integer", constraints=model.Constraints(minimum=1, exclusive_maximum=9, multiple_of=2)),
        ),
        ({"type": ["string", "null"]}, model.Union(members=(STRING, NULL))),
        ({"type": ["integer", "number"]}, NUMBER),
        ({"const": "a"}, model.Enumeration(values=("a",))),
        ({"enum": ["a", 1, None], "type": ["string", "null"]}, model.Enumeration(values=("a", None))),
        ({"enum": ["a", "b"], "allOf": [{"enum": ["b", "c"]}]}, model.Enumeration(values=("b",))),
        ({"enum": ["a"], "const": "b"}, model.Nothing()),
        ({"type": "string", "allOf": [{"type": "integer"}]}, model.Nothing()),
        ({"type": "number", "allOf": [{"type": "integer"}]}, INTEGER),
        ({"type": "array"}, model.Array(item=model.Anything())),
        (
            {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3},
            model.Array(item=STRING, constraints=model.Constraints(min_length=1, max_length=3)),
        ),
        (
            {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False, "minItems": 1},
            model.Tuple(items=(STRING, INTEGER), required=1, rest=None),
        ),
        (
            {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
            model.Tuple(items=(STRING,), required=0, rest=INTEGER),
        ),
        (
            {"type": "array", "prefixItems": [{"type": "string"}], "unevaluatedItems": False},
            model.Tuple(items=(STRING,), required=0, rest=None),
        ),
        ({"type": "object"}, model.Map(key=STRING, value=model.Anything())),
        ({"type": "object", "additionalProperties": {"type": "string"}}, TEXT_MAP),
        (
            {"type": "object", "patternProperties": {"^a": {"type": "string"}}, "additionalProperties": False},
            model.Map(key=model.Scalar(type="string", constraints=model.Constraints(pattern="^a")), value=STRING),
        ),
        (
            {"type": "object", "patternProperties": {"^a": {"type": "string"}}},
            model.Map(key=STRING, value=model.Anything()),
        ),
        (
            {"type": "object", "propertyNames": {"maxLength": 3}, "maxProperties": 2},
            model.Map(
                key=model.Scalar(type="string", constraints=model.Constraints(max_length=3)),
                value=model.Anything(),
                constraints=model.Constraints(max_length=2),
            ),
        ),
        (
            {"type": "object", "propertyNames": {"enum": ["a", 1, "b"]}, "additionalProperties": {"type": "integer"}},
            model.Map(key=model.Enumeration(values=("a", "b")), value=INTEGER),
        ),
        ({"type": "object", "propertyNames": {"enum": [1]}}, model.Map(key=STRING, value=model.Anything())),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, model.Union(members=(STRING, NULL))),
        ({"anyOf": [{"type": "string"}, {}]}, model.Anything()),
        ({"oneOf": [{"type": "string"}, False]}, STRING),
        (
            {"anyOf": [{"type": "string"}, {"anyOf": [{"type": "null"}, {"type": "string"}]}]},
            model.Union(members=(STRING, NULL)),
        ),
        ({"type": "string", "anyOf": [{"maxLength": 3}, {"pattern": "^a"}]}, STRING),
        ({"type": "string", "not": {"const": "a"}, "if": {"const": "b"}, "then": False}, STRING),
    ],
)
def test_schema_has_the_narrowest_type(tmp_path: Path, schema: Any, expected: model.Type) -> None:
    assert expected == type_of(tmp_path, schema)


def test_record_has_its_fields_in_schema_order(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"b": {"type": "string", "description": "B."}, "a": {"type": "integer", "default": 3}},
        "required": ["a", "c"],
    }

    found = record(built(tmp_path, schema), "It")

    assert (
        model.Field(name="b", type=STRING, required=False, description="B."),
        model.Field(name="a", type=INTEGER, required=True, default=3),
        model.Field(name="c", type=model.Anything(), required=True),
    ) == found.fields
    assert not found.closed


def test_record_has_the_type_of_other_properties(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": {"type": "string"}}

    assert record(built(tmp_path, schema), "It").rest == STRING


def test_records_in_all_of_become_one(tmp_path: Path) -> None:
    base = {"type": "object", "properties": {"a": {"type": "string"}, "b": True}, "required": ["a"]}
    schema = {"allOf": [{"$ref": "#/$defs/Base"}, {"properties": {"b": {"type": "integer"}, "c": {"type": "null"}}}]}

    found = built(tmp_path, schema, **{"$defs": {"Base": base}})

    assert {"a": STRING, "b": INTEGER, "c": NULL} == fields(found, "It")
    assert {"a": STRING, "b": model.Anything()} == fields(found, "Base")


def test_definitions_that_records_extend_are_types(tmp_path: Path) -> None:
    def extended(base: str, name: str) -> dict[str, Any]:
        return {"allOf": [{"$ref": f"#/$defs/{base}"}, {"type": "object", "properties": {name: True}}]}

    one = {"type": "object", "properties": {"a": True}}
    definitions = {"A": one, "B": extended("A", "b"), "C": {"$ref": "#/$defs/B", "properties": {"c": True}}}
    definitions |= {"Rule": {"required": ["c"]}, "D": {"allOf": [*map(_reference, ("C", "Rule"))]}}

    found = built(tmp_path, {"$ref": "#/$defs/D"}, **{"$defs": definitions})

    assert ["A", "B", "C", "D"] == [definition.name for definition in found.definitions]


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/$defs/{name}"}


def test_members_of_a_union_have_the_properties_of_its_schema(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"id": {"type": "integer"}},
        "required": ["id"],
        "oneOf": [
            {"properties": {"kind": {"const": "a"}, "a": {"type": "string"}}, "required": ["kind"]},
            {"properties": {"kind": {"const": "b"}}, "required": ["kind"]},
        ],
    }

    found = built(tmp_path, schema)

    assert {"id": INTEGER, "kind": model.Enumeration(values=("a",)), "a": STRING} == fields(found, "ItA")
    assert ("kind", "b") == record(found, "ItB").tag


def test_recursive_record_refers_to_itself(tmp_path: Path) -> None:
    tree = {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}}

    found = built(tmp_path, {"$ref": "#/$defs/Tree"}, **{"$defs": {"Tree": tree}})

    assert {"children": model.Array(item=model.Ref(name="Tree"))} == fields(found, "Tree")


def test_recursive_alias_refers_to_itself(tmp_path: Path) -> None:
    json = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/$defs/Json"}}]}

    (found,) = built(tmp_path, {"$ref": "#/$defs/Json"}, **{"$defs": {"Json": json}}).definitions

    assert isinstance(found, model.Alias)
    assert model.Union(members=(STRING, model.Array(item=model.Ref(name="Json")))) == found.type


def test_definition_of_an_endpoint_is_a_type_without_a_reference_to_it(tmp_path: Path) -> None:
    definitions = {"Unused": {"type": "object", "properties": {"a": True}}, "Untyped": {"required": ["a"]}}

    found = built(tmp_path, {"type": "string"}, **{"$defs": definitions})

    assert ["Unused"] == [definition.name for definition in found.definitions]


def test_definition_of_another_file_is_left_out_without_a_reference_to_it(tmp_path: Path) -> None:
    document = payload({"$ref": "shared.json#/$defs/Used"})
    shared = {"$defs": {"Used": {"type": "string"}, "Unused": {"type": "integer"}}}

    found = endpoint(tmp_path, document, shared=shared)

    assert ["Used"] == [definition.name for definition in found.definitions]


def test_union_with_too_many_alternatives_has_a_wider_type(tmp_path: Path) -> None:
    wild = {"type": "object", "anyOf": [{"properties": {f"p{at}": {"type": "string"}}} for at in range(150)]}

    assert model.Map(key=STRING, value=model.Anything()) == type_of(tmp_path, wild)


def test_recursive_alias_of_aliases_has_a_type(tmp_path: Path) -> None:
    schema = {"$ref": "#/$defs/s"}
    items = {"type": "array", "items": {"$ref": "#/$defs/s"}}
    definitions = {"s": {"oneOf": [{"$ref": "#/$defs/t"}]}, "t": {"oneOf": [{"$ref": "#/$defs/u"}]}, "u": items}

    found = built(tmp_path, schema, **{"$defs": definitions})

    assert {definition.name: definition.type for definition in found.definitions} == {  # type: ignore[union-attr]
        "S": model.Ref(name="T"),
        "T": model.Ref(name="U"),
        "U": model.Array(item=model.Ref(name="S")),
    }
