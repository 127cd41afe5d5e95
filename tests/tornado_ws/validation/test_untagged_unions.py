"""Unions whose members their schemas distinguish."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from tornado_ws.validation.schema_validator import SchemaValidator
from tornado_ws.validation.untagged_unions import decode_hook, untagged

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
