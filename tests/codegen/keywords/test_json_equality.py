"""Equality and types of JSON values."""

from __future__ import annotations

from typing import Any

import pytest

from codegen.keywords.json_equality import common, equal, has_type


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, 1.0), ([1, {"a": 2}], [1.0, {"a": 2.0}]), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), (None, None), (True, True)],
)
def test_equal_values(one: Any, other: Any) -> None:
    assert equal(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (0, False),
        ([1], [True]),
        ([1], [1, 1]),
        ({"a": 1}, {"a": 1, "b": 2}),
        ("1", 1),
        (None, False),
        ([], {}),
    ],
)
def test_different_values(one: Any, other: Any) -> None:
    assert not equal(one, other)


def test_common_values_are_in_the_order_of_the_first_list() -> None:
    assert [2, "a"] == common([[2, True, "a"], ["a", 1, 2.0]])
    assert common([]) is None


@pytest.mark.parametrize(
    ("value", "types"),
    [
        (None, {"null"}),
        (True, {"boolean"}),
        (1, {"integer", "number"}),
        (1.0, {"integer", "number"}),
        (1.5, {"number"}),
        ("", {"string"}),
        ([], {"array"}),
        ({}, {"object"}),
    ],
)
def test_value_has_only_its_own_types(value: Any, types: set[str]) -> None:
    names = ("null", "boolean", "integer", "number", "string", "array", "object")

    assert types == {name for name in names if has_type(value, name)}
