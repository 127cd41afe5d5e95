"""Type of the field that keeps additional properties."""

from __future__ import annotations

from typing import Any

import msgspec

from tornado_ws import AdditionalProperties


class Open(msgspec.Struct):
    others: AdditionalProperties[int]


def test_type_of_the_members_is_known() -> None:
    type_: Any = AdditionalProperties[int]

    assert type_.value is int


def test_msgspec_accepts_the_result_of_the_hook() -> None:
    value = msgspec.convert({"others": {"a": 1}}, Open, dec_hook=lambda _, plain: plain)

    assert value == Open(others={"a": 1})
