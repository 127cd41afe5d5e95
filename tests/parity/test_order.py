"""Both sides report the first of several errors in the same order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .sides import BothSides

INTEGER, LONG, EVEN = {"type": "integer"}, {"minLength": 9}, {"multipleOf": 2}
MANY = {f"x{at}": at for at in range(99)}
"""More properties than any schema here names."""
MEMBERS = {
    "oneOf": [
        {"type": "object", "properties": {"kind": {"const": kind}, "a": INTEGER}, "required": ["kind"]} for kind in "kl"
    ]
}
PLACES: dict[str, tuple[Any, Any, tuple[str, str]]] = {
    "properties in the order of the schema": (
        {"properties": {"b": INTEGER, "a": INTEGER}},
        {"a": "", "b": ""},
        ("/b", "type"),
    ),
    "properties in the order of the schema among many others": (
        {"properties": {"c": INTEGER, "b": INTEGER, "a": INTEGER}},
        {**MANY, "a": "", "b": ""},
        ("/b", "type"),
    ),
    "properties before additional ones": (
        {"properties": {"b": INTEGER, "a": INTEGER}, "additionalProperties": False},
        {"c": 1, **MANY, "a": "", "b": ""},
        ("/b", "type"),
    ),
    "required before properties": (
        {"properties": {"a": INTEGER, "b": INTEGER}, "required": ["b"], "additionalProperties": False},
        {"a": ""},
        ("", "required"),
    ),
    "names that are array indices first": (
        {"properties": {"b": INTEGER, "10": INTEGER, "9": INTEGER}},
        {"b": "", "10": "", "9": ""},
        ("/9", "type"),
    ),
    "array indices first in a closed object": (
        {"properties": {"b": INTEGER, "4294967294": INTEGER}, "additionalProperties": False},
        {"0": 1, "b": "", "4294967294": ""},
        ("/4294967294", "type"),
    ),
    "names that resemble array indices in the order of the schema": (
        {"properties": {"b": INTEGER, "01": INTEGER, "-1": INTEGER, "1.0": INTEGER, "4294967295": INTEGER}},
        {"01": "", "-1": "", "1.0": "", "4294967295": "", "b": ""},
        ("/b", "type"),
    ),
    "patterns after properties": (
        {"properties": {"b": INTEGER}, "patternProperties": {"a": INTEGER, "^b": LONG}},
        {"a": "", "b": ""},
        ("/b", "type"),
    ),
    "patterns in the order of the schema": (
        {"patternProperties": {"2": LONG, "1": INTEGER, "b": EVEN}},
        {"1": "", "2": "", "b": 1},
        ("", "minLength"),
    ),
    "each pattern before the next": (
        {"patternProperties": {"^b": LONG, "^a": EVEN, "^.$": INTEGER}},
        {"a": 1, "c": "", "bb": ""},
        ("", "minLength"),
    ),
    "additional properties in the order of the object": (
        {"properties": {"z": True}, "additionalProperties": {"multipleOf": 2, "minLength": 9}},
        {"z": 1, "b": "", "a": 1},
        ("", "minLength"),
    ),
    "additional properties after patterns": (
        {"patternProperties": {"^a": LONG}, "additionalProperties": EVEN},
        {"b": 1, "a": ""},
        ("", "minLength"),
    ),
    "prefix items before items": ({"prefixItems": [True, INTEGER], "items": INTEGER}, [1, "", ""], ("/1", "type")),
    "dependent schemas in the order of the schema": (
        {"dependentSchemas": {"b": {"required": ["c"]}, "a": {"minProperties": 3}}},
        {"a": 1, "b": 1},
        ("", "required"),
    ),
    "reference before unevaluated properties": (
        {"$defs": {"A": {"properties": {"a": INTEGER}}}, "$ref": "#/$defs/A", "unevaluatedProperties": False},
        {"a": "", "b": 1},
        ("/a", "type"),
    ),
    "reference to a property": (
        {
            "$defs": {"A": {"type": "object", "properties": {"b/~": {"properties": {"d": INTEGER, "c": INTEGER}}}}},
            "additionalProperties": {"$ref": "#/$defs/A/properties/b~1~0"},
        },
        {"a": {"c": "", "d": ""}},
        ("", "type"),
    ),
    "reference to a member of a union": (
        {"properties": {"b": {"$ref": "#/oneOf/1"}}, **MEMBERS},
        {"kind": "k", "b": {"kind": "l", "a": ""}},
        ("/b/a", "type"),
    ),
    "union with a member that is referred to": (
        {"properties": {"b": {"$ref": "#/oneOf/1"}}, **MEMBERS},
        {"kind": "k", "a": "", "b": {"kind": "l"}},
        ("/a", "type"),
    ),
    "additional array indices before other names": (
        {"additionalProperties": {"multipleOf": 2, "minLength": 9}},
        {"b": "", "10": 1, "9": ""},
        ("", "minLength"),
    ),
    "array indices that a pattern matches before other names": (
        {"patternProperties": {"": {"multipleOf": 2, "minLength": 9}}},
        {"b": "", "0": 1},
        ("", "multipleOf"),
    ),
    "the empty name": ({"properties": {"": {"properties": {"": INTEGER}}}}, {"": {"": ""}}, ("//", "type")),
    "the empty name in a closed object": (
        {"properties": {"": INTEGER, "a": INTEGER}, "additionalProperties": False},
        {"a": "", "": ""},
        ("/", "type"),
    ),
    "the empty name that is required": ({"required": [""]}, {}, ("", "required")),
    "the empty name that is unevaluated": (
        {"properties": {"": INTEGER}, "unevaluatedProperties": False},
        {"": 1, "a": 1},
        ("", "unevaluatedProperties"),
    ),
    "the empty name as a tag": (
        {
            "oneOf": [
                {"type": "object", "properties": {"": {"const": kind}, "a": INTEGER}, "required": [""]} for kind in "kl"
            ]
        },
        {"": "l", "a": ""},
        ("/a", "type"),
    ),
    "a name of an object's prototype": ({"properties": {"toString": INTEGER}}, {"toString": ""}, ("/toString", "type")),
}
"""Schemas, values with several errors, and the place of the first one."""


def test_both_sides_report_the_first_error_in_the_order_of_the_schema(tmp_path: Path) -> None:
    sides = BothSides(tmp_path)

    for name, (schema, value, _) in PLACES.items():
        sides.add(name, schema, [value])

    assert [] == sides.differences()
    expected = {name: place for name, (_, _, place) in PLACES.items()}
    assert expected == {name: error and error[:2] for name, error in zip(PLACES, sides.errors, strict=True)}


BELOW = {"type": "object", "properties": {"a": {"const": 1}, "": LONG}, "required": ["b"], "maxProperties": 3}
VALUES = ("x", {}, {"a": 1}, {"b": 1, "a": 2}, {"b": 1, "": ""}, {"b": 1, "a": 1, "": "xxxxxxxxx", "c": 1}, {"b": 1})
"""Values that the schema rejects for different reasons, and one that it accepts."""
APPLICATORS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "properties": (lambda below: {"properties": {"p": below, "": below}}, lambda value: {"": value}),
    "patternProperties": (lambda below: {"patternProperties": {"^p": below}}, lambda value: {"p": value}),
    "additionalProperties": (lambda below: {"additionalProperties": below}, lambda value: {"p": value}),
    "propertyNames": (lambda below: {"propertyNames": below}, lambda value: {"p": value}),
    "prefixItems": (lambda below: {"prefixItems": [True, below]}, lambda value: [0, value]),
    "items": (lambda below: {"items": below}, lambda value: [value, value]),
    "contains": (lambda below: {"contains": below, "maxContains": 1}, lambda value: [value, value]),
    "dependentSchemas": (lambda below: {"dependentSchemas": {"b": below}}, lambda value: value),
    "allOf": (lambda below: {"allOf": [{"minProperties": 1}, below]}, lambda value: value),
    "anyOf": (lambda below: {"anyOf": [INTEGER, below]}, lambda value: value),
    "oneOf": (lambda below: {"oneOf": [{"maxProperties": 0}, below]}, lambda value: value),
    "not": (lambda below: {"not": below}, lambda value: value),
    "if": (lambda below: {"if": below, "then": {"required": ["c"]}, "else": {"required": ["d"]}}, lambda value: value),
    "then": (lambda below: {"if": {"minProperties": 1}, "then": below}, lambda value: value),
    "else": (lambda below: {"if": {"maxProperties": 0}, "else": below}, lambda value: value),
    "$ref": (lambda below: {"$ref": "#/$defs/Other", "$defs": {"Other": below}}, lambda value: value),
    "beside": (lambda below: {**below, "properties": {"a": {"minimum": 3}}}, lambda value: value),
    "unevaluatedProperties": (lambda below: {"unevaluatedProperties": below}, lambda value: {"p": value}),
    "unevaluatedItems": (lambda below: {"unevaluatedItems": below}, lambda value: [value]),
    "closed": (lambda below: {"allOf": [below], "unevaluatedProperties": False}, lambda value: value),
}
"""A schema around another one, and a value around one of :data:`VALUES`."""
TARGETS: dict[str, tuple[str, Any]] = {
    "pointer": ("#/$defs/Text", BELOW),
    "empty name": ("#/$defs//properties/", {"properties": {"": BELOW}}),
    "anchor": ("#text", {"$anchor": "text", **BELOW}),
    "resource": ("text", {"$id": "text", **BELOW}),
    "dynamic anchor": ("#text", {"$dynamicAnchor": "text", **BELOW}),
}


@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef"])
@pytest.mark.parametrize("target", TARGETS)
def test_both_sides_report_the_same_error_behind_a_reference_below_every_applicator(
    tmp_path: Path, keyword: str, target: str
) -> None:
    sides = BothSides(tmp_path)
    to, below = TARGETS[target]

    for applicator, (wrap, around) in APPLICATORS.items():
        schema = wrap({keyword: to})
        schema = {**schema, "$defs": {**schema.get("$defs", {}), "" if "//" in to else "Text": below}}
        sides.add(applicator, schema, map(around, VALUES))

    assert [] == sides.differences()
    assert sides.rejected > len(APPLICATORS) * 3
