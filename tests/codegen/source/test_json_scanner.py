from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.source.diagnostics import Problem
from codegen.source.document import Text
from codegen.source.json_scanner import DEEPEST, Unreadable, scan_json

from ..support.json_values import JSON


def problems(content: str) -> list[Problem]:
    found: list[Problem] = []
    try:
        scan_json(Text("x.json", content), found)
    except Unreadable:
        assert found, "whoever cannot read says why"
    return found


def only(content: str) -> Problem:
    (problem,) = problems(content)
    return problem


@pytest.mark.slow
@settings(max_examples=50)
@given(JSON, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_reads_what_the_standard_library_writes(value: object, indent: int | str | None, ascii_only: bool) -> None:
    found: list[Problem] = []

    read, _ = scan_json(Text("x.json", json.dumps(value, indent=indent, ensure_ascii=ascii_only)), found)

    assert value == read
    assert [] == found


@given(st.text())
def test_says_why_whenever_the_standard_library_refuses(content: str) -> None:
    try:
        json.loads(content)
    except ValueError:
        assert problems(content)


def test_every_value_and_key_has_its_place() -> None:
    text = Text("x.json", '{\n  "a~/b": [1,\n    {"c": null}]\n}')

    _, places = scan_json(text, [])

    found = {pointer: tuple(map(text.line_and_column, place)) for pointer, place in places.items()}
    expected = {
        "": ((1, 1), (1, 1)),
        "/a~0~1b": ((2, 3), (2, 11)),
        "/a~0~1b/0": ((2, 12), (2, 12)),
        "/a~0~1b/1": ((3, 5), (3, 5)),
        "/a~0~1b/1/c": ((3, 6), (3, 11)),
    }
    assert expected == found


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"a": 1 "b": 2}', '1:9: not JSON: expected "," or "}", got a string [invalid_json]\n  hint: put a comma'),
        ('{"a": 1', '1:8: not JSON: expected "," or "}", got end of file [invalid_json]\n  hint: the "{" of line 1'),
        ("{", '1:2: not JSON: expected a key or "}", got end of file [invalid_json]\n  hint: the "{" of line 1'),
        (
            "[\n1",
            '2:2: not JSON: expected "," or "]", got end of file [invalid_json]\n  hint: the "[" of line 1, column 1',
        ),
        ('{"a"}', '1:5: /a: not JSON: expected ":", got } [invalid_json]'),
        ("{'a': 1}", "expected a key or \"}\", got 'a': [invalid_json]\n  hint: write keys in double quotes"),
        (
            "['a']",
            "1:2: /0: not JSON: expected a value, got 'a' [invalid_json]\n  hint: write strings in double quotes",
        ),
        ("{a: 1}", 'expected a key or "}", got a: [invalid_json]\n  hint: write keys in double quotes: "name"'),
        ("[1,,2]", "1:4: /1: not JSON: expected a value, got , [invalid_json]\n  hint: remove the comma"),
        ("[True]", "1:2: /0: not JSON: expected a value, got True [invalid_json]\n  hint: write true"),
        (
            "[nil]",
            "1:2: /0: not JSON: expected a value, got nil [invalid_json]\n  hint: write strings in double quotes",
        ),
        ("[+1]", "expected a value, got +1 [invalid_json]\n  hint: write numbers without a plus"),
        ("[.5]", "expected a value, got .5 [invalid_json]\n  hint: write a digit before the point"),
        ("[01]", "1:2: /0: not a JSON number: got 01 [invalid_json]"),
        ("[0x1F]", "1:2: /0: not a JSON number: got 0x1F [invalid_json]"),
        ("[1.]", "1:2: /0: not a JSON number: got 1. [invalid_json]"),
        ('"abc', "1:1: the string does not end [invalid_json]"),
        ('"a\nb"', "1:3: not a JSON string [invalid_json]\n  hint: write line breaks as \\n and tabs as \\t"),
        (r'["a\d"]', "1:4: /0: not a JSON string [invalid_json]\n  hint: write a backslash as \\\\"),
        ("{} {}", "1:4: text after the end of the document: expected end of file, got { [invalid_json]"),
    ],
)
def test_what_is_no_json_is_told_with_place_and_hint(content: str, words: str) -> None:
    assert words in str(only(content))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_does_not_have_are_refused(number: str) -> None:
    assert f"x.json:1:7: /a: JSON has no such number: got {number} [invalid_number]" == str(only(f'{{"a": {number}}}'))


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1" + "0" * 400, "9" * 5000])
def test_numbers_that_no_double_holds_are_refused(number: str) -> None:
    assert "x.json:1:2: /0: no double can hold the number [number_out_of_range]" == str(only(f"[{number}]"))


def test_duplicate_key_names_the_line_of_the_first() -> None:
    problem = only('{"a": 1,\n "b": 2,\n "a": 3}')

    assert str(problem).startswith(
        "x.json:3:2: /a: the key stands twice in this object; first in line 1 [duplicate_key]"
    )


@pytest.mark.parametrize("content", ['{"a": 1,}', "[1,]", "[1,\n]"])
def test_trailing_comma_is_refused_where_it_stands(content: str) -> None:
    problem = only(content)

    assert ("trailing_comma", content.index(",") + 1) == (problem.code, problem.column)


@pytest.mark.parametrize("comment", ["// x\n", "/* x */", "# x\n"])
def test_comments_are_refused_with_a_way_out(comment: str) -> None:
    problem = only(f"{comment}[1]")

    assert ("comment", 'use "$comment", or write the file in YAML') == (problem.code, problem.hint)


def test_half_of_a_surrogate_pair_is_refused_and_a_whole_one_is_not() -> None:
    assert "lone_surrogate" == only(r'["\ud800"]').code
    assert [] == problems(r'["\ud83d\ude00"]')


def test_nesting_has_a_limit_that_is_told() -> None:
    assert [] == problems("[" * DEEPEST + "]" * DEEPEST)

    problem = only("[" * 100_000)

    assert ("too_deep", f"nested deeper than {DEEPEST} levels", DEEPEST + 1, "/0/0/0") == (
        problem.code,
        problem.message,
        problem.column,
        problem.pointer,
    )


def test_reading_goes_on_after_what_can_be_understood() -> None:
    codes = [problem.code for problem in problems('{"a": NaN, "a": True, // x\n "b": [1,], }')]

    assert ["invalid_number", "duplicate_key", "invalid_json", "comment", "trailing_comma", "trailing_comma"] == codes


def test_large_documents_are_read_in_no_time() -> None:
    value = {f"key{number}": {"type": "string", "enum": ["a", "b"], "maxLength": number} for number in range(5_000)}
    content = json.dumps(value, indent=2)
    assert len(content) > 435_000

    start = time.perf_counter()
    read, _ = scan_json(Text("x.json", content), [])

    assert value == read
    assert time.perf_counter() - start < 5  # 0.2 s where nothing else runs
