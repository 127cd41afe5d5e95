"""Predicates for residual checks."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from tornado_ws.endpoint import (
    AttributeCheck,
    InlineSchema,
    JsonCheck,
    MemberCheck,
    ObjectCheck,
    Payload,
    ResidualCheck,
    ValueCheck,
)
from tornado_ws.validation.payload import InvalidPayload, PayloadCodec
from tornado_ws.validation.schema_validator import SchemaValidator


class Part(msgspec.Struct, kw_only=True):
    size: float | msgspec.UnsetType = msgspec.UNSET
    name_: str | msgspec.UnsetType = msgspec.field(name="name", default=msgspec.UNSET)


class Whole(msgspec.Struct, kw_only=True):
    part: Part
    count: int | msgspec.UnsetType = msgspec.UNSET


PART = "/$defs/Part"
SCHEMA = {
    "$defs": {
        "Part": {
            "properties": {"size": {"multipleOf": 2}, "name": {"pattern": "^a", "maxLength": 2}},
            "dependentRequired": {"name": ["size"]},
            "maxProperties": 2,
        },
        "Whole": {
            "properties": {"part": {"$ref": "#/$defs/Part"}, "count": {"minimum": 1}},
            "required": ["part"],
        },
        "Words": {"items": {"type": "string"}, "uniqueItems": True, "minItems": 1},
    }
}
INLINE = InlineSchema('{"properties":{"size":{"const":2}},"required":["name"]}')


def accepts(type_: Any, name: str, value: Any, *checks: ResidualCheck) -> bool:
    """Return True if a value passes its checks, without validation of the whole schema."""
    codec = PayloadCodec(Payload(type_, f"/$defs/{name}", checks), SchemaValidator(json.dumps(SCHEMA)))
    decoded = codec.decode(json.dumps(value))
    return all(test(get(decoded)) for get, test in codec.checks)


@pytest.mark.parametrize(
    ("value", "check", "expected"),
    [
        ({"size": 4}, AttributeCheck("size", f"{PART}/properties/size"), True),
        ({"size": 3}, AttributeCheck("size", f"{PART}/properties/size"), False),
        ({}, AttributeCheck("size", f"{PART}/properties/size"), True),
        ({"name": "b"}, AttributeCheck("name_", f"{PART}/properties/name", "maxLength"), True),
        ({"name": "abc"}, AttributeCheck("name_", f"{PART}/properties/name", "maxLength"), False),
        ({"name": "a"}, ObjectCheck(("name_", "size"), PART, "dependentRequired"), False),
        ({"name": "b", "size": 3}, ObjectCheck(("name_", "size"), PART, "dependentRequired"), True),
        ({"size": 2, "name": "b"}, ObjectCheck(("size", "name_"), INLINE), True),
        ({"size": 2}, ObjectCheck(("size", "name_"), INLINE), False),
        ({"size": 2}, ObjectCheck(("size",), INLINE, triggers=("name_",)), True),
        ({"size": 3, "name": "b"}, ObjectCheck(("size",), INLINE, triggers=("name_",)), False),
        ({"size": 2, "x": 1, "y": 1}, JsonCheck(PART, "maxProperties"), False),
        ({"size": 2, "x": 1}, JsonCheck(PART, "maxProperties"), True),
        ({"size": 3, "x": 1}, JsonCheck(PART), False),
        ({"name": "b", "size": 2}, MemberCheck("name", f"{PART}/properties/name"), False),
        ({"size": 2}, MemberCheck("name", f"{PART}/properties/name"), True),
    ],
)
def test_check_of_a_record(value: Any, check: ResidualCheck, expected: bool) -> None:
    assert expected is accepts(Part, "Part", value, check)


@pytest.mark.parametrize(
    ("value", "check", "expected"),
    [
        ({"part": {"size": 3}}, AttributeCheck("part.size", f"{PART}/properties/size"), False),
        ({"part": {"size": 2}}, AttributeCheck("part.size", f"{PART}/properties/size"), True),
        ({"part": {"name": "a"}}, ObjectCheck(("name_", "size"), PART, "dependentRequired", path="part"), False),
        ({"part": {}}, ObjectCheck(("size",), INLINE, path="part", triggers=("name_",)), True),
        ({"part": {"name": "a", "size": 1}}, ObjectCheck(("size",), INLINE, path="part", triggers=("name_",)), False),
    ],
)
def test_check_of_a_nested_record(value: Any, check: ResidualCheck, expected: bool) -> None:
    assert expected is accepts(Whole, "Whole", value, check)


def test_check_of_a_decoded_value() -> None:
    unique = ValueCheck("/$defs/Words", "uniqueItems")

    assert accepts(list[str], "Words", [], unique)
    assert not accepts(list[str], "Words", ["a", "a"], unique)
    assert not accepts(list[str], "Words", [], ValueCheck("/$defs/Words"))


def test_keywords_of_one_schema_are_all_checked() -> None:
    checks = [AttributeCheck("name_", f"{PART}/properties/name", keyword) for keyword in ("pattern", "maxLength")]

    assert [True, False, False] == [accepts(Part, "Part", {"name": name}, *checks) for name in ("a", "b", "abc")]


def test_schema_is_checked_as_a_whole_besides_one_of_its_keywords() -> None:
    unique, whole = ValueCheck("/$defs/Words", "uniqueItems"), ValueCheck("/$defs/Words")

    assert not accepts(list[str], "Words", [], unique, whole)
    assert not accepts(list[str], "Words", [], whole, unique)


def test_checks_of_decoded_values_and_of_json_become_one_of_the_whole() -> None:
    checks = (AttributeCheck("name_", f"{PART}/properties/name"), JsonCheck(PART, "maxProperties"))

    assert not accepts(Part, "Part", {"size": 3}, *checks)


@pytest.mark.parametrize("number", [2**53 + 1, 2**60 + 1, -(2**53) - 1])
def test_rounded_float_is_checked_as_json(number: int) -> None:
    """The float is a multiple of two, and the integer in JSON is not."""
    check = AttributeCheck("size", f"{PART}/properties/size")
    codec = PayloadCodec(Payload(Part, PART, (check,)), SchemaValidator(json.dumps(SCHEMA)))

    assert not accepts(Part, "Part", {"size": number}, check)
    assert not accepts(Part, "Part", {"size": number}, ObjectCheck(("size", "name_"), PART, "dependentRequired"))
    with pytest.raises(InvalidPayload):
        codec.encode({"size": number})
