"""Parser for JSON with positions."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.source.diagnostics import Problem
from codegen.source.document import Text
from codegen.source.json_scanner import MAX_DEPTH, Unreadable, scan_json

from ..support.json_values import JSON


def problems(content: str) -> list[Problem]:
    found: list[Problem] = []
    try:
        scan_json(Text("x.json", content), found)
    except Unreadable:
        assert found, "expected a problem with the reason"
    return found


def only(content: str) -> Problem:
    (problem,) = problems(content)
    return problem


@pytest.mark.slow
@settings(max_examples=50)
@given(JSON, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_output_of_the_standard_library_is_parsed(value: object, indent: int | str | None, ascii_only: bool) -> None:
    found: list[Problem] = []

    read, _ = scan_json(Text("x.json", json.dumps(value, indent=indent, ensure_ascii=ascii_only)), found)

    assert value == read
    assert [] == found


@given(st.text())
def test_text_that_the_standard_library_rejects_has_a_problem(content: str) -> None:
    try:
        json.loads(content)
    except ValueError:
        assert problems(content)


def test_positions_of_values_and_keys_are_recorded() -> None:
    text = Text("x.json", '{\n  "a~/b": [1,\n    {"c": null}]\n}')

    _, offsets = scan_json(text, [])

    found = {pointer: tuple(map(text.line_and_column, pair)) for pointer, pair in offsets.items()}
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
        (
            '{"a": 1 "b": 2}',
            'invalid JSON: expected "," or "}", got a string [invalid_json]\n  hint: separate members with a comma',
        ),
        (
            '{"a": 1',
            '1:8: invalid JSON: expected "," or "}", got end of file [invalid_json]\n  hint: the "{" on line 1',
        ),
        ("{", '1:2: invalid JSON: expected a key or "}", got end of file [invalid_json]\n  hint: the "{" on line 1'),
        (
            "[\n1",
            '2:2: invalid JSON: expected "," or "]", got end of file [invalid_json]\n  hint: the "[" on line 1',
        ),
        ('{"a"}', '1:5: /a: invalid JSON: expected ":", got } [invalid_json]'),
        ("{'a': 1}", "expected a key or \"}\", got 'a': [invalid_json]\n  hint: write keys in double quotes"),
        (
            "['a']",
            "1:2: /0: invalid JSON: expected a value, got 'a' [invalid_json]\n  hint: write strings in double quotes",
        ),
        ("{a: 1}", 'expected a key or "}", got a: [invalid_json]\n  hint: write keys in double quotes: "name"'),
        ('{1: "a"}', 'expected a key or "}", got 1: [invalid_json]\n  hint: write keys in double quotes: "name"'),
        ("{,", '1:2: invalid JSON: expected a key or "}", got , [invalid_json]\n  hint: remove the comma'),
        (
            '{"a": 1,, "b": 2}',
            '1:9: invalid JSON: expected a key or "}", got , [invalid_json]\n  hint: remove the comma',
        ),
        ("{: 1}", 'expected a key or "}", got : [invalid_json]\n  hint: add a key before the colon'),
        ("{{}}", '1:2: invalid JSON: expected a key or "}", got { [invalid_json]\n  hint: add a key before the value'),
        ("{[1]}", 'expected a key or "}", got [1 [invalid_json]\n  hint: add a key before the value'),
        ("{]", '1:2: invalid JSON: expected a key or "}", got ] [invalid_json]\n  hint: the "{" on line 1'),
        ('{"a": [1}', '1:9: /a: invalid JSON: expected "," or "]", got } [invalid_json]\n  hint: the "[" on line 1'),
        ('{"a": 1; "b": 2}', 'expected "," or "}", got ; [invalid_json]\n  hint: separate members with a comma'),
        (
            '{"a": , "b": 2}',
            "1:7: /a: invalid JSON: expected a value, got , [invalid_json]\n  hint: add a value after the",
        ),
        (
            '{"a": }',
            "1:7: /a: invalid JSON: expected a value, got } [invalid_json]\n  hint: add a value after the colon",
        ),
        ("[1,,2]", "1:4: /1: invalid JSON: expected a value, got , [invalid_json]\n  hint: remove the comma"),
        ("[True]", "1:2: /0: invalid JSON: expected a value, got True [invalid_json]\n  hint: write true"),
        (
            "[nil]",
            "1:2: /0: invalid JSON: expected a value, got nil [invalid_json]\n  hint: write strings in double quotes",
        ),
        ("[+1]", "expected a value, got +1 [invalid_json]\n  hint: remove the plus sign"),
        ("[.5]", "expected a value, got .5 [invalid_json]\n  hint: add a digit before the decimal point"),
        ("[01]", "1:2: /0: invalid JSON number: got 01 [invalid_json]"),
        ("[0x1F]", "1:2: /0: invalid JSON number: got 0x1F [invalid_json]"),
        ("[1.]", "1:2: /0: invalid JSON number: got 1. [invalid_json]"),
        ('"abc', "1:1: unterminated string [invalid_json]"),
        ('"a\nb"', "1:3: invalid JSON string [invalid_json]\n  hint: write line breaks as \\n and tabs as \\t"),
        (r'["a\d"]', "1:4: /0: invalid JSON string [invalid_json]\n  hint: write a backslash as \\\\"),
        ("{} {}", "1:4: unexpected text after the document: expected end of file, got { [invalid_json]"),
    ],
)
def test_invalid_json_is_rejected_with_position_and_hint(content: str, words: str) -> None:
    assert words in str(only(content))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_outside_json_are_rejected(number: str) -> None:
    assert f"x.json:1:7: /a: not a JSON number: got {number} [invalid_number]" == str(only(f'{{"a": {number}}}'))


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1" + "0" * 400, "9" * 5000])
def test_numbers_beyond_the_range_of_a_double_are_rejected(number: str) -> None:
    assert "x.json:1:2: /0: number exceeds the range of a double [number_out_of_range]" == str(only(f"[{number}]"))


def test_duplicate_key_is_rejected_with_the_line_of_the_first() -> None:
    problem = only('{"a": 1,\n "b": 2,\n "a": 3}')

    assert str(problem).startswith("x.json:3:2: /a: duplicate key; first defined on line 1 [duplicate_key]")


@pytest.mark.parametrize("content", ['{"a": 1,}', "[1,]", "[1,\n]"])
def test_trailing_comma_is_rejected_at_its_position(content: str) -> None:
    problem = only(content)

    assert ("trailing_comma", content.index(",") + 1) == (problem.code, problem.column)


@pytest.mark.parametrize("comment", ["// x\n", "/* x */", "# x\n"])
def test_comments_are_rejected_with_an_alternative(comment: str) -> None:
    problem = only(f"{comment}[1]")

    assert ("comment", 'use "$comment", or write the file in YAML') == (problem.code, problem.hint)


def test_lone_surrogate_is_rejected_and_a_pair_is_accepted() -> None:
    assert "lone_surrogate" == only(r'["\ud800"]').code
    assert [] == problems(r'["\ud83d\ude00"]')


def test_nesting_beyond_the_limit_is_rejected() -> None:
    assert [] == problems("[" * MAX_DEPTH + "]" * MAX_DEPTH)

    problem = only("[" * 100_000)

    assert ("too_deep", f"nested deeper than {MAX_DEPTH} levels", MAX_DEPTH + 1, "/0/0/0") == (
        problem.code,
        problem.message,
        problem.column,
        problem.pointer,
    )


def test_parsing_continues_after_recoverable_problems() -> None:
    codes = [problem.code for problem in problems('{"a": NaN, "a": True, // x\n "b": [1,], }')]

    assert ["invalid_number", "duplicate_key", "invalid_json", "comment", "trailing_comma", "trailing_comma"] == codes


def test_large_documents_are_parsed_quickly() -> None:
    value = {f"key{number}": {"type": "string", "enum": ["a", "b"], "maxLength": number} for number in range(5_000)}
    content = json.dumps(value, indent=2)
    assert len(content) > 435_000

    start = time.process_time()
    read, _ = scan_json(Text("x.json", content), [])

    assert value == read
    assert time.process_time() - start < 5  # 0.2 s on an idle machine
