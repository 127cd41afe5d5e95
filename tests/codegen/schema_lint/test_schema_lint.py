"""Warnings about schemas that accept no value or contain keywords without effect."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from codegen.pipeline import read
from codegen.settings.project_settings import read_settings
from codegen.source.diagnostics import Problem, SchemaProblems

from ..support.folders import folder
from ..support.generated import payload


def warnings(path: Path, schema: Any, **files: Any) -> tuple[Problem, ...]:
    """Return the warnings about the payload ``schema``; definitions are in ``files``."""
    folder(path / "schemas", test=payload(schema, **files.pop("others", {})), **files)
    return read(read_settings(path)).warnings


def found(path: Path, schema: Any, **others: Any) -> list[tuple[str, str]]:
    """Return the code and relative pointer of each warning."""
    prefix = "/serverMessages/it/payload"
    return [
        (problem.code, problem.pointer.removeprefix(prefix))
        for problem in warnings(path, schema, others={"$defs": others} if others else {})
    ]


CASES: list[tuple[Any, str, str]] = [
    ({"type": "string", "minLength": 5, "maxLength": 4}, "empty_range", "/minLength"),
    ({"type": "array", "minItems": 5, "maxItems": 4}, "empty_range", "/minItems"),
    ({"type": "object", "minProperties": 5, "maxProperties": 4}, "empty_range", "/minProperties"),
    ({"type": "array", "contains": {}, "minContains": 2, "maxContains": 1}, "empty_range", "/minContains"),
    ({"type": "array", "contains": {}, "maxContains": 0}, "empty_range", "/minContains"),
    ({"type": "array", "contains": {}, "minContains": 2, "maxItems": 1}, "empty_range", "/minContains"),
    ({"type": "number", "minimum": 2, "maximum": 1}, "empty_range", "/minimum"),
    ({"type": "number", "exclusiveMinimum": 1, "maximum": 1}, "empty_range", "/exclusiveMinimum"),
    ({"type": "number", "minimum": 1, "exclusiveMaximum": 1}, "empty_range", "/minimum"),
    ({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, "empty_range", "/exclusiveMinimum"),
    ({"type": "integer", "minimum": 0.1, "maximum": 0.9}, "empty_range", "/minimum"),
    ({"type": "number", "minimum": 1, "maximum": 4, "multipleOf": 5}, "empty_range", "/minimum"),
    ({"type": "array", "prefixItems": [{}], "items": False, "minItems": 2}, "empty_range", "/minItems"),
    (
        {"type": "object", "properties": {"a": {}}, "additionalProperties": False, "minProperties": 2},
        "empty_range",
        "/minProperties",
    ),
    ({"type": "object", "required": ["a", "b"], "maxProperties": 1}, "empty_range", "/maxProperties"),
    ({"enum": []}, "empty_enum", "/enum"),
    ({"enum": ["a", "b", "a"]}, "repeated_value", "/enum/2"),
    ({"type": "string", "format": "emial"}, "misspelled_format", "/format"),
    ({"type": "string", "format": "dateTime"}, "misspelled_format", "/format"),
    ({"type": "string", "format": "UUID"}, "misspelled_format", "/format"),
    ({"type": "object", "properties": {"a": {}}, "required": ["A"]}, "misspelled_property", "/required/0"),
    ({"type": "object", "properties": {"name": {}}, "required": ["nmae"]}, "misspelled_property", "/required/0"),
    ({"type": "object", "additionalProperties": False, "required": ["a"]}, "impossible_property", "/required/0"),
    ({"type": "object", "properties": {"a": False}, "required": ["b", "a"]}, "impossible_property", "/required/1"),
    (
        {
            "type": "object",
            "patternProperties": {"^x-": {}},
            "properties": {"a": {}},
            "additionalProperties": False,
            "required": ["a", "x-b", "b"],
        },
        "impossible_property",
        "/required/2",
    ),
    ({"type": "string", "minimum": 1}, "inapplicable_keyword", "/minimum"),
    ({"type": ["integer", "null"], "maxLength": 1}, "inapplicable_keyword", "/maxLength"),
    ({"type": "array", "additionalProperties": False}, "inapplicable_keyword", "/additionalProperties"),
    ({"type": "integer", "format": "date-time"}, "inapplicable_keyword", "/format"),
    ({"type": "string", "format": "int64"}, "inapplicable_keyword", "/format"),
    ({"then": {}}, "ineffective_keyword", "/then"),
    ({"else": {}}, "ineffective_keyword", "/else"),
    ({"if": {"type": "string"}}, "ineffective_keyword", "/if"),
    ({"type": "array", "minContains": 1}, "ineffective_keyword", "/minContains"),
    ({"type": "string", "nullable": True}, "openapi_keyword", "/nullable"),
    ({"type": ["string", "null"], "enum": ["a"], "nullable": True}, "openapi_keyword", "/nullable"),
    ({"type": ["string", "null"], "const": "a", "nullable": True}, "openapi_keyword", "/nullable"),
    ({"allOf": [{"type": "string"}], "nullable": True}, "openapi_keyword", "/nullable"),
    ({"anyOf": [{"type": "string"}, {"type": "object"}], "nullable": True}, "openapi_keyword", "/nullable"),
    ({"oneOf": [{"type": "string"}, {"type": "object"}], "nullable": True}, "openapi_keyword", "/nullable"),
    (
        {"type": ["object", "null"], "oneOf": [{"required": ["a"]}, {}], "nullable": True},
        "openapi_keyword",
        "/nullable",
    ),
    ({"enum": ["a"], "nullable": True}, "openapi_keyword", "/nullable"),
    ({"properties": {"a": {}}}, "missing_type", ""),
    ({"additionalProperties": False}, "missing_type", ""),
    ({"type": "string", "default": 1}, "rejected_value", "/default"),
    ({"type": "string", "examples": ["a", 1, 2]}, "rejected_value", "/examples/1"),
    ({"type": "string", "enum": ["a", None]}, "rejected_value", "/enum/1"),
    ({"type": "string", "maxLength": 1, "const": "ab"}, "rejected_value", "/const"),
    ({"type": "string", "pattern": "^\\p{Lu}+$", "default": "a"}, "rejected_value", "/default"),
]


@pytest.mark.parametrize(("schema", "code", "pointer"), CASES, ids=[json.dumps(case[0]) for case in CASES])
def test_mistake_is_a_warning(tmp_path: Path, schema: Any, code: str, pointer: str) -> None:
    assert [(code, pointer)] == found(tmp_path, schema)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "default": 1}, '"type": "string"'),
        ({"type": "integer", "minimum": 3, "default": 1}, '"minimum": 3'),
        ({"type": "object", "properties": {"a": {"enum": ["b"]}}, "default": {"a": "c"}}, '"enum": ["b"] at /a'),
        ({"type": "object", "required": ["a"], "examples": [{}]}, '"required": ["a"]'),
        ({"type": "array", "items": False, "default": [1]}, '"items": false at /0'),
        ({"type": "string", "pattern": f"^{'a' * 60}$", "default": "b"}, '"pattern"'),
        ({"anyOf": [{"type": "string", "title": "b" * 60}, {"type": "null"}], "default": 1}, '"anyOf"'),
    ],
)
def test_keyword_that_rejects_a_value_is_named(tmp_path: Path, schema: Any, expected: str) -> None:
    (problem,) = (one for one in warnings(tmp_path, schema) if one.code == "rejected_value")

    assert expected == problem.expected


VALID: list[Any] = [
    {"type": "string", "minLength": 4, "maxLength": 4},
    {"type": "number", "minimum": 1, "maximum": 1},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 2},
    {"type": "number", "minimum": 0.3, "maximum": 0.3, "multipleOf": 0.1},
    {"type": "array", "contains": {}, "minContains": 0, "maxContains": 0},
    {"type": "array", "prefixItems": [{}], "items": {}, "minItems": 2},
    {"enum": [1, "1", True, None, [1], {"a": 1}]},
    {"type": "string", "format": "emoji"},
    {"type": "string", "format": "url"},
    {"type": "string", "format": "hostname"},
    {"type": "integer", "format": "int64"},
    {"type": "object", "properties": {"name": {}, "names": {}}, "required": ["name", "other"]},
    {"type": "object", "properties": {"a": {}}, "additionalProperties": False, "required": ["a"]},
    {"type": "object", "patternProperties": {"^a": {}}, "additionalProperties": False, "required": ["ab"]},
    {"type": ["string", "integer"], "minimum": 1, "maxLength": 3},
    {"type": "string", "additionalProperties": False},
    {"type": "integer", "minLength": 0, "required": [], "properties": {}, "items": True, "uniqueItems": False},
    {"type": ["string", "null"], "nullable": True},
    {"type": "string", "nullable": False},
    {"type": ["string", "null"], "enum": ["a", None], "nullable": True},
    {"nullable": True},
    {"anyOf": [{"type": "string"}, {"type": "null"}], "nullable": True},
    {"oneOf": [{"type": ["string", "null"]}, {"type": "object"}], "nullable": True},
    {"anyOf": [{"properties": {"a": {}}}, {"type": "string"}]},
    {"allOf": [{"type": "object"}, {"properties": {"a": {}}}]},
    {"type": "string", "enum": ["a"], "default": "a", "examples": ["a"]},
    {"type": "object", "properties": {"default": {"type": "string"}, "enum": {"type": "string"}}},
    False,
    {"not": {}},
]


@pytest.mark.parametrize("schema", VALID, ids=json.dumps)
def test_schema_without_a_mistake_has_no_warning(tmp_path: Path, schema: Any) -> None:
    assert [] == found(tmp_path, schema)


@pytest.mark.parametrize(("name", "expected"), [("iri", 1), ("colour", 1), ("int64", 0), ("byte", 0), ("date", 0)])
def test_format_without_check_is_a_warning_where_formats_are_asserted(tmp_path: Path, name: str, expected: int) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.tornado-ws]\nformat-assertion = true\n", encoding="utf-8")

    assert [("unchecked_format", "/format")] * expected == found(tmp_path, {"format": name})


def test_default_is_compared_with_the_target_of_a_reference(tmp_path: Path) -> None:
    definition = {"type": "string", "maxLength": 1}

    assert [("rejected_value", "/default")] == found(tmp_path, {"$ref": "#/$defs/A", "default": "ab"}, A=definition)


@pytest.mark.parametrize(
    "definition",
    [
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}, "required": ["a"]},
        {"type": "object", "additionalProperties": {"$ref": "#/$defs/A"}, "required": ["a"]},
        {"type": "array", "items": {"$ref": "#/$defs/A"}, "minItems": 1},
        {"type": "array", "prefixItems": [{"$ref": "#/$defs/A"}], "minItems": 1},
        {"type": "array", "contains": {"$ref": "#/$defs/A"}},
        {"type": "array", "minItems": 1, "items": {"anyOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/A"}]}},
        {"allOf": [{"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}, "required": ["a"]}]},
    ],
    ids=json.dumps,
)
def test_type_that_requires_itself_is_a_warning(tmp_path: Path, definition: Any) -> None:
    (problem,) = warnings(tmp_path, {"$ref": "#/$defs/A"}, others={"$defs": {"A": definition}})

    assert ("endless_type", True) == (problem.code, problem.pointer.startswith("/$defs/A"))


@pytest.mark.parametrize(
    "definition",
    [
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}},
        {"type": ["object", "null"], "properties": {"a": {"$ref": "#/$defs/A"}}, "required": ["a"]},
        {"type": "array", "items": {"$ref": "#/$defs/A"}},
        {"type": "array", "minItems": 1, "items": {"anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]}},
    ],
    ids=json.dumps,
)
def test_recursive_type_with_finite_values_has_no_warning(tmp_path: Path, definition: Any) -> None:
    assert [] == found(tmp_path, {"$ref": "#/$defs/A"}, A=definition)


def test_cycle_of_types_is_reported_once(tmp_path: Path) -> None:
    def requires(name: str) -> dict[str, Any]:
        return {"type": "object", "properties": {"next": {"$ref": f"#/$defs/{name}"}}, "required": ["next"]}

    endless = [("endless_type", "/$defs/A/properties/next")]

    assert endless == found(tmp_path, {"$ref": "#/$defs/C"}, A=requires("B"), B=requires("A"), C=requires("A"))


CLOSED = {"type": "object", "properties": {"a": {}}, "additionalProperties": False}


def test_closed_part_of_a_combination_rejects_the_properties_of_others(tmp_path: Path) -> None:
    schema = {"allOf": [{"$ref": "#/$defs/A"}, {"type": "object", "properties": {"b": {}}, "required": ["b"]}]}

    (problem,) = warnings(tmp_path, schema, others={"$defs": {"A": CLOSED}})

    assert ("impossible_property", "/serverMessages/it/payload/allOf", '"b"') == (
        problem.code,
        problem.pointer,
        problem.got,
    )


def test_combined_types_without_a_common_value_are_a_warning(tmp_path: Path) -> None:
    assert [("conflicting_types", "/allOf")] == found(tmp_path, {"allOf": [{"type": "string"}, {"type": "integer"}]})
    assert [("conflicting_types", "/$ref")] == found(tmp_path, {"$ref": "#/$defs/A", "type": "null"}, A=CLOSED)


def test_positions_are_those_of_an_older_draft(tmp_path: Path) -> None:
    shared = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "definitions": {
            "A": {"type": "integer", "minimum": 3, "exclusiveMinimum": True, "maximum": 3},
            "B": {"type": "array", "items": [{"type": "string", "default": 1}]},
        },
    }

    problems = warnings(tmp_path, {"$ref": "shared.json#/definitions/B"}, shared=shared)

    assert [
        ("empty_range", "/definitions/A/exclusiveMinimum", 7),
        ("rejected_value", "/definitions/B/items/0/default", 15),
    ] == [(problem.code, problem.pointer, problem.line) for problem in problems]


def test_warnings_about_files_without_endpoint_are_reported_once(tmp_path: Path) -> None:
    shared = {"$defs": {"A": {"type": "string", "default": 1, "minimum": 1}, "B": {"enum": []}}}
    folder(tmp_path / "schemas", shared=shared)
    for name in ("one", "two"):
        folder(tmp_path / "schemas", **{name: payload({"$ref": "shared.json#/$defs/A"})})

    problems = read(read_settings(tmp_path)).warnings

    assert ["rejected_value", "inapplicable_keyword", "empty_enum"] == [problem.code for problem in problems]


def test_warnings_are_errors_in_strict_projects(tmp_path: Path) -> None:
    folder(tmp_path / "schemas", test=payload({"enum": []}))
    (tmp_path / "pyproject.toml").write_text("[tool.tornado-ws]\nstrict = true\n", encoding="utf-8")

    with pytest.raises(SchemaProblems) as caught:
        read(read_settings(tmp_path))

    assert ["error"] == [problem.severity for problem in caught.value.problems]


def test_a_thousand_warnings_are_found_in_seconds(tmp_path: Path) -> None:
    mistakes = {
        "type": "object",
        "properties": {"a": {"type": "string", "default": 1, "minimum": 1}},
        "required": ["A"],
    }
    definitions = {f"D{number}": mistakes for number in range(400)}
    start = time.process_time()

    problems = warnings(tmp_path, {"$ref": "#/$defs/D1"}, others={"$defs": definitions})

    assert 1200 == len(problems)
    assert time.process_time() - start < 10  # 0.3 s on an idle machine without coverage
