"""Positions in the text of a file, and descriptions of JSON values."""

from __future__ import annotations

from typing import Any

import pytest

from codegen.source.document import Text, describe


@pytest.mark.parametrize(
    ("offset", "position"), [(0, (1, 1)), (2, (1, 3)), (3, (2, 1)), (4, (3, 1)), (5, (3, 2)), (6, (3, 3))]
)
def test_line_and_column_are_counted_from_1(offset: int, position: tuple[int, int]) -> None:
    assert position == Text("x.json", "ab\n\n\U0001f600b").line_and_column(offset)


def test_problem_has_the_position_of_its_offset() -> None:
    problem = Text("x.json", "a\nbc").problem(3, "wrong_type", "wrong type", pointer="/a", got="c")

    assert "x.json:2:2: /a: wrong type: got c [wrong_type]" == str(problem)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "an empty object"),
        ({"a": 1}, "an object"),
        ([], "an empty array"),
        ([1], "an array"),
        ("a", '"a"'),
        ("a" * 61, "a long string"),
        (True, "true"),
        (False, "false"),
        (None, "null"),
        (0, "0"),
        (1, "1"),
        (-1.5, "-1.5"),
        (10**40, "a large number"),
    ],
)
def test_values_are_described_briefly(value: Any, text: str) -> None:
    assert text == describe(value)
