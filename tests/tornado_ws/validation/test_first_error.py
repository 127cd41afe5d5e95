"""First errors: pointer, keyword, message and order; agreement with jsonschema-rs; no exceptions."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tornado_ws.errors import ErrorData
from tornado_ws.validation import first_error as module
from tornado_ws.validation.first_error import ORDER, first_error
from tornado_ws.validation.references import DEFAULT_BASE_URI, References
from tornado_ws.validation.schema_validator import SchemaValidator

from ...codegen.support.mutants import mutants
from ...codegen.support.official import cases

INTEGER, STRING, LONG = {"type": "integer"}, {"type": "string"}, {"minLength": 9}
Place = tuple[str | None, str | None]


class Document:
    """Schema document for the walk alone and for jsonschema-rs alone."""

    def __init__(self, schema: Any, *, formats: bool = False) -> None:
        base_uri = schema.get("$id", DEFAULT_BASE_URI) if isinstance(schema, dict) else DEFAULT_BASE_URI
        self._formats = formats
        self._registry = jsonschema_rs.Registry([(base_uri, schema)])
        self._references = References(schema, base_uri)
        self.is_valid = self.compile({"$ref": f"{base_uri}#"})

    def compile(self, schema: Any) -> Callable[[Any], bool]:
        return jsonschema_rs.Draft202012Validator(
            schema, registry=self._registry, offline=True, validate_formats=self._formats
        ).is_valid

    def compile_keyword(self, keyword: str, value: Any) -> Callable[[Any], bool]:
        return self.compile({keyword: value})

    def locate(self, value: Any) -> ErrorData:
        """Return the result of the walk, even for a valid value."""
        return first_error(
            "", value, self._references, self.compile, self.compile_keyword, formats=self._formats, patterns={}
        )


def first(schema: Any, value: Any, pointer: str = "") -> Place | None:
    error = SchemaValidator(json.dumps(schema)).first_error(pointer, value)
    return None if error is None else (error.pointer, error.keyword)


def test_error_has_pointer_keyword_expected_value_and_message() -> None:
    schema = {"properties": {"tags": {"items": {"maxLength": 2}}}}

    error = SchemaValidator(json.dumps(schema)).first_error("", {"tags": ["a", "abc"]})

    assert error == ErrorData(
        code="invalid_message",
        message="expected at most 2 characters",
        pointer="/tags/1",
        keyword="maxLength",
        expected=2,
    )


def test_valid_value_has_no_error() -> None:
    assert first({"type": "integer"}, 1.0) is None


def test_pattern_is_reported_as_the_user_wrote_it() -> None:
    schema = {"pattern": "^[0-9]$", "patterns": {"^[0-9]$": r"^\d$"}}

    error = SchemaValidator(json.dumps(schema)).first_error("", "x")

    assert error is not None
    assert (r"^\d$", r"expected text that matches ^\d$") == (error.expected, error.message)


EACH: dict[str, tuple[Any, Any]] = {
    "type": ({"type": "string"}, 1),
    "const": ({"const": 1}, True),
    "enum": ({"enum": [1, "a"]}, "b"),
    "minimum": ({"minimum": 3}, 2),
    "maximum": ({"maximum": 3}, 4),
    "exclusiveMinimum": ({"exclusiveMinimum": 3}, 3),
    "exclusiveMaximum": ({"exclusiveMaximum": 3}, 3),
    "multipleOf": ({"multipleOf": 0.1}, 0.25),
    "minLength": ({"minLength": 2}, "😀"),
    "maxLength": ({"maxLength": 1}, "ab"),
    "minItems": ({"minItems": 1}, []),
    "maxItems": ({"maxItems": 1}, [1, 2]),
    "minProperties": ({"minProperties": 1}, {}),
    "maxProperties": ({"maxProperties": 0}, {"a": 1}),
    "required": ({"required": ["a"]}, {}),
    "dependentRequired": ({"dependentRequired": {"a": ["b"]}}, {"a": 1}),
    "pattern": ({"pattern": "^a"}, "b"),
    "format": ({"format": "date"}, "today"),
    "uniqueItems": ({"uniqueItems": True}, [1, 1.0]),
    "properties": ({"properties": {"a": False}}, {"a": 1}),
    "patternProperties": ({"patternProperties": {"^a": False}}, {"a": 1}),
    "additionalProperties": ({"additionalProperties": False}, {"a": 1}),
    "propertyNames": ({"propertyNames": {"maxLength": 1}}, {"ab": 1}),
    "prefixItems": ({"prefixItems": [False]}, [1]),
    "items": ({"items": False}, [1]),
    "contains": ({"contains": INTEGER}, ["a"]),
    "dependentSchemas": ({"dependentSchemas": {"a": False}}, {"a": 1}),
    "allOf": ({"allOf": [False]}, 1),
    "anyOf": ({"anyOf": [INTEGER, STRING]}, None),
    "oneOf": ({"oneOf": [INTEGER, {"minimum": 0}]}, 1),
    "not": ({"not": INTEGER}, 1),
    "if": ({"if": True, "then": {"const": 2}}, 1),
    "$ref": ({"$ref": "#/$defs/None", "$defs": {"None": False}}, 1),
    "$dynamicRef": ({"$dynamicRef": "#/$defs/None", "$defs": {"None": False}}, 1),
    "unevaluatedProperties": ({"unevaluatedProperties": {"type": "null"}}, {"a": 1}),
    "unevaluatedItems": ({"unevaluatedItems": False}, [1]),
}
"""A schema and a value that it rejects, by keyword."""


def test_every_keyword_has_an_example() -> None:
    assert [*ORDER] == [*EACH]


@pytest.mark.parametrize("keyword", EACH)
def test_keyword_rejects_its_example(keyword: str) -> None:
    schema, value = EACH[keyword]

    error = Document(schema, formats=True).locate(value)

    assert error.keyword == {"if": "const"}.get(keyword, keyword)


def test_format_is_not_asserted_unless_the_endpoint_states_it() -> None:
    schema, value = EACH["format"]

    assert Document(schema).locate(value).keyword is None


def _merged(one: Any, other: Any) -> Any:
    """Return a schema with the keywords of both, one after the other, the second one first."""
    return other | one | ({"$defs": {"None": False}} if "$defs" in one or "$defs" in other else {})


@pytest.mark.parametrize("earlier", range(len(ORDER)))
def test_keywords_are_reported_in_order(earlier: int) -> None:
    """Every pair of keywords that reject one value."""
    for later in range(earlier + 1, len(ORDER)):
        keywords = ORDER[earlier], ORDER[later]
        (first_schema, value), (second_schema, other_value) = (EACH[keyword] for keyword in keywords)
        for one in (value, other_value):
            document = Document(_merged(first_schema, second_schema), formats=True)
            alone = [Document(schema, formats=True) for schema in (first_schema, second_schema)]
            if any(part.is_valid(one) for part in alone) or document.is_valid(one):
                continue

            assert document.locate(one).keyword == alone[0].locate(one).keyword, (keywords, one)


MEMBERS = [
    {"type": "object", "properties": {"kind": {"const": kind}, "a": INTEGER}, "required": ["kind"]} for kind in "kl"
]
TAG = {"keyword": "oneOf", "name": "kind", "values": ["k", "l"]}
MANY = {f"x{at}": at for at in range(99)}
PLACES: dict[str, tuple[Any, Any, Place]] = {
    "property order of the schema": ({"properties": {"b": INTEGER, "a": INTEGER}}, {"a": "", "b": ""}, ("/b", "type")),
    "array indices first, in ascending order": (
        {"properties": {"b": INTEGER, "10": INTEGER, "9": INTEGER}},
        {"b": "", "10": "", "9": ""},
        ("/9", "type"),
    ),
    "the largest array index": (
        {"properties": {"b": INTEGER, "4294967294": INTEGER, "01": INTEGER, "4294967295": INTEGER}},
        {"b": "", "4294967295": "", "4294967294": "", "01": ""},
        ("/4294967294", "type"),
    ),
    "names that only resemble array indices": (
        {"properties": {"b": INTEGER, "01": INTEGER, "-1": INTEGER, "\u0663": INTEGER}},
        {"01": "", "-1": "", "\u0663": "", "b": ""},
        ("/b", "type"),
    ),
    "properties before additional ones": (
        {"properties": {"b": INTEGER}, "additionalProperties": False},
        {"c": 1, **MANY, "b": ""},
        ("/b", "type"),
    ),
    "additional properties in the order of the object": (
        {"additionalProperties": {"multipleOf": 2, "minLength": 9}},
        {"b": "", "a": 1},
        ("", "minLength"),
    ),
    "additional array indices first": (
        {"additionalProperties": {"multipleOf": 2, "minLength": 9}},
        {"b": "", "1": 1},
        ("", "multipleOf"),
    ),
    "patterns in the order of the schema": (
        {"patternProperties": {"2": LONG, "1": INTEGER}},
        {"1": "", "2": ""},
        ("", "minLength"),
    ),
    "known name below an unknown one": (
        {"additionalProperties": {"properties": {"a": INTEGER}}},
        {"x": {"a": ""}},
        ("", "type"),
    ),
    "known names around an unknown one": (
        {"properties": {"a": {"patternProperties": {"": {"items": INTEGER}}}}},
        {"a": {"x": [""]}},
        ("/a", "type"),
    ),
    "the empty name": ({"properties": {"": {"properties": {"": INTEGER}}}}, {"": {"": ""}}, ("//", "type")),
    "a name with a slash and a tilde": ({"properties": {"a/~": INTEGER}}, {"a/~": ""}, ("/a~1~0", "type")),
    "items after prefix items": ({"prefixItems": [True, INTEGER], "items": INTEGER}, [1, "", ""], ("/1", "type")),
    "items skip prefix items": ({"prefixItems": [True], "items": INTEGER}, ["", 1, ""], ("/2", "type")),
    "too few contained items": ({"contains": INTEGER, "minContains": 2}, [1], ("", "minContains")),
    "too many contained items": ({"contains": INTEGER, "maxContains": 1}, [1, 1], ("", "maxContains")),
    "too few where a maximum is stated": ({"contains": INTEGER, "maxContains": 1}, [], ("", "maxContains")),
    "no minimum of contained items": ({"contains": INTEGER, "minContains": 0, "items": STRING}, [1], ("/0", "type")),
    "member that a tag selects": ({"oneOf": MEMBERS, "x-tag": TAG}, {"kind": "l", "a": ""}, ("/a", "type")),
    "tag that selects no member": ({"oneOf": MEMBERS, "x-tag": TAG}, {"kind": "m"}, ("", "oneOf")),
    "tag that is not text": ({"oneOf": MEMBERS, "x-tag": TAG}, {"kind": ["k"]}, ("", "oneOf")),
    "tagged union of another type": ({"oneOf": MEMBERS, "x-tag": TAG}, [], ("", "oneOf")),
    "union without a tag": ({"oneOf": MEMBERS}, {"kind": "l", "a": ""}, ("", "oneOf")),
    "then": ({"if": INTEGER, "then": {"minimum": 3}, "else": LONG}, 1, ("", "minimum")),
    "else": ({"if": INTEGER, "then": {"minimum": 3}, "else": LONG}, "", ("", "minLength")),
    "then without if": ({"then": False, "minimum": 3}, 1, ("", "minimum")),
    "property that a branch evaluates": (
        {"anyOf": [{"properties": {"a": True}}, {"required": ["c"]}], "unevaluatedProperties": False},
        {"a": 1, "b": 1},
        ("", "unevaluatedProperties"),
    ),
    "rejected branches evaluate nothing": (
        {"anyOf": [{"properties": {"a": STRING}}, True], "unevaluatedProperties": False},
        {"a": 1},
        ("", "unevaluatedProperties"),
    ),
    "unevaluated below unevaluated": (
        {"allOf": [{"properties": {"a": True}, "unevaluatedProperties": STRING}], "unevaluatedProperties": False},
        {"a": 1, "b": 1},
        ("", "unevaluatedProperties"),
    ),
    "items that contains evaluates": (
        {"contains": INTEGER, "unevaluatedItems": STRING},
        [1, "", None],
        ("", "unevaluatedItems"),
    ),
    "false as the whole schema": (False, 1, ("", "$ref")),
    "value that resembles a schema": ({"const": {"$ref": "#/properties/a"}}, {}, ("", "const")),
    "object that equals another in depth": ({"enum": [{"a": [1, {"b": None}]}]}, {"a": [1, {"b": 0}]}, ("", "enum")),
}
"""Schemas, values and the place of their first error."""


@pytest.mark.parametrize("name", PLACES)
def test_place_of_the_first_error(name: str) -> None:
    schema, value, place = PLACES[name]

    assert place == first(schema, value)


SELF = "https://example.org/base_uri"
APPLICATORS: dict[str, tuple[Callable[[Any], Any], Any, str]] = {
    "properties": (lambda below: {"properties": {"p": below}}, {"p": ""}, "/p"),
    "patternProperties": (lambda below: {"patternProperties": {"p": below}}, {"p": ""}, ""),
    "additionalProperties": (lambda below: {"additionalProperties": below}, {"p": ""}, ""),
    "propertyNames": (lambda below: {"propertyNames": below}, {"": 1}, ""),
    "prefixItems": (lambda below: {"prefixItems": [True, below]}, [1, ""], "/1"),
    "items": (lambda below: {"items": below}, [""], "/0"),
    "contains": (lambda below: {"contains": below}, [""], ""),
    "dependentSchemas": (lambda below: {"dependentSchemas": {"p": {"properties": {"p": below}}}}, {"p": ""}, "/p"),
    "allOf": (lambda below: {"allOf": [True, below]}, "", ""),
    "anyOf": (lambda below: {"anyOf": [INTEGER, below]}, "", ""),
    "oneOf": (lambda below: {"oneOf": [INTEGER, below]}, "", ""),
    "not": (lambda below: {"not": {"not": below}}, "", ""),
    "if": (lambda below: {"if": below, "else": {"const": 0}}, "", ""),
    "then": (lambda below: {"if": True, "then": below}, "", ""),
    "else": (lambda below: {"if": False, "else": below}, "", ""),
    "$ref": (lambda below: {"$ref": "#/$defs/Middle", "$defs": {"Middle": below}}, "", ""),
    "unevaluatedProperties": (lambda below: {"unevaluatedProperties": below}, {"p": ""}, ""),
    "unevaluatedItems": (lambda below: {"unevaluatedItems": below}, [""], ""),
}
OWN = {"propertyNames", "contains", "anyOf", "oneOf", "not", "unevaluatedProperties", "unevaluatedItems"}
"""Applicators that report themselves instead of the keyword below."""
REFERENCES: dict[str, tuple[str, Any]] = {
    "pointer": ("#/$defs/Text", {"minLength": 1}),
    "escaped pointer": ("#/$defs/a%20b~1c/properties/d", {"properties": {"d": {"minLength": 1}}}),
    "absolute pointer": (f"{SELF}#/$defs/Text", {"minLength": 1}),
    "anchor": ("#text", {"$anchor": "text", "minLength": 1}),
    "dynamic anchor": ("#text", {"$dynamicAnchor": "text", "minLength": 1}),
    "resource": ("text", {"$id": "text", "minLength": 1}),
    "pointer into a resource": ("text#/$defs/T", {"$id": "text", "$defs": {"T": {"minLength": 1}}}),
    "anchor in a resource": ("text#t", {"$id": "text", "$defs": {"T": {"$anchor": "t", "minLength": 1}}}),
    "reference in a resource": (
        "sub/text",
        {"$id": "sub/text", "$ref": "#/$defs/T", "$defs": {"T": {"minLength": 1}}},
    ),
    "relative reference of a resource": (
        "sub/text",
        {"$id": "sub/text", "$ref": "more", "$defs": {"T": {"$id": "more", "minLength": 1}}},
    ),
}


@pytest.mark.parametrize("applicator", APPLICATORS)
@pytest.mark.parametrize("reference", REFERENCES)
@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef"])
def test_reference_below_every_applicator(applicator: str, reference: str, keyword: str) -> None:
    wrap, value, pointer = APPLICATORS[applicator]
    to, target = REFERENCES[reference]
    name = "a b/c" if "a%20b" in to else "Text"
    schema = wrap({keyword: to})
    schema = {"$id": SELF, **schema, "$defs": {**schema.get("$defs", {}), name: target}}

    document = Document(schema)
    found = document.locate(value)

    expected = applicator if applicator in OWN else "const" if applicator == "if" else "minLength"
    assert (pointer, expected) == (found.pointer, found.keyword)
    assert not document.is_valid(value)


def test_reference_leads_into_a_union() -> None:
    schema = {"properties": {"b": {"$ref": "#/oneOf/1"}}, "oneOf": MEMBERS, "x-tag": TAG}

    assert ("/b/a", "type") == first(schema, {"kind": "k", "b": {"kind": "l", "a": ""}})


def test_keywords_beside_a_reference_come_first() -> None:
    schema = {"$ref": "#/$defs/A", "minLength": 1, "$defs": {"A": {"const": "a"}}}

    assert ("", "minLength") == first(schema, "")


def test_dynamic_reference_leads_to_the_outermost_anchor() -> None:
    tree = {
        "$id": "tree",
        "$dynamicAnchor": "node",
        "properties": {"data": True, "children": {"items": {"$dynamicRef": "#node"}}},
    }
    strict = {
        "$id": SELF,
        "$dynamicAnchor": "node",
        "$ref": "tree",
        "unevaluatedProperties": False,
        "$defs": {"tree": tree},
    }

    assert ("", "unevaluatedProperties") == first(strict, {"child": 1})
    assert ("/children/0", "unevaluatedProperties") == first(strict, {"children": [{"child": 1}]})
    assert ("/children/299", "unevaluatedProperties") == first(strict, {"children": [*[{}] * 299, {"child": 1}]})


def test_pointer_selects_the_schema() -> None:
    schema = {"$defs": {"A": {"properties": {"b": True, "a": INTEGER}}}}

    assert ("", "type") == first(schema, "x", "/$defs/A/properties/a")


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
@settings(max_examples=400, deadline=None)
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
