"""Patterns for Rust's engine: the same matches as with the schema validator."""

from __future__ import annotations

import random
from collections.abc import Callable

import jsonschema_rs
import pytest
from pydantic_core import SchemaValidator, ValidationError, core_schema

from codegen.regex.parser import parse
from codegen.regex.rust_pattern import rust_pattern
from tornado_ws.validation.schema_validator import pattern_options

ATOMS = (
    *("a", "b", "1", r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", ".", "[a-c]", "[^a]", r"[\d-]", r"[^\s\w]", "[&&a]"),
    *("[a~~b]", r"[\]\^]", "[^-]", r"\u{1F600}", r"\uD83D\uDE00", "é", r"\.", "-", "#", " ", r"\/", r"\n", r"\t"),
    *("^", "$", r"\b", r"\B", "[[]", r"\x41", r"\cA", r"\0", "[0--9]", "{", "]"),
)
CHARACTERS = "ab1 \n\t\r.-_é😀#&~^[]\\/٣\u2028\u00a0\ufeff\u0085A\u017f\x00\x01{}K"


def random_pattern(rng: random.Random, depth: int = 0) -> str:
    match rng.randrange(6 if depth < 3 else 1):
        case 0 | 1:
            return rng.choice(ATOMS)
        case 2 | 3:
            return "".join(random_pattern(rng, depth + 1) for _ in range(rng.randrange(1, 4)))
        case 4:
            return f"({rng.choice(('', '?:'))}{random_pattern(rng, depth + 1)}|{random_pattern(rng, depth + 1)})"
        case _:
            return f"(?:{random_pattern(rng, depth + 1)}){rng.choice(('*', '+', '?', '{2}', '{1,3}', '{0,}', '+?'))}"


def by_the_schema(source: str) -> Callable[[str], bool]:
    options = pattern_options(source)
    return jsonschema_rs.Draft202012Validator({"pattern": parse(source).rust}, pattern_options=options).is_valid


def by_pydantic(pattern: str) -> Callable[[str], bool]:
    validate = SchemaValidator(core_schema.str_schema(pattern=pattern)).validate_python

    def accepts(text: str) -> bool:
        try:
            validate(text)
        except ValidationError:
            return False
        return True

    return accepts


@pytest.mark.parametrize("seed", range(8))
def test_texts_have_the_verdict_of_the_schema(seed: int) -> None:
    rng, compared = random.Random(seed), 0
    while compared < 150:
        source = random_pattern(rng)
        try:
            parse(source)
        except ValueError:
            continue
        pattern = rust_pattern(source)
        assert pattern is not None
        accepts, expected = by_pydantic(pattern), by_the_schema(source)
        texts = ["".join(rng.choices(CHARACTERS, k=rng.randrange(5))) for _ in range(60)]
        assert [expected(text) for text in texts] == [accepts(text) for text in texts], (source, pattern)
        compared += 1


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"^\d{4}-\d{2}$", "^[0-9]{4}-[0-9]{2}$"),
        (r"^[A-Z]\w*$", r"^[A-Z][0-9A-Z_a-z]*$"),
        (r"^(?<year>[^/]+)/.", r"^(?:[^/]+)/[^\n\r\u{2028}-\u{2029}]"),
        (r"\p{L}", None),
        (r"^[^\s\S]", None),
        (r"a|[^\w\W]*", None),
        (r"^(?=a)", None),
        ("^.{1,1000}$", None),
        ("^(.{1,100}){1,10}$", None),
    ],
)
def test_pattern_is_readable_or_left_out(source: str, expected: str | None) -> None:
    assert expected == rust_pattern(source)
