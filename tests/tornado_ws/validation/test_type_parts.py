"""Search for special types inside a type."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tornado_ws import AdditionalProperties, untagged
from tornado_ws.validation.type_parts import has_additional_properties, has_untagged_union


class Plain(msgspec.Struct):
    inner: Plain | None


class Open(msgspec.Struct):
    inner: Plain
    others: AdditionalProperties[Size]


class Holder(msgspec.Struct):
    sizes: list[Size]


Size: Any = untagged("Size", __name__, ("Plain", ""), ("Holder", ""))
Opened: Any = untagged("Opened", __name__, ("Plain", ""), ("Open", ""))


@pytest.mark.parametrize(
    ("type_", "expected"), [(Holder, True), (list[Size], True), (Open, True), (Plain, False), (str | None, False)]
)
def test_untagged_unions_are_found_at_any_depth(type_: Any, expected: bool) -> None:
    assert expected is has_untagged_union(type_)


@pytest.mark.parametrize(
    ("type_", "expected"), [(Open, True), (dict[str, Open], True), (Opened, True), (Holder, False), (Any, False)]
)
def test_additional_properties_are_found_at_any_depth(type_: Any, expected: bool) -> None:
    assert expected is has_additional_properties(type_)
