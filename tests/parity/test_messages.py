"""Both sides report the same message for every keyword."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tornado_ws.validation.error_messages import MESSAGES

from ..codegen.support.generated import RUNTIME
from .sides import SHAPE, BothSides

OPERATIONS: list[Any] = [
    *({"type": "object", "properties": {"op": {"const": 1}, "d": {"const": d}}, "required": ["op", "d"]} for d in "xy"),
    {"type": "object", "properties": {"op": {"enum": [2.0, True, None]}}, "required": ["op"]},
]
"""Members of a union with two tags."""

KEYWORDS: list[tuple[Any, Any, str]] = [
    ({"type": "string"}, 1, "expected string"),
    ({"type": ["string", "array", "null"]}, 1, "expected array or null or string"),
    ({"const": 5.0}, 1, "expected 5"),
    ({"const": {"a": [1.0, "é"], "b": None}}, 1, 'expected {"a":[1,"é"],"b":null}'),
    ({"enum": ["a", 1, None, True, [2, "x"], {"k": "v"}]}, 5, 'expected one of a, 1, null, true, 2, x, {"k":"v"}'),
    ({"minimum": 0.00001}, 0, "expected at least 0.00001"),
    ({"const": {"a": [1e-7, 0.00001, '\u2028"\n'], "": {}}}, 0, 'expected {"":{},"a":[1e-7,0.00001,"\u2028\\"\\n"]}'),
    ({"const": -0.0}, 1, "expected 0"),
    ({"const": 10**21}, 0, "expected 1e+21"),
    ({"minimum": 2**53}, 0, "expected at least 9007199254740992"),
    ({"maximum": 10}, 11, "expected at most 10"),
    ({"maximum": -1.5e-7}, 11, "expected at most -1.5e-7"),
    ({"exclusiveMinimum": 1.0}, 1, "expected more than 1"),
    ({"exclusiveMaximum": 2.0**53 + 2}, 1e17, "expected less than 9007199254740994"),
    ({"multipleOf": 0.01}, 0.001, "expected a multiple of 0.01"),
    ({"minLength": 1}, "", "expected at least 1 character"),
    ({"minLength": 2}, "a", "expected at least 2 characters"),
    ({"maxLength": 1}, "abc", "expected at most 1 character"),
    ({"maxLength": 2}, "abc", "expected at most 2 characters"),
    ({"pattern": "^[a-z]{2}$"}, "abc", "expected text that matches ^[a-z]{2}$"),
    ({"minItems": 1}, [], "expected at least 1 item"),
    ({"minItems": 2}, [], "expected at least 2 items"),
    ({"maxItems": 1}, [1, 2], "expected at most 1 item"),
    ({"maxItems": 0}, [1], "expected at most 0 items"),
    ({"uniqueItems": True}, [1, 1], "expected unique items"),
    ({"contains": {"type": "string"}}, [1], "expected matching items"),
    ({"contains": {"type": "string"}, "minContains": 2}, ["a"], "expected more matching items"),
    ({"contains": {"type": "string"}, "maxContains": 1}, ["a", "b"], "expected another number of matching items"),
    ({"minProperties": 1}, {}, "expected at least 1 property"),
    ({"minProperties": 2}, {}, "expected at least 2 properties"),
    ({"maxProperties": 1}, {"a": 1, "b": 1}, "expected at most 1 property"),
    ({"maxProperties": 2}, {"a": 1, "b": 1, "c": 1}, "expected at most 2 properties"),
    ({"required": ["a b"]}, {}, "expected the property a b"),
    ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, "expected the property b"),
    ({"properties": {"a": {}}, "additionalProperties": False}, {"b": 1}, "expected no other properties"),
    ({"patternProperties": {"^a": {}}, "additionalProperties": False}, {"b": 1}, "expected no other properties"),
    ({"propertyNames": {"maxLength": 1}}, {"ab": 1}, "expected other property names"),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1, "expected one of the alternatives"),
    ({"oneOf": [{"type": "integer"}, {"minimum": 0}]}, 1, "expected exactly one of the alternatives"),
    ({"oneOf": SHAPE}, {"kind": "none"}, "expected the property kind with one of circle, text"),
    ({"anyOf": SHAPE}, {}, "expected the property kind with one of circle, text"),
    ({"oneOf": SHAPE}, 1, "expected exactly one of the alternatives"),
    ({"anyOf": SHAPE}, 1, "expected one of the alternatives"),
    ({"oneOf": OPERATIONS}, {"op": 1.0, "d": 0}, "expected the property d with one of x, y"),
    ({"oneOf": OPERATIONS}, {"op": 3}, "expected the property op with one of 1, 2, true, null"),
    ({"not": {"type": "string"}}, "a", "expected a value allowed by not"),
    ({"properties": {"a": False}}, {"a": 1}, "expected a value allowed by properties"),
    ({"items": False}, [1], "expected a value allowed by items"),
    ({"if": {"type": "string"}, "then": False}, "a", "expected a value allowed by then"),
    ({"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": False}, {"b": 1}, "expected no other properties"),
    ({"prefixItems": [{}], "allOf": [True], "unevaluatedItems": False}, [1, 2], "expected no further items"),
]
"""A schema, a value that it rejects, and the message, for every keyword that can reject a value."""


def test_every_message_of_the_table_has_an_example() -> None:
    """``format`` and ``depth`` have tests of their own."""
    examples = {error for _, _, error in KEYWORDS}

    for keyword, template in MESSAGES.items():
        for form in template.split("|") if keyword not in ("format", "depth") else ():
            start, _, end = f"expected {form}".partition("{}")
            assert [one for one in examples if one.startswith(start) and one.endswith(end)], (keyword, form)


def test_message_for_values_that_are_too_deep_is_the_same() -> None:
    text = (RUNTIME / "validators.ts").read_text(encoding="utf-8")

    assert f"'depth', '{MESSAGES['depth']}'" in text


def test_both_sides_report_the_same_message_for_every_keyword(tmp_path: Path) -> None:
    sides = BothSides(tmp_path)

    for at, (schema, value, _) in enumerate(KEYWORDS):
        sides.add(str(at), schema, [value])

    assert [] == sides.differences()
    assert [message for _, _, message in KEYWORDS] == [error and error[-1] for error in sides.errors]


def test_both_sides_report_the_same_message_for_a_format(tmp_path: Path) -> None:
    sides = BothSides(tmp_path)

    sides.add("date", {"format": "date"}, ["x"], formats=True)

    assert [] == sides.differences()
    assert [("", "format", "date", "expected text in the format date")] == sides.errors
