from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml
from hypothesis import given, settings

from codegen.source import yaml_scanner as module
from codegen.source.diagnostics import Problem
from codegen.source.document import Text
from codegen.source.json_scanner import DEEPEST, Unreadable
from codegen.source.yaml_scanner import scan_yaml

from ..support.json_values import JSON


@pytest.fixture(params=["CBaseLoader", "BaseLoader"], autouse=True)
def loader(request: pytest.FixtureRequest) -> Iterator[None]:
    """Read with libyaml, and as where PyYAML was built without it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_LOADER", getattr(yaml, request.param))
        yield


def read(content: str) -> tuple[object, list[Problem]]:
    found: list[Problem] = []
    try:
        return scan_yaml(Text("x.yaml", content), found)[0], found
    except Unreadable:
        assert found, "whoever cannot read says why"
        return None, found


def only(content: str) -> Problem:
    (problem,) = read(content)[1]
    return problem


def test_plain_words_mean_what_yaml_1_2_says() -> None:
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


def test_every_value_and_key_has_its_place() -> None:
    text = Text("x.yaml", "é: é # é\na:\n  - 1\n  - {b: 2}\n")

    _, places = scan_yaml(text, [])

    found = {pointer: tuple(map(text.line_and_column, place)) for pointer, place in places.items()}
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
def test_reads_what_pyyaml_writes(value: object) -> None:
    written = yaml.safe_dump(value)  # which escapes what is not ASCII

    assert value == read(written)[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a: &x 1", "1:4: /a: anchors are not read: got &x [yaml_anchor]"),
        ("a: *x", "1:4: /a: anchors are not read: got *x [yaml_anchor]"),
        ("<<: {a: 1}", "1:1: merge keys are not read [yaml_anchor]"),
        ("a: !!str 1", "1:4: /a: tags are not read: got tag:yaml.org,2002:str [yaml_tag]"),
        ("a: !python/object:os.system x", "1:4: /a: tags are not read"),
        ("1: x", '1:1: a key that is no string: got 1 [yaml_key]\n  hint: write "1" in quotes'),
        ("? [a]\n: 1", "1:3: a key that is no string [yaml_key]"),
        ("a: 1\nb: 2\na: 3", "3:1: /a: the key stands twice in this mapping; first in line 1 [duplicate_key]"),
        ("a: .inf", "1:4: /a: JSON has no such number: got .inf [invalid_number]"),
        ("a: .NaN", "1:4: /a: JSON has no such number: got .NaN [invalid_number]"),
        ("a: 1e999", "1:4: /a: no double can hold the number [number_out_of_range]"),
        ("a: 1\n---\nb: 2", "2:1: a second document in the file [multiple_documents]"),
        ("# nothing\n", "the file holds nothing but comments [empty_file]"),
        ("a:\n\t- b", "not YAML: found character"),
        ("a: [1, 2", "not YAML: "),
        ("a: \x07", "not YAML: "),
    ],
)
def test_what_says_no_json_is_told_with_its_place(content: str, words: str) -> None:
    assert words in str(only(content))


def test_nesting_has_a_limit_that_is_told() -> None:
    problem = only("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1))

    assert ("too_deep", DEEPEST + 1, "/0/0/0") == (problem.code, problem.column, problem.pointer)
