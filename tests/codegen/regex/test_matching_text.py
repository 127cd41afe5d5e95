"""Texts that match regular expressions."""

from __future__ import annotations

import re

import pytest

from codegen.regex.matching_text import matching_texts


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^[A-Z]{2}-\\d+$", ["AA-0", "AA-00", "AA-00000000"]),
        ("ab|c", ["ab", "c"]),
        ("^[x-z]?$", ["", "x"]),
        ("[\\u{1F600}-\\u{1F610}]", ["😀"]),
    ],
)
def test_texts_have_several_lengths_and_alternatives(pattern: str, expected: list[str]) -> None:
    assert expected == matching_texts(pattern)


@pytest.mark.parametrize("pattern", ["^[^\\s@]+@[^\\s@]+\\.[a-z]{2,}$", "^(a|b(c|d)){1,3}$", "^\\w{3,5}\\s\\d$"])
def test_texts_match(pattern: str) -> None:
    assert all(re.search(pattern, text) for text in matching_texts(pattern))


def test_unsupported_pattern_has_no_texts() -> None:
    assert [] == matching_texts("(a)\\1")
