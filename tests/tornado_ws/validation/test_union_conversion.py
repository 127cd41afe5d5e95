"""Unions whose members their schemas distinguish."""

from __future__ import annotations

import json
from typing import Annotated, Any

import msgspec
import pytest

from tornado_ws import AdditionalProperties
from tornado_ws.endpoint import Payload, Tag
from tornado_ws.validation import kept_members
from tornado_ws.validation.payload import InvalidPayload, PayloadCodec
from tornado_ws.validation.schema_validator import SchemaValidator
from tornado_ws.validation.union_conversion import decode_hook
from tornado_ws.validation.untagged_unions import untagged

SCHEMA = {
    "$defs": {
        "Small": {"type": "object", "properties": {"n": {"type": "integer", "maximum": 9}}, "required": ["n"]},
        "Large": {"type": "object", "properties": {"n": {"type": "integer", "minimum": 10}}, "required": ["n"]},
    }
}


class Small(msgspec.Struct):
    n: int


class Large(msgspec.Struct):
    n: int


class Holder(msgspec.Struct):
    sizes: list[Size]


Size: Any = untagged("Size", __name__, ("Small", "/$defs/Small"), ("Large", "/$defs/Large"))


def convert(plain: Any, type_: Any, *, strict: bool = True) -> Any:
    return msgspec.convert(plain, type_, dec_hook=decode_hook(SchemaValidator(json.dumps(SCHEMA)), strict=strict))


def test_schemas_select_the_member() -> None:
    assert Holder([Small(1), Large(10), Small(2)]) == convert({"sizes": [{"n": 1}, {"n": 10}, {"n": 2.0}]}, Holder)


def test_value_of_no_member_is_rejected() -> None:
    with pytest.raises(msgspec.ValidationError, match="expected a value of one of the alternatives"):
        convert({"sizes": [{"n": "x"}]}, Holder)


def test_rejected_members_are_tried_where_that_is_allowed() -> None:
    with pytest.raises(msgspec.ValidationError):
        convert({"n": 9.5}, Size, strict=False)

    only_large: Any = untagged("OnlyLarge", __name__, ("Large", "/$defs/Large"))
    assert Large(1) == convert({"n": 1}, only_large, strict=False)


class Numbered(msgspec.Struct, forbid_unknown_fields=True):
    a: int
    flag: bool = False


class Named(msgspec.Struct, forbid_unknown_fields=True):
    a: int
    name: str
    flag: bool = True


Flagged: Any = untagged(
    "Flagged",
    __name__,
    ("Numbered", ""),
    ("Named", ""),
    ("list[int]", ""),
    tag=Tag("flag", (((False,), 0), ((True,), 1))),
)
Parts: Any = untagged("Parts", __name__, ("Numbered", ""), ("Named", ""), ("list[Parts]", ""), ("str | int", ""))


def test_tag_selects_the_member_before_its_type_is_tried() -> None:
    assert Named(a=1, name="x") == convert({"a": 1, "name": "x", "flag": True}, Flagged)
    assert [1] == convert([1], Flagged)
    for rejected in ({"a": 1}, {"a": 1, "flag": True}, {"a": 1, "flag": 0}, {"a": 1, "name": "x", "flag": False}):
        with pytest.raises(msgspec.ValidationError):
            convert(rejected, Flagged)


def test_names_and_json_types_select_the_member() -> None:
    plain = [{"a": 1}, {"a": 1.0, "name": "x"}, [[]], "a", 2.0]

    assert [Numbered(1), Named(1, "x"), [[]], "a", 2] == convert(plain, Parts)


def test_recursive_union_without_a_valid_member_is_rejected() -> None:
    for rejected in ([[{"b": 1}]], [None], [[[1.5]]], True):
        with pytest.raises(msgspec.ValidationError, match="expected a value of one of the alternatives"):
            convert(rejected, Parts)


def test_value_that_is_too_deep_for_its_type_is_rejected() -> None:
    parts: Any = []
    for _ in range(20_000):
        parts = [parts]
    payload = Payload(Parts, "/$defs/Parts")
    codec = PayloadCodec(payload, SchemaValidator(json.dumps({"$defs": {"Parts": True}})))

    with pytest.raises(InvalidPayload) as rejected:
        codec.build(parts)

    assert "depth" == rejected.value.error.keyword


Outer: Any = untagged("Outer", __name__, ("Inner", ""), ("Numbered", ""))
Inner: Any = untagged("Inner", __name__, ("Outer", ""), ("Named", ""), ("list[Outer]", ""))


def test_unions_that_contain_each_other_end() -> None:
    assert Numbered(1) == convert({"a": 1}, Outer)
    assert [Named(1, "x")] == convert([{"a": 1, "name": "x"}], Inner)
    for rejected in ({"b": 1}, [{"a": ""}], "a"):
        with pytest.raises(msgspec.ValidationError):
            convert(rejected, Inner)


Json: Any = untagged(
    "Json",
    __name__,
    ("str", ""),
    ("int | float", ""),
    ("bool", ""),
    ("None", ""),
    ("list[Json]", ""),
    ("dict[str, Json]", ""),
)
Positive: Any = Annotated[int, msgspec.Meta(ge=1)]
Text: Any = untagged("Text", __name__, ("str", ""), ("list[Text]", ""), ("Positive", ""))


@pytest.mark.parametrize("plain", ["a", 1, 1.5, True, None, [], [1, ["a"]], {"a": {"b": [None]}}])
def test_union_of_all_json_values_returns_the_value_itself(plain: Any) -> None:
    assert convert(plain, Json) is plain


@pytest.mark.parametrize("plain", [0, 1.5, True, None, [None], [["a", [0]]], {"a": 1}])
def test_union_of_some_json_values_examines_each(plain: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        convert(plain, Text)


@pytest.mark.parametrize("plain", ["a", 1, [], [["a", 2], [[]]]])
def test_union_of_some_json_values_returns_equal_values(plain: Any) -> None:
    assert plain == convert(plain, Text)


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    inner: Table | msgspec.UnsetType = msgspec.UNSET
    others: AdditionalProperties[int] = {}


class Texts(msgspec.Struct, frozen=True, kw_only=True):
    inner: Table | msgspec.UnsetType = msgspec.UNSET
    others: AdditionalProperties[str] = {}


Table: Any = untagged("Table", __name__, ("list[Numbers]", ""), ("list[Texts]", ""), ("dict[str, Numbers]", ""))


def test_additional_properties_select_the_member_at_each_level_of_a_recursive_union() -> None:
    plain = [{"a": "x", "inner": [{"b": 1, "inner": [{"c": "y"}, {}]}]}]

    innermost = [Texts(others={"c": "y"}), Texts()]
    expected = [Texts(inner=[Numbers(inner=innermost, others={"b": 1})], others={"a": "x"})]
    assert expected == convert(plain, Table)

    with pytest.raises(msgspec.ValidationError):
        convert([{"a": "x"}, {"a": 1}], Table)


def test_members_of_each_level_of_a_recursive_union_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Any] = []

    def field_plan(type_: Any, original: Any = kept_members._plan) -> Any:
        read.append(type_)
        return original(type_)

    monkeypatch.setattr(kept_members, "_plan", field_plan)
    plain: Any = [{"a": "x"}]
    for level in range(30):
        plain = [{"a": level if level % 2 else "x", "inner": plain}]
    convert(plain, Table)

    assert 30 < len(read) < 4 * 30
