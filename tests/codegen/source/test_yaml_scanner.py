"""Parser for YAML with positions."""

from __future__ import annotations

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
@given(JSON)
def test_output_of_pyyaml_is_parsed(value: object) -> None:
    written = yaml.safe_dump(value)  # escapes characters beyond ASCII

    assert value == read(written)[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a: &x 1", "1:4: /a: anchors and aliases are not supported: got &x [yaml_anchor]"),
        ("a: *x", "1:4: /a: anchors and aliases are not supported: got *x [yaml_anchor]"),
        ("<<: {a: 1}", "1:1: merge keys are not supported [yaml_anchor]"),
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


def test_nesting_beyond_the_limit_is_rejected() -> None:
    problem = only("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))

    assert ("too_deep", MAX_DEPTH + 1, "/0/0/0") == (problem.code, problem.column, problem.pointer)
