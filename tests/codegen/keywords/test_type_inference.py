"""Schemas become the tightest types that admit all their values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen import model

from ..support.generated import payload, read

STRING = model.Scalar(type="string")
INTEGER = model.Scalar(type="integer")
NUMBER = model.Scalar(type="number")
NULL = model.Scalar(type="null")
TEXT_MAP = model.Map(key=STRING, value=STRING)


def built(folder: Path, schema: Any, **others: Any) -> model.Endpoint:
    (endpoint,) = read(folder, {"test.json": payload(schema, **others)})
    return endpoint


def type_of(folder: Path, schema: Any, **others: Any) -> model.Type:
    slot = built(folder, schema, **others).server[0].payload
    assert slot is not None
    return slot.type


def record(endpoint: model.Endpoint, name: str) -> model.Record:
    (found,) = (one for one in endpoint.definitions if one.name == name)
    assert isinstance(found, model.Record)
    return found


def fields(endpoint: model.Endpoint, name: str) -> dict[str, model.Type]:
    return {field.name: field.type for field in record(endpoint, name).fields}


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
            model.Scalar(type="string", limits=model.Limits(min_length=1, max_length=9, pattern="^a", format="date")),
        ),
        (
            {"type": "integer", "minimum": 1, "exclusiveMaximum": 9, "multipleOf": 2},
            model.Scalar(type="integer", limits=model.Limits(minimum=1, exclusive_maximum=9, multiple_of=2)),
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
            model.Array(item=STRING, limits=model.Limits(min_length=1, max_length=3)),
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
            model.Map(key=model.Scalar(type="string", limits=model.Limits(pattern="^a")), value=STRING),
        ),
        (
            {"type": "object", "patternProperties": {"^a": {"type": "string"}}},
            model.Map(key=STRING, value=model.Anything()),
        ),
        (
            {"type": "object", "propertyNames": {"maxLength": 3}, "maxProperties": 2},
            model.Map(
                key=model.Scalar(type="string", limits=model.Limits(max_length=3)),
                value=model.Anything(),
                limits=model.Limits(max_length=2),
            ),
        ),
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
def test_schema_becomes_the_tightest_type(tmp_path: Path, schema: Any, expected: model.Type) -> None:
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


def test_record_knows_the_type_of_other_properties(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": {"type": "string"}}

    assert record(built(tmp_path, schema), "It").rest == STRING


def test_records_of_all_of_are_one(tmp_path: Path) -> None:
    base = {"type": "object", "properties": {"a": {"type": "string"}, "b": True}, "required": ["a"]}
    schema = {"allOf": [{"$ref": "#/$defs/Base"}, {"properties": {"b": {"type": "integer"}, "c": {"type": "null"}}}]}

    found = built(tmp_path, schema, **{"$defs": {"Base": base}})

    assert {"a": STRING, "b": INTEGER, "c": NULL} == fields(found, "It")
    assert ["It"] == [definition.name for definition in found.definitions]


def test_base_that_is_closed_forbids_what_it_does_not_know(tmp_path: Path) -> None:
    base = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}
    schema = {"allOf": [base], "properties": {"b": {"type": "integer"}}}

    found = built(tmp_path, schema)

    assert {"a": STRING} == fields(found, "It")
    assert record(found, "It").closed


def test_unevaluated_properties_close_a_record(tmp_path: Path) -> None:
    base = {"type": "object", "properties": {"a": {"type": "string"}}}

    assert record(built(tmp_path, {"allOf": [base], "unevaluatedProperties": False}), "It").closed


def test_what_only_alternatives_state_are_fields_of_a_record_that_is_closed(tmp_path: Path) -> None:
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
def test_alternative_that_may_look_at_any_property_leaves_a_record_open(tmp_path: Path, alternative: Any) -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "anyOf": [{"required": ["a"]}, alternative],
        "unevaluatedProperties": False,
    }
    loose = {"anyOf": [{"additionalProperties": {"type": "string"}}, {"required": ["b"]}]}

    assert not record(built(tmp_path, schema, **{"$defs": {"Loose": loose}}), "It").closed


def test_record_of_one_alternative_has_no_field_of_those_that_it_excludes(tmp_path: Path) -> None:
    def kind(name: str) -> dict[str, Any]:
        return {"properties": {"kind": {"const": name}, name: {"type": "string"}}, "required": ["kind"]}

    base = {"type": "object", "properties": {"a": {"type": "string"}}, "unevaluatedProperties": False}
    some = {"properties": {"b": {"type": "string"}}, "required": ["b"]}
    tagged = built(tmp_path / "a", {**base, "anyOf": [kind("x"), kind("y")]})
    either = built(tmp_path / "b", {**base, "oneOf": [kind("x"), some]})
    several = built(tmp_path / "c", {**base, "anyOf": [kind("x"), some]})

    assert [{"a", "kind", "x"}, {"a", "kind", "y"}] == [{*fields(tagged, name)} for name in ("ItX", "ItY")]
    assert [{"a", "kind", "x"}, {"a", "b"}] == [{*fields(either, name)} for name in ("It1", "It2")]
    assert [{"a", "kind", "x", "b"}, {"a", "b", "kind", "x"}] == [{*fields(several, name)} for name in ("It1", "It2")]


def test_what_looks_at_all_properties_leaves_a_record_open(tmp_path: Path) -> None:
    base = {"type": "object", "properties": {"a": {"type": "string"}}}
    free = {"allOf": [base, {"additionalProperties": True}], "unevaluatedProperties": False}

    assert not record(built(tmp_path, free), "It").closed


def test_plain_reference_keeps_the_name(tmp_path: Path) -> None:
    definitions = {
        "User": {"type": "object", "properties": {"id": {"$ref": "#/$defs/UserId"}}},
        "UserId": {"type": "string"},
    }
    schema = {
        "type": "object",
        "properties": {
            "by": {"$ref": "#/$defs/User", "description": "Who."},
            "of": {"allOf": [{"$ref": "#/$defs/User"}]},
        },
    }

    found = built(tmp_path, schema, **{"$defs": definitions})

    assert {"by": model.Ref(name="User"), "of": model.Ref(name="User")} == fields(found, "It")
    assert {"id": model.Ref(name="UserId")} == fields(found, "User")
    assert ["User", "UserId", "It"] == [definition.name for definition in found.definitions]


def test_what_says_no_more_than_a_reference_does_not_hide_its_name(tmp_path: Path) -> None:
    base = {"type": "object", "properties": {"arguments": {"type": ["array", "object", "string"]}}}
    derived = {"properties": {"arguments": {"$ref": "#/$defs/Arguments"}}}
    definitions = {"Base": base, "Arguments": {"type": "object", "properties": {"a": {"type": "string"}}}}

    found = built(tmp_path, {"allOf": [{"$ref": "#/$defs/Base"}, derived]}, **{"$defs": definitions})

    assert {"arguments": model.Ref(name="Arguments")} == fields(found, "It")


def test_only_what_is_reached_is_defined(tmp_path: Path) -> None:
    found = built(tmp_path, {"type": "string"}, **{"$defs": {"Unused": {"type": "object", "properties": {"a": True}}}})

    assert () == found.definitions


def test_nested_records_are_called_after_their_place(tmp_path: Path) -> None:
    inner = {"type": "object", "properties": {"x": {"type": "string"}}}
    schema = {
        "type": "object",
        "properties": {
            "author": inner,
            "line_items": {"type": "array", "items": inner},
            "by_name": {"type": "object", "additionalProperties": inner},
        },
    }

    found = built(tmp_path, schema)

    assert ["It", "ItAuthor", "ItLineItemsItem", "ItByNameValue"] == [one.name for one in found.definitions]


def test_derived_name_gives_way_to_a_declared_one(tmp_path: Path) -> None:
    inner = {"type": "object", "properties": {"x": {"type": "string"}}}
    schema = {"type": "object", "properties": {"author": inner, "other": {"$ref": "#/$defs/ItAuthor"}}}

    found = built(tmp_path, schema, **{"$defs": {"ItAuthor": {"type": "object", "properties": {"y": True}}}})

    assert {"author": model.Ref(name="ItAuthor2"), "other": model.Ref(name="ItAuthor")} == fields(found, "It")


def test_recursive_record_refers_to_itself(tmp_path: Path) -> None:
    tree = {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}}

    found = built(tmp_path, {"$ref": "#/$defs/Tree"}, **{"$defs": {"Tree": tree}})

    assert {"children": model.Array(item=model.Ref(name="Tree"))} == fields(found, "Tree")


def test_recursive_alias_refers_to_itself(tmp_path: Path) -> None:
    json = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/$defs/Json"}}]}

    (found,) = built(tmp_path, {"$ref": "#/$defs/Json"}, **{"$defs": {"Json": json}}).definitions

    assert isinstance(found, model.Alias)
    assert model.Union(members=(STRING, model.Array(item=model.Ref(name="Json")))) == found.type


def member(kind: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"kind": {"const": kind}, **properties}, "required": ["kind"]}


def test_records_of_a_union_get_their_tag(tmp_path: Path) -> None:
    definitions = {"Circle": member("circle", r={"type": "number"}), "Text": member("text")}
    schema = {"oneOf": [{"$ref": "#/$defs/Circle"}, {"$ref": "#/$defs/Text"}]}

    found = built(tmp_path, schema, **{"$defs": definitions})

    assert ("kind", "circle") == record(found, "Circle").tag
    assert ("kind", "text") == record(found, "Text").tag


def test_members_of_a_union_are_called_after_their_tag(tmp_path: Path) -> None:
    found = built(tmp_path, {"oneOf": [member("circle"), member("text")]})

    assert ["ItCircle", "ItText"] == [definition.name for definition in found.definitions]


def test_members_of_a_union_have_what_stands_beside_it(tmp_path: Path) -> None:
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


@pytest.mark.parametrize(
    "members",
    [
        [member("a"), member("a")],
        [member("a"), {"type": "object", "properties": {"kind": {"const": "b"}}}],
        [member("a"), {"type": "object", "properties": {"kind": {"const": 1}}, "required": ["kind"]}],
        [member("a"), {"type": "object", "properties": {"kind": {"enum": ["b", "c"]}}, "required": ["kind"]}],
    ],
    ids=["same", "optional", "no string", "several"],
)
def test_what_does_not_tell_members_apart_is_no_tag(tmp_path: Path, members: list[Any]) -> None:
    found = built(tmp_path, {"anyOf": members})

    assert {None} == {definition.tag for definition in found.definitions if isinstance(definition, model.Record)}


def test_dynamic_reference_has_the_type_of_the_outermost_anchor(tmp_path: Path) -> None:
    generic = {
        "$id": "list",
        "$defs": {"item": {"$dynamicAnchor": "item"}},
        "type": "array",
        "items": {"$dynamicRef": "#item"},
    }
    strings = {"$id": "strings", "$ref": "list", "$defs": {"item": {"$dynamicAnchor": "item", "type": "string"}}}

    files = {"test.json": payload({"$ref": "strings"}), "a.json": generic, "b.json": strings}
    (endpoint,) = read(tmp_path, files)

    types = {one.name: one.type for one in endpoint.definitions if isinstance(one, model.Alias)}
    assert {"List": model.Array(item=model.Ref(name="Item")), "Item": STRING} == types


def test_schema_that_is_too_wild_gets_a_wider_type(tmp_path: Path) -> None:
    wild = {"type": "object", "anyOf": [{"properties": {f"p{at}": {"type": "string"}}} for at in range(150)]}

    assert model.Map(key=STRING, value=model.Anything()) == type_of(tmp_path, wild)
