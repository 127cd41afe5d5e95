"""First errors of large and deep values and of invalid schemas: exact where possible, never an exception."""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tornado_ws.errors import ErrorData
from tornado_ws.validation import schema_walk as module
from tornado_ws.validation.first_error import first_error
from tornado_ws.validation.keyword_handlers import ORDER
from tornado_ws.validation.references import DEFAULT_BASE_URI, References
from tornado_ws.validation.schema_validator import SchemaValidator

from ...codegen.support.mutants import mutants
from ...codegen.support.official import cases
from .schema_documents import INTEGER, STRING, Document, Place, first

LARGE = 2_500
"""More values than are checked one by one, and more than in one chunk."""
SIZES: dict[str, tuple[Any, Any, Place]] = {
    "items": ({"items": {"$ref": "#/$defs/I"}}, [*[1] * LARGE, "", 1], (f"/{LARGE}", "type")),
    "the first of several wrong items": ({"items": INTEGER}, [*[1] * 700, "", 1, ""], ("/700", "type")),
    "items after prefix items": (
        {"prefixItems": [STRING], "items": INTEGER},
        ["", *[1] * LARGE, ""],
        (f"/{LARGE + 1}", "type"),
    ),
    "contains": ({"contains": INTEGER}, [""] * LARGE, ("", "contains")),
    "minContains": ({"contains": INTEGER, "minContains": 2}, [1, *[""] * LARGE], ("", "minContains")),
    "maxContains": ({"contains": INTEGER, "minContains": 1, "maxContains": 2}, [1] * LARGE, ("", "maxContains")),
    "additionalProperties": (
        {"additionalProperties": {"properties": {"a": INTEGER}}},
        {f"{at}": {"a": 1 if at < LARGE else ""} for at in range(LARGE + 1)},
        ("", "type"),
    ),
    "patternProperties": (
        {"patternProperties": {"5$": INTEGER, "^x": STRING}},
        {f"x{at}": "" for at in range(LARGE)},
        ("", "type"),
    ),
    "propertyNames": ({"propertyNames": {"maxLength": 4}}, {f"x{at}": 1 for at in range(LARGE)}, ("", "propertyNames")),
    "unevaluatedItems": (
        {"allOf": [{"prefixItems": [True]}], "unevaluatedItems": INTEGER},
        [*[1] * LARGE, ""],
        ("", "unevaluatedItems"),
    ),
    "uniqueItems": ({"uniqueItems": True}, [*range(LARGE), 0], ("", "uniqueItems")),
    "arrays in arrays": (
        {"items": {"items": {"items": INTEGER}}},
        [[[1] * 9] * 9] * 99 + [[[""]]],
        ("/99/0/0", "type"),
    ),
    "text": ({"maxLength": 10**6}, "x" * (10**6 + 1), ("", "maxLength")),
}


@pytest.mark.parametrize("name", SIZES)
def test_place_in_large_values(name: str) -> None:
    schema, value, place = SIZES[name]

    assert place == first({**schema, "$defs": {"I": INTEGER}}, value)


def test_unions_of_a_type_with_itself_are_walked_once() -> None:
    """Without batches, each level would double the number of walks."""
    member = {"type": "object", "properties": {"next": {"$ref": "#/$defs/T"}}, "required": ["next"]}
    schema = {"$ref": "#/$defs/T", "$defs": {"T": {"anyOf": [member, {**member, "maxProperties": 3}]}}}
    entered: list[Any] = []

    def compile_(subschema: Any) -> Callable[[Any], bool]:
        return lambda value: bool(entered.append(subschema))  # type: ignore[func-returns-value]

    value: Any = {}
    for _ in range(60):
        value = {"next": value}
    error = first_error(
        "", value, References(schema, DEFAULT_BASE_URI), compile_, lambda *_: compile_({}), formats=False, patterns={}
    )

    assert "anyOf" == error.keyword
    assert 1 <= len(entered) <= 100


