"""Functions of ``runtime/validators.ts``, called by generated modules in Node."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ...support.generated import issues


def validities(folder: Path, schema: Any, *texts: str, **others: Any) -> list[bool]:
    return [issue is None for issue in issues(folder, schema, texts, **others)]


def test_length_counts_code_points(tmp_path: Path) -> None:
    schema = {"type": "string", "minLength": 2, "maxLength": 2}

    assert [False, True, True, False] == validities(tmp_path, schema, '"😀"', '"😀😀"', '"ab"', '"abc"')


def test_string_with_a_lone_surrogate_is_rejected(tmp_path: Path) -> None:
    (issue, none) = issues(tmp_path, {"type": "string"}, [r'"\ud83d"', r'"\ud83d\ude00"'])

    assert {"pointer": "", "keyword": "type", "expected": "string"} == issue
    assert none is None


def test_integer_may_have_a_zero_fraction(tmp_path: Path) -> None:
    assert [True, True, False, False] == validities(tmp_path, {"type": "integer"}, "1.0", "1e2", "1.5", '"1"')


def test_number_beyond_floats_is_rejected(tmp_path: Path) -> None:
    assert [False, True] == validities(tmp_path, {"type": "number"}, "1e999", "1e308")


def test_large_integer_is_compared_with_bounds(tmp_path: Path) -> None:
    schema = {"type": "integer", "minimum": 2**53}

    assert [True, False, False] == validities(tmp_path, schema, str(10**25), str(-(10**25)), "5")


def test_multiple_of_a_fraction_uses_decimal_arithmetic(tmp_path: Path) -> None:
    texts = ("0.3", "0.7", "1.1", "19.99", "123456789.1", "0.25", "0.30000000000000004", "0", "-0.1", "1e20")

    found = validities(tmp_path, {"multipleOf": 0.1}, *texts)

    assert [True, True, True, False, True, False, False, True, True, True] == found


def test_multiple_of_very_small_and_large_numbers(tmp_path: Path) -> None:
    assert [True] == validities(tmp_path / "a", {"multipleOf": 1e-8}, "12391239123")
    assert [False] == validities(tmp_path / "b", {"multipleOf": 0.123456789}, "1e308")
    assert [True, False] == validities(tmp_path / "c", {"multipleOf": 3}, "9e20", "1e22")


@pytest.mark.parametrize("name", ["__proto__", "constructor", "toString", "hasOwnProperty"])
def test_property_may_have_the_name_of_an_inherited_one(tmp_path: Path, name: str) -> None:
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


def test_inherited_property_is_not_a_discriminator(tmp_path: Path) -> None:
    member = {"type": "object", "required": ["kind"]}
    schema = {"oneOf": [{**member, "properties": {"kind": {"const": kind}}} for kind in ("a", "b")]}

    texts = ['{"kind": "toString"}', '{"kind": ["a"]}', '{"kind": "a"}', '{"__proto__": {"kind": "a"}}', "1"]

    assert [False, False, True, False, False] == validities(tmp_path, schema, *texts)


def test_last_of_duplicate_names_is_validated(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}

    assert [True, False] == validities(tmp_path, schema, '{"a": "x", "a": 1}', '{"a": 1, "a": "x"}')


def test_equality_ignores_the_order_of_properties_and_the_notation_of_numbers(tmp_path: Path) -> None:
    schema = {"const": {"a": [1, {"b": None}], "c": 1e2}}
    texts = ['{"c": 100, "a": [1.0, {"b": null}]}', '{"c": 100, "a": [1, {"b": false}]}', '{"c": 100}', "[]"]

    assert [True, False, False, False] == validities(tmp_path, schema, *texts)


def test_true_is_not_equal_to_one(tmp_path: Path) -> None:
    assert [False, True, True] == validities(tmp_path / "a", {"const": 1}, "true", "1", "1.0")
    assert [False, False, True] == validities(tmp_path / "b", {"enum": [False]}, "null", "0", "false")
    assert [True, True, False] == validities(
        tmp_path / "c",
        {"uniqueItems": True},
        '[1, true, "1"]',
        '[{"a": 1}, {"b": 1}]',
        '[{"a": 1, "b": 2}, {"b": 2, "a": 1}]',
    )


def test_unique_items_in_a_long_array(tmp_path: Path) -> None:
    long = list(range(100_000))

    assert [True, False] == validities(tmp_path, {"uniqueItems": True}, json.dumps(long), json.dumps([*long, 5]))


@pytest.mark.parametrize("text", ["[" * 10_000 + "]" * 10_000, '{"a":' * 10_000 + "1" + "}" * 10_000])
def test_value_with_ten_thousand_levels_is_rejected(tmp_path: Path, text: str) -> None:
    tree = {
        "anyOf": [
            {"type": "array", "items": {"$ref": "#/$defs/Tree"}},
            {"additionalProperties": {"$ref": "#/$defs/Tree"}},
        ]
    }

    (issue,) = issues(tmp_path, {"$ref": "#/$defs/Tree"}, [text], **{"$defs": {"Tree": tree}})

    assert {"pointer": "", "keyword": "depth"} == issue


def test_depth_is_not_limited_where_items_are_not_validated(tmp_path: Path) -> None:
    assert [True] == validities(tmp_path, {"type": "array"}, "[" * 10_000 + "]" * 10_000)


def test_pointers_contain_only_names_of_the_schema(tmp_path: Path) -> None:
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


def test_first_issue_follows_the_order_of_keywords(tmp_path: Path) -> None:
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


def test_tagged_union_reports_the_issue_of_the_selected_member(tmp_path: Path) -> None:
    def member(kind: str, size: Any) -> Any:
        return {
            "type": "object",
            "properties": {"kind": {"const": kind}, "size": size},
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


def test_untagged_union_reports_its_own_issue(tmp_path: Path) -> None:
    (issue,) = issues(tmp_path, {"anyOf": [{"type": "string"}, {"type": "integer"}]}, ["null"])

    assert {"pointer": "", "keyword": "anyOf"} == issue
