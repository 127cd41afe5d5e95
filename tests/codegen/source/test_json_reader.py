"""Reader for JSON with positions on demand."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen.source import json_reader
from codegen.source.diagnostics import Problem
from codegen.source.document import Json, Text
from codegen.source.json_reader import read_json
from codegen.source.json_scanner import MAX_DEPTH, Unreadable, scan_json

from ..support.json_values import JSON

DOUBTFUL = [
    "",
    "{",
    '{"a": 1, "a": 1}',
    '[{"a": {"b": 1, "b": 2}}]',
    "[1, 2,]",
    "// comment\n{}",
    "NaN",
    "-Infinity",
    "1e999",
    "9" * 400,
    "9" * 5000,
    "01",
    '"\\ud800"',
    '"\\ud83d\\ude00"',
    '"\t"',
    "\u00a0{}",
    "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
    "[" * 100_000,
    '{"a": ' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1),
]


def result(read: Callable[[Text, list[Problem]], tuple[Json, object]], content: str) -> tuple[str, list[Problem]]:
    """Return the value as text, which distinguishes 1 and 1.0, and the problems."""
    found: list[Problem] = []
    try:
        return repr(read(Text("x.json", content), found)[0]), found
    except Unreadable:
        return "", found


@pytest.mark.parametrize("content", DOUBTFUL)
def test_doubtful_text_has_the_problems_of_the_scanner(content: str) -> None:
    assert result(scan_json, content) == result(read_json, content)


@given(JSON, st.sampled_from([None, 1]), st.booleans())
def test_values_are_those_of_the_scanner(value: object, indent: int | None, ascii_only: bool) -> None:
    content = json.dumps(value, indent=indent, ensure_ascii=ascii_only)

    assert result(scan_json, content) == result(read_json, content)


@pytest.mark.parametrize("content", ["[" * MAX_DEPTH + "]" * MAX_DEPTH, "[1.5, -0, 1e5, 12345678901234567890]", " 1 "])
def test_plain_text_is_scanned_only_for_positions(content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scans: list[str] = []

    def scan(text: Text, problems: list[Problem]) -> tuple[Json, object]:
        scans.append(text.content)
        return scan_json(text, problems)

    monkeypatch.setattr(json_reader, "scan_json", scan)
    text = Text("x.json", content)

    value, find_offsets = read_json(text, [])
    assert [] == scans

    assert (value, find_offsets()) == scan_json(text, [])
    find_offsets()
    assert [content] == scans