TREE = {"$ref": "#/$defs/T", "$defs": {"T": {"anyOf": [INTEGER, {"items": {"$ref": "#/$defs/T"}, "type": "array"}]}}}
LIST = {"$ref": "#/$defs/T", "$defs": {"T": {"type": ["array", "integer"], "items": {"$ref": "#/$defs/T"}}}}


def nested(value: Any, levels: int) -> Any:
    for _ in range(levels):
        value = [value]
    return value


def test_value_of_a_hundred_levels_has_an_exact_pointer() -> None:
    assert ("/0" * 100, "type") == first(LIST, nested("", 100))


@pytest.mark.parametrize("schema", [TREE, LIST])
@pytest.mark.parametrize("levels", [900, 5_000])
def test_value_of_any_depth_is_rejected(schema: Any, levels: int) -> None:
    error = SchemaValidator(json.dumps(schema)).first_error("", nested("", levels))

    assert error is not None
    assert "invalid_message" == error.code
    assert ("/0" * levels).startswith(error.pointer or "")


def test_nearly_full_stack_raises_nothing() -> None:
    validator = SchemaValidator(json.dumps(LIST))

    def call(levels: int) -> ErrorData | None:
        return call(levels - 1) if levels else validator.first_error("", nested("", 50))

    for levels in range(0, sys.getrecursionlimit() - 200, 50):
        error = call(levels)
        assert error is not None
        assert "invalid_message" == error.code


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/Missing"},
        {"$ref": "other.json"},
        {"$ref": "#missing"},
        {"$ref": 1},
        {"properties": {"a": {"pattern": "("}}},
        {"properties": {"a": {"required": 1}, "b": {"required": None}}},
        {"properties": []},
        {"type": "unknown"},
        {"minimum": "x"},
        {"allOf": [{"oneOf": [3]}]},
        {"anyOf": [{"$ref": "#"}]},
        {"$ref": "#"},
        3,
    ],
)
def test_schema_that_cannot_be_followed_gives_an_error_without_a_keyword(schema: Any) -> None:
    references = References(schema, DEFAULT_BASE_URI)

    for value in ({"a": "x", "b": {}}, [1], 1, None):
        error = first_error("", value, references, lambda _: bool, lambda *_: bool, formats=True, patterns={})
        assert "invalid_message" == error.code


def test_pointer_that_was_reached_is_kept() -> None:
    references = References(
        {"properties": {"a": {"items": {"not": {"type": "array", "items": {"$ref": "#/nowhere"}}}}}}, DEFAULT_BASE_URI
    )

    error = first_error("", {"a": [1, [1]]}, references, lambda _: bool, lambda *_: bool, formats=False, patterns={})

    assert error == ErrorData(code="invalid_message", message="expected a valid value", pointer="/a/1")


def test_names_that_the_schema_does_not_have_are_never_reported() -> None:
    references = References(
        {"properties": {"a": {"additionalProperties": {"items": {"$ref": "#/nowhere"}}}}}, DEFAULT_BASE_URI
    )

    error = first_error(
        "", {"a": {"secret": [1]}}, references, lambda _: bool, lambda *_: bool, formats=False, patterns={}
    )

    assert "/a" == error.pointer


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=2), below, max_size=3),
    max_leaves=8,
)
KEYWORDS = st.sampled_from(
    [*ORDER, "$id", "$anchor", "$dynamicAnchor", "$defs", "then", "else", "x-tag", "minContains"]
)
DOCUMENTS = st.recursive(
    VALUES | st.sampled_from(["#", "#/$defs/a", "#a", "string", "array", ["null", "object"]]),
    lambda below: st.dictionaries(KEYWORDS, below, max_size=4) | st.dictionaries(st.text("ab", max_size=1), below),
    max_leaves=12,
)


