"""Parser for YAML with positions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
import yaml
from hypothesis import given, settings

from codegen.source import yaml_scanner as module
from codegen.source.diagnostics import Problem
from codegen.source.document import Text
from codegen.source.json_scanner import MAX_DEPTH, Unreadable
from codegen.source.yaml_scanner import scan_yaml

from ..support.json_values import JSON


@pytest.fixture(params=["CBaseLoader", "BaseLoader"], autouse=True)
def loader(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run each test with libyaml and with the pure Python parser."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_LOADER", getattr(yaml, request.param))
        yield


def read(content: str) -> tuple[object, list[Problem]]:
    found: list[Problem] = []
    try:
        return scan_yaml(Text("x.yaml", content), found)[0], found
    except Unreadable:
        assert found, "expected a problem with the reason"
        return None, found


def only(content: str) -> Problem:
    (problem,) = read(content)[1]
    return problem


def test_plain_scalars_follow_the_core_schema() -> None:
    content = """
        words: [no, yes, on, off, 2020-01-01, 1_000, 12:30:45, "1", 'true', nul]
        others: [null, ~, true, FALSE, 12, -0o17, 0o17, 0x1f, 1.5, .5, 1e3, ]
        nothing:
    """

    value, found = read(content)

    expected = {
        "words": ["no", "yes", "on", "off", "2020-01-01", "1_000", "12:30:45", "1", "true", "nul"],
        "others": [None, None, True, False, 12, "-0o17", 15, 31, 1.5, 0.5, 1000.0],
        "nothing": None,
    }
    assert expected == value
    assert [] == found


NUMBER_IN_TEXT = re.compile(r'"[-+]?[0-9.]+[eE][-+]?[0-9]+"')
"""Texts such as ``0E0``, which PyYAML writes without quotes: numbers in YAML 1.2, but not in YAML 1.1."""


def test_positions_of_values_and_keys_are_recorded() -> None:
    text = Text("x.yaml", "é: é # é\na:\n  - 1\n  - {b: 2}\n")

    _, offsets = scan_yaml(text, [])

    found = {pointer: tuple(map(text.line_and_column, pair)) for pointer, pair in offsets.items()}
    expected = {
        "": ((1, 1), (1, 1)),
        "/é": ((1, 1), (1, 4)),
        "/a": ((2, 1), (3, 3)),
        "/a/0": ((3, 5), (3, 5)),
        "/a/1": ((4, 5), (4, 5)),
        "/a/1/b": ((4, 6), (4, 9)),
    }
    assert expected == found


@settings(max_examples=30)
@given(JSON.filter(lambda value: not NUMBER_IN_TEXT.search(json.dumps(value))))
def test_output_of_pyyaml_is_parsed(value: object) -> None:
    written = yaml.safe_dump(value)  # escapes characters beyond ASCII

    assert value == read(written)[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a: *x", "1:4: /a: alias without anchor: got *x [yaml_alias]"),
        ("a: &x [*x]", "1:8: /a/0: alias inside its own anchor: got *x [yaml_alias]"),
        ("a: &x {<<: *x}", "1:12: /a: alias inside its own anchor: got *x [yaml_alias]"),
        ("<<: 1", "1:5: the value of a merge key is not a mapping [yaml_alias]"),
        ("a: &x 1\n<<: [*x]", "2:6: the value of a merge key is not a mapping [yaml_alias]"),
        ("*x : 1", "1:1: alias without anchor: got *x [yaml_alias]"),
        ("a: !!str 1", "1:4: /a: tags are not supported: got tag:yaml.org,2002:str [yaml_tag]"),
        ("a: !python/object:os.system x", "1:4: /a: tags are not supported"),
        ("1: x", '1:1: key is not a string: got 1 [yaml_key]\n  hint: quote the key: "1"'),
        ("? [a]\n: 1", "1:3: key is not a string [yaml_key]"),
        ("a: 1\nb: 2\na: 3", "3:1: /a: duplicate key; first defined on line 1 [duplicate_key]"),
        ("a: .inf", "1:4: /a: not a JSON number: got .inf [invalid_number]"),
        ("a: .NaN", "1:4: /a: not a JSON number: got .NaN [invalid_number]"),
        ("a: 1e999", "1:4: /a: number exceeds the range of a double [number_out_of_range]"),
        ("a: 1\n---\nb: 2", "2:1: second document in one file [multiple_documents]"),
        ("# nothing\n", "empty file [empty_file]"),
        ("a:\n\t- b", "invalid YAML: found character"),
        ("a: [1, 2", "invalid YAML: "),
        ("a: \x07", "invalid YAML: "),
    ],
)
def test_yaml_outside_the_json_subset_is_rejected_with_its_position(content: str, words: str) -> None:
    assert words in str(only(content))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a: &x 1\nb: *x", {"a": 1, "b": 1}),
        ("a: &x {c: [&y 2]}\nb: [*x, *y]", {"a": {"c": [2]}, "b": [{"c": [2]}, 2]}),
        ("a: &x 1\nb: *x\nc: &x 2\nd: *x", {"a": 1, "b": 1, "c": 2, "d": 2}),
        ("a: &x k\n*x : 1", {"a": "k", "k": 1}),
        ("a: &x\nb: *x", {"a": None, "b": None}),
        ("a: &x {c: 1, d: 1}\nb: {d: 2, <<: *x, e: 3}", {"a": {"c": 1, "d": 1}, "b": {"c": 1, "d": 2, "e": 3}}),
        ("<<: {a: 1}\nb: 2", {"a": 1, "b": 2}),
        ("<<: [{a: 1}, {a: 2, b: 2}]", {"a": 1, "b": 2}),
        ("<<: {a: 1}\n<<: {a: 2, b: 2}", {"a": 1, "b": 2}),
        (
            "a: &x {c: 1}\nb: &y {<<: *x, d: 2}\ne: {<<: *y}",
            {"a": {"c": 1}, "b": {"c": 1, "d": 2}, "e": {"c": 1, "d": 2}},
        ),
        ('"<<": {a: 1}', {"<<": {"a": 1}}),
        ("- &x {a: 1}\n- <<: *x\n  a: 2", [{"a": 1}, {"a": 2}]),
    ],
)
def test_aliases_and_merge_keys_are_expanded(content: str, expected: object) -> None:
    assert (expected, []) == read(content)


def test_parts_of_an_expanded_alias_have_the_positions_of_the_anchored_text() -> None:
    text = Text("x.yaml", "a: &x\n  b: 1\nc: *x\nd:\n  <<: *x\n  e: *x\n")

    _, offsets = scan_yaml(text, [])

    found = {pointer: tuple(map(text.line_and_column, pair)) for pointer, pair in offsets.items()}
    assert ((3, 1), (3, 4)) == found["/c"]
    assert ((2, 3), (2, 6)) == found["/c/b"] == found["/d/b"] == found["/d/e/b"]
    assert ((6, 3), (6, 6)) == found["/d/e"]


def test_problem_in_an_anchored_value_is_reported_at_the_anchor() -> None:
    problems = read("a: &x {b: .inf}\nc: *x")[1]

    assert [("/a/b", 1), ("/c/b", 1)] == [(problem.pointer, problem.line) for problem in problems]


def test_number_of_values_from_aliases_is_limited() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]

    assert "aliases repeat more than 100,000 values [yaml_alias]" in str(only("\n".join(lines)))


def test_merge_keys_of_merge_keys_take_linear_time() -> None:
    lines = ["a0: &a0 {x: 1}"] + [f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 100)]

    assert ({f"a{n}": {"x": 1} for n in range(100)}, []) == read("\n".join(lines))


def test_nesting_beyond_the_limit_is_rejected() -> None:
    problem = only("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))

    assert ("too_deep", MAX_DEPTH + 1, "/0/0/0") == (problem.code, problem.column, problem.pointer)


@pytest.mark.parametrize(
    "content",
    ["a:\n\tb: 1\n", "a:\n  b:\n    c: 1\n\t  d: 2\n", "a:\n  - b\n \t- c\n"],
    ids=["first", "later", "mixed"],
)
def test_tab_in_the_indentation_has_a_hint(content: str) -> None:
    assert "indent with spaces: YAML allows no tabs there" == only(content).hint


def test_other_mistakes_have_no_hint_about_tabs() -> None:
    assert only("a: [1\nb:\t2\n").hint is None
