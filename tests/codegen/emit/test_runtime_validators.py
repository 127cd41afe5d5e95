"""The functions of ``runtime/validators.ts``, as generated modules call them, in Node."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ..support.generated import issues


def verdicts(folder: Path, schema: Any, *texts: str, **others: Any) -> list[bool]:
    return [issue is None for issue in issues(folder, schema, texts, **others)]


def test_length_counts_code_points(tmp_path: Path) -> None:
    schema = {"type": "string", "minLength": 2, "maxLength": 2}

    assert [False, True, True, False] == verdicts(tmp_path, schema, '"😀"', '"😀😀"', '"ab"', '"abc"')


def test_lone_surrogate_is_no_string(tmp_path: Path) -> None:
    (issue, none) = issues(tmp_path, {"type": "string"}, [r'"\ud83d"', r'"\ud83d\ude00"'])

    assert {"pointer": "", "keyword": "type", "expected": "string"} == issue
    assert none is None


def test_integer_may_be_written_with_a_fraction_of_zero(tmp_path: Path) -> None:
    assert [True, True, False, False] == verdicts(tmp_path, {"type": "integer"}, "1.0", "1e2", "1.5", '"1"')


def test_number_beyond_floats_is_no_number(tmp_path: Path) -> None:
    assert [False, True] == verdicts(tmp_path, {"type": "number"}, "1e999", "1e308")


def test_big_integer_is_an_integer_and_compared_with_bounds(tmp_path: Path) -> None:
    schema = {"type": "integer", "minimum": 2**53}

    assert [True, False, False] == verdicts(tmp_path, schema, str(10**25), str(-(10**25)), "5")


def test_multiples_of_fractions_are_found_in_decimals(tmp_path: Path) -> None:
    texts = ("0.3", "0.7", "1.1", "19.99", "123456789.1", "0.25", "0.30000000000000004", "0", "-0.1", "1e20")

    found = verdicts(tmp_path, {"multipleOf": 0.1}, *texts)

    assert [True, True, True, False, True, False, False, True, True, True] == found


def test_multiples_of_tiny_and_huge_numbers_are_found(tmp_path: Path) -> None:
    assert [True] == verdicts(tmp_path / "a", {"multipleOf": 1e-8}, "12391239123")
    assert [False] == verdicts(tmp_path / "b", {"multipleOf": 0.123456789}, "1e308")
    assert [True, False] == verdicts(tmp_path / "c", {"multipleOf": 3}, "9e20", "1e22")


@pytest.mark.parametrize("name", ["__proto__", "constructor", "toString", "hasOwnProperty"])
def test_property_may_be_called_as_what_objects_inherit(tmp_path: Path, name: str) -> None:
    schema = {"type": "object", "properties": {name: {"type": "integer"}}, "required": [name]}
    texts = [json.dumps({name: 1}), "{}", json.dumps({name: "x"})]

    found, missing, wrong = issues(tmp_path, schema, texts)

    assert found is None
    assert {"pointer": "", "keyword": "required", "expected": name} == missing
    assert {"pointer": f"/{name}", "keyword": "type", "expected": "integer"} == wrong


@pytest.mark.parametrize("name", ["__proto__", "constructor", "toString"])
def test_inherited_name_is_an_additional_property(tmp_path: Path, name: str) -> None:
    schema = {"type": "object", "properties": {"a": True}, "additionalProperties": False}

    (issue,) = issues(tmp_path, schema, [json.dumps({name: 1})])

    assert {"pointer": "", "keyword": "additionalProperties"} == issue


def test_inherited_name_is_no_tag(tmp_path: Path) -> None:
    member = {"type": "object", "required": ["kind"]}
    schema = {"oneOf": [{**member, "properties": {"kind": {"const": kind}}} for kind in ("a", "b")]}

    texts = ['{"kind": "toString"}', '{"kind": ["a"]}', '{"kind": "a"}', '{"__proto__": {"kind": "a"}}', "1"]

    assert [False, False, True, False, False] == verdicts(tmp_path, schema, *texts)


def test_last_of_duplicate_names_counts(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}

    assert [True, False] == verdicts(tmp_path, schema, '{"a": "x", "a": 1}', '{"a": 1, "a": "x"}')


def test_equal_values_are_equal_however_they_are_written(tmp_path: Path) -> None:
    schema = {"const": {"a": [1, {"b": None}], "c": 1e2}}
    texts = ['{"c": 100, "a": [1.0, {"b": null}]}', '{"c": 100, "a": [1, {"b": false}]}', '{"c": 100}', "[]"]

    assert [True, False, False, False] == verdicts(tmp_path, schema, *texts)


def test_true_is_not_one_and_null_is_not_false(tmp_path: Path) -> None:
    assert [False, True, True] == verdicts(tmp_path / "a", {"const": 1}, "true", "1", "1.0")
    assert [False, False, True] == verdicts(tmp_path / "b", {"enum": [False]}, "null", "0", "false")
    assert [True, True, False] == verdicts(
        tmp_path / "c",
        {"uniqueItems": True},
        '[1, true, "1"]',
        '[{"a": 1}, {"b": 1}]',
        '[{"a": 1, "b": 2}, {"b": 2, "a": 1}]',
    )


def test_unique_items_are_found_in_a_long_array(tmp_path: Path) -> None:
    long = list(range(100_000))

    assert [True, False] == verdicts(tmp_path, {"uniqueItems": True}, json.dumps(long), json.dumps([*long, 5]))


@pytest.mark.parametrize("text", ["[" * 10_000 + "]" * 10_000, '{"a":' * 10_000 + "1" + "}" * 10_000])
def test_value_nested_ten_thousand_deep_is_refused(tmp_path: Path, text: str) -> None:
    tree = {
        "anyOf": [
            {"type": "array", "items": {"$ref": "#/$defs/Tree"}},
            {"additionalProperties": {"$ref": "#/$defs/Tree"}},
        ]
    }

    (issue,) = issues(tmp_path, {"$ref": "#/$defs/Tree"}, [text], **{"$defs": {"Tree": tree}})

    assert {"pointer": "", "keyword": "depth"} == issue


def test_value_of_any_depth_fits_a_schema_that_does_not_look_into_it(tmp_path: Path) -> None:
    assert [True] == verdicts(tmp_path, {"type": "array"}, "[" * 10_000 + "]" * 10_000)


def test_names_that_the_peer_made_up_are_in_no_pointer(tmp_path: Path) -> None:
    schema = {
        "properties": {"known/~": {"additionalProperties": {"properties": {"deep": {"type": "integer"}}}}},
        "patternProperties": {"^x": {"type": "integer"}},
        "propertyNames": {"maxLength": 9},
    }
    texts = ['{"known/~": {"secret": {"deep": "x"}}}', '{"xsecret": "x"}', '{"secretsecret": 1}']

    found = issues(tmp_path, schema, texts)

    assert [
        {"pointer": "/known~1~0", "keyword": "type", "expected": "integer"},
        {"pointer": "", "keyword": "type", "expected": "integer"},
        {"pointer": "", "keyword": "propertyNames"},
    ] == found


def test_first_issue_is_that_of_the_earlier_keyword(tmp_path: Path) -> None:
    schema = {
        "properties": {"a": {"maxLength": 1, "type": "string", "pattern": "^y"}, "b": {"type": "integer"}},
        "required": ["c", "d"],
        "type": "object",
        "minProperties": 2,
    }
    texts = ["1", "{}", '{"a": 1, "b": "x"}', '{"c": 1, "d": 1, "a": 1}', '{"c": 1, "d": 1, "a": "xx"}']

    found = issues(tmp_path, schema, texts)

    assert [("", "type"), ("", "minProperties"), ("", "required"), ("/a", "type"), ("/a", "maxLength")] == [
        (issue["pointer"], issue["keyword"]) for issue in found if issue
    ]


def test_issue_of_a_union_is_that_of_the_member_that_the_tag_chose(tmp_path: Path) -> None:
    def member(kind: str, below: Any) -> Any:
        return {
            "type": "object",
            "properties": {"kind": {"const": kind}, "size": below},
            "required": ["kind", "size"],
            "additionalProperties": False,
        }

    schema = {"oneOf": [member("circle", {"type": "number"}), member("text", {"type": "string"})]}
    texts = ['{"kind": "circle", "size": "x"}', '{"kind": "text"}', '{"kind": "square"}', "{}", "[]"]

    assert [
        {"pointer": "/size", "keyword": "type", "expected": "number"},
        {"pointer": "", "keyword": "required", "expected": "size"},
        {"pointer": "", "keyword": "oneOf"},
        {"pointer": "", "keyword": "oneOf"},
        {"pointer": "", "keyword": "oneOf"},
    ] == issues(tmp_path, schema, texts)


def test_union_without_a_tag_says_that_none_fits(tmp_path: Path) -> None:
    (issue,) = issues(tmp_path, {"anyOf": [{"type": "string"}, {"type": "integer"}]}, ["null"])

    assert {"pointer": "", "keyword": "anyOf"} == issue
