"""Assertions: the same results as jsonschema-rs."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from tornado_ws.validation.assertions import ASSERTIONS, expected

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 3, 2**53, 2**53 + 1, -(2**63), 2**64 + 1, 0.0, -0.0, 1.0, 1.5, 2.5, 1e21, 1e300),
    *("", "a", "ab", "abc", "😀", "😀😀", "e\u0301", "1"),
    *([], [1], [1.0], [True], [1, 2], [[1]], {}, {"a": 1}, {"a": 1.0}, {"a": True}, {"b": 1, "a": 1}, {"a": [1, {}]}),
)
STATED: dict[str, tuple[Any, ...]] = {
    "type": ("string", "number", "integer", "boolean", "null", "array", "object", ["integer", "null"], ["string"]),
    "const": VALUES,
    "enum": ([1, "a"], [None], [[1], {"a": 1}], [True], [2**53 + 1], [1.5, {"a": [1, {}]}]),
    "minimum": (0, 1.5, 2**53 + 1, -1e300),
    "maximum": (0, 1.5, 2**53 + 1, 1e21),
    "exclusiveMinimum": (0, 1, 1.5, 2**53),
    "exclusiveMaximum": (0, 1.0, 2**53 + 1),
    "minLength": (0, 1, 2.0),
    "maxLength": (0, 1, 2.0),
    "minItems": (0, 1, 2),
    "maxItems": (0, 1.0),
    "minProperties": (1, 2),
    "maxProperties": (0, 1),
}


@pytest.mark.parametrize("keyword", ASSERTIONS)
def test_assertion_decides_as_jsonschema_rs(keyword: str) -> None:
    different = []
    for stated in STATED[keyword]:
        is_valid = jsonschema_rs.Draft202012Validator({keyword: stated}).is_valid
        different += [(stated, value) for value in VALUES if ASSERTIONS[keyword](stated, value) is not is_valid(value)]

    assert [] == different


@pytest.mark.parametrize(
    ("keyword", "stated", "reported"),
    [
        ("type", ["string"], "string"),
        ("type", ["string", "null"], ["null", "string"]),
        ("const", {"b": 1, "a": [{"d": 1, "c": 2}]}, {"a": [{"c": 2, "d": 1}], "b": 1}),
        ("enum", ["b", "a"], ["b", "a"]),
        ("minLength", 2, 2),
    ],
)
def test_expected_value_is_reported_in_one_order(keyword: str, stated: Any, reported: Any) -> None:
    found = expected(keyword, stated)

    assert reported == found
    assert repr(reported) == repr(found)
