"""Members beside the declared ones, in decoded and in encoded records."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tornado_ws import AdditionalProperties
from tornado_ws.validation.kept_members import attach_members, expand_members
from tornado_ws.validation.schema_validator import SchemaValidator
from tornado_ws.validation.union_conversion import decode_hook

HOOK = decode_hook(SchemaValidator("{}"))


class Closed(msgspec.Struct, kw_only=True):
    a: int | msgspec.UnsetType = msgspec.UNSET


class Open(msgspec.Struct, frozen=True, kw_only=True):
    a: int | msgspec.UnsetType = msgspec.UNSET
    others: AdditionalProperties[Any] = msgspec.field(default_factory=dict)


class Tagged(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="t"):
    inner: Tagged | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="in")
    others: AdditionalProperties[list[Tagged]] = msgspec.field(default_factory=dict)


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Open]
    by_name: dict[str, Open]
    closed: Closed


def converted(plain: Any, type_: Any) -> Any:
    value = msgspec.convert(plain, type_, dec_hook=HOOK)
    attach_members(value, plain, HOOK)
    return value


@pytest.mark.parametrize(
    ("plain", "others"),
    [
        ({"a": 1, "b": [1.0, None]}, {"b": [1.0, None]}),
        ({"a": 1}, {}),
        ({"others": 3}, {"others": 3}),
        ({"others": {"a": 1}}, {"others": {"a": 1}}),
        ({"": 0, "\0": 1, "é": 2}, {"": 0, "\0": 1, "é": 2}),
    ],
)
def test_other_members_are_kept_and_encoded_in_place(plain: Any, others: Any) -> None:
    value = converted(plain, Open)

    assert value.others == others
    assert expand_members(value) == plain


def test_declared_members_precede_the_others() -> None:
    value = Open(others={"z": 1, "b": 2}, a=0)

    assert ["a", "z", "b"] == list(expand_members(value))


def test_records_are_found_in_lists_and_maps() -> None:
    plain = {"items": [{"x": 1}, {"a": 2}], "by_name": {"n": {"y": None}}, "closed": {"a": 1}}
    value = converted(plain, Holder)

    assert [Open(others={"x": 1}), Open(a=2)] == value.items
    assert {"n": Open(others={"y": None})} == value.by_name
    assert msgspec.json.encode(expand_members(value)) == msgspec.json.encode(plain)


def test_members_have_their_type_at_any_depth() -> None:
    plain = {"kind": "t", "in": {"kind": "t", "more": [{"kind": "t", "x": []}]}}
    value = converted(plain, Tagged)

    assert value == Tagged(inner=Tagged(others={"more": [Tagged(others={"x": []})]}))
    assert expand_members(value) == plain


def test_member_of_another_type_is_rejected() -> None:
    with pytest.raises(msgspec.ValidationError):
        converted({"kind": "t", "x": 1}, Tagged)


@pytest.mark.parametrize("value", [Open(others={"a": 1}), Tagged(others={"in": []}), Tagged(others={"kind": []})])
def test_declared_property_among_the_others_is_rejected(value: Any) -> None:
    with pytest.raises(ValueError, match=r"got the declared property '(a|in|kind)'"):
        expand_members(value)


def test_values_without_such_records_are_not_copied() -> None:
    closed = Closed(a=1)

    assert closed is expand_members(closed)
