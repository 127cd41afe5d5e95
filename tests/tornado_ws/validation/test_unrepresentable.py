"""Errors for values that their types cannot represent."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec
import pytest

from tornado_ws.validation.unrepresentable import unrepresentable_error

LEAP_SECOND = "2016-12-31T23:59:60Z"


class Item(msgspec.Struct):
    at: datetime.datetime = msgspec.field(name="a-b.c/d")


class It(msgspec.Struct):
    items: list[Item] = []
    map: dict[str, Item] = {}


ITEM = {"a-b.c/d": LEAP_SECOND}


@pytest.mark.parametrize(
    ("type_", "plain", "pointer"),
    [
        (datetime.datetime, LEAP_SECOND, ""),
        (It, {"items": [{"a-b.c/d": "2016-12-31T23:59:59Z"}, ITEM | {"a-b": 1}]}, "/items/1/a-b.c~1d"),
        (It, {"map": {"k": ITEM}}, "/map"),
        (list[list[datetime.datetime]], [[], [LEAP_SECOND]], "/1/0"),
    ],
)
def test_error_has_the_pointer_to_the_innermost_part_that_is_known(type_: Any, plain: Any, pointer: str) -> None:
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.convert(plain, type_)

    error = unrepresentable_error(plain, str(raised.value))

    assert "expected a value that its type can represent" == error.message
    assert ("invalid_message", pointer) == (error.code, error.pointer)