@given(DOCUMENTS, VALUES)
@settings(max_examples=100, deadline=None)
def test_no_document_and_no_value_raise(schema: Any, value: Any) -> None:
    document = json.loads(json.dumps(schema))

    def compile_(subschema: Any) -> Callable[[Any], bool]:
        return jsonschema_rs.Draft202012Validator(subschema, offline=True).is_valid

    def compile_keyword(keyword: str, stated: Any) -> Callable[[Any], bool]:
        return compile_({keyword: stated})

    references = References(document, DEFAULT_BASE_URI)
    error = first_error("", value, references, compile_, compile_keyword, formats=True, patterns={})

    assert "invalid_message" == error.code


META = "json-schema.org/draft/2020-12"


def suite(count: int) -> Iterator[tuple[Any, list[Any]]]:
    """Yield the schemas of the official suite with values near those of its tests."""
    chance = random.Random(count)
    for case in cases():
        if META in json.dumps({**case.schema, "$schema": ""} if isinstance(case.schema, dict) else True):
            continue  # it refers to the meta-schema, which is not in the document
        values = [test["data"] for test in case.tests]
        yield case.schema, [*values, *(one for value in values for one in mutants(value, chance, count))]


@pytest.mark.parametrize("steps", [1_000, 0])
def test_walk_and_validator_agree_on_the_official_suite(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    """The walk finds an error if, and only if, jsonschema-rs rejects the value."""
    monkeypatch.setattr(module, "BATCH_FROM_STEPS", steps)
    rejected, different = 0, []
    for schema, values in suite(10):
        try:
            document = Document(schema)
        except (ValueError, jsonschema_rs.ReferencingError):
            continue  # it refers to other documents
        for value in values:
            is_valid = document.is_valid(value)
            rejected += not is_valid
            if (document.locate(value).keyword is None) is not is_valid:
                different.append((schema, value, is_valid))

    assert [] == different
    assert rejected >= 3_000


DOUBLED: dict[str, Any] = {"A0": STRING} | {
    f"A{level}": {"anyOf": [{"$ref": f"#/$defs/A{level - 1}"}] * 2} for level in range(1, 13)
}
EXPENSIVE: dict[str, tuple[Any, Any, Place]] = {
    "200 patterns for each of 250 items": (
        {"items": {"patternProperties": {f"^p{number}_": INTEGER for number in range(200)}}},
        [{"p1_": 1}] * 249 + [{"p199_": "x"}],
        ("/249", "type"),
    ),
    "enum of 2,000 strings for each of 255 items": (
        {"items": {"enum": [f"e{number}" for number in range(2_000)]}},
        ["e1999"] * 254 + ["x"],
        ("/254", "enum"),
    ),
    "200 members of a union for each of 255 items": (
        {"items": {"anyOf": [{"const": f"e{number}"} for number in range(200)]}},
        ["e199"] * 254 + ["x"],
        ("/254", "anyOf"),
    ),
    "unions with 4,096 leaves": ({"$defs": DOUBLED, "$ref": "#/$defs/A12"}, 1, ("", "anyOf")),
}


@pytest.mark.parametrize("name", EXPENSIVE)
def test_expensive_schemas_are_walked_in_bounded_time(name: str) -> None:
    schema, value, place = EXPENSIVE[name]
    validator = SchemaValidator(json.dumps(schema))
    validator.first_error("", value)  # compiles its keywords

    started = time.process_time()
    error = validator.first_error("", value)

    assert time.process_time() - started < (0.1 if sys.gettrace() is None else 0.5)  # coverage traces each line
    assert error is not None
    assert place == (error.pointer, error.keyword)


def test_recursive_union_of_many_levels_is_named() -> None:
    assert ("", "anyOf") == first(TREE, nested("", 250))


def test_bound_beyond_all_floats_raises_nothing() -> None:
    error = SchemaValidator('{"maximum": 1' + "0" * 400 + "}").first_error("", 10**500)

    assert error is not None
    assert "invalid_message" == error.code
