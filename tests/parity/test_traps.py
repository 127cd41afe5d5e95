"""Known traps of JSON and JSON Schema, on both sides, server and page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tornado_ws import InvalidFrame, InvalidMessage
from tornado_ws.validation.codec import Codec

from ..codegen.support.generated import Client, payload, read
from ..codegen.support.package import emit, endpoint, run

STRING, INTEGER, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}
OPEN = {"type": "object", "properties": {"a": INTEGER}}
CLOSED = {**OPEN, "additionalProperties": False}
TREE = {"$ref": "#/$defs/Tree", "$defs": {"Tree": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}}

TRAPS: dict[str, tuple[Any, dict[str, bool]]] = {
    "lengths count code points": (
        {**STRING, "minLength": 2, "maxLength": 2},
        {'"😀"': False, '"😀😀"': True, r'"\ud83d\ude00"': False, '"e\u0301"': True, '"👩‍👩"': False, '"ab"': True},
    ),
    "a dollar matches the end only": (
        {**STRING, "pattern": "^a$"},
        {'"a"': True, r'"a\n"': False, r'"\na"': False},
    ),
    "digits and words are ASCII": (
        {**STRING, "pattern": r"^\d\w$"},
        {'"1a"': True, '"\u0661a"': False, '"1é"': False},
    ),
    "white space is that of ECMAScript": (
        {**STRING, "pattern": r"^\s$"},
        {r'"\ufeff"': True, r'"\u0085"': False, '" "': True},
    ),
    "patterns match code points": ({**STRING, "pattern": "^.$"}, {'"😀"': True, '"ab"': False, r'"\u2028"': False}),
    "patterns are not anchored": ({**STRING, "pattern": "b"}, {'"abc"': True, '"ac"': False}),
    "lookaheads at the start of a pattern": (
        {"type": "string", "pattern": r"^(?=.*\d)(?!.*\.svg$).{3,}$"},
        {'"a1b"': True, '"a1"': False, '"abc"': False, '"1.svg"': False, r'"ab\n1"': False, '"1.svg "': True},
    ),
    "text like a lookahead beside a word boundary": (
        {"properties": {"(?=a)": {"const": "(?!a)"}, "b": {"pattern": r"\ba", "default": "(?=a)"}}},
        {'{"(?=a)": "(?!a)"}': True, '{"b": "a"}': True, '{"b": "ba"}': False},
    ),
    "lookaheads in names of properties": (
        {"patternProperties": {"^(?!x-|data$).+$": INTEGER}, "additionalProperties": False},
        {'{"a": 1}': True, '{"a": "b"}': False, '{"data": 1}': False, '{"x-a": 1}': False, '{"data2": 1}': True},
    ),
    "equivalent patterns are separate": (
        {"patternProperties": {"^.$": INTEGER, r"^[^\n\r\u2028\u2029]$": {"minimum": 3}}},
        {'{"a": 5}': True, '{"a": 1}': False, '{"a": "x"}': False, '{"ab": "x"}': True},
    ),
    "an integer may be written 1.0": (
        INTEGER,
        {"1.0": True, "1e2": True, "-0.0": True, "1.5": False, '"1"': False, "true": False},
    ),
    "an enumerated integer may be written 1.0": ({"enum": [1]}, {"1.0": True, "1": True, "true": False, "2": False}),
    "multiples of fractions are decimal": (
        {**NUMBER, "multipleOf": 0.01},
        {"0.07": True, "19.99": True, "0.075": False, "1e20": True, "4.35": True, "-1.1": True},
    ),
    "multiples of numbers with an exponent": (
        {"multipleOf": 3},
        {"1e300": int(1e300) % 3 == 0, "3e23": int(3e23) % 3 == 0, "1e22": False, "3e21": True, "-3e21": True},
    ),
    "multiples of a fraction of a fraction": ({"multipleOf": 1e-8}, {"12391239123": True, "0.00000001": True}),
    "big integers are integers": (
        {**INTEGER, "minimum": 2**53},
        {
            str(2**53 - 1): False,
            str(2**53 + 1): True,
            str(2**64 + 2**20): True,
            str(10**30): True,
            str(-(10**25)): False,
        },
    ),
    "a bound at the largest exact integer": (
        {**INTEGER, "minimum": -(2**53) + 1, "exclusiveMaximum": 2**53},
        {str(2**53 - 1): True, str(2**53): False, str(2**53 + 1): False, str(1 - 2**53): True, str(-(2**53)): False},
    ),
    "the server sends the limits of 64-bit integers": (
        {**INTEGER, "minimum": -(2**63), "maximum": 2**63 - 1},
        {str(2**63 - 1): True, str(-(2**63)): True, str(2**63 + 2048): False, str(-(2**63) - 2048): False},
    ),
    "an exclusive bound of 64 bits": (
        {**INTEGER, "exclusiveMinimum": -(2**63) - 1, "exclusiveMaximum": 2**63},
        {str(2**63 - 1): True, str(-(2**63)): True, str(2**63 + 2048): False, str(-(2**63) - 2048): False},
    ),
    "an exclusive bound between two doubles": (
        {**INTEGER, "exclusiveMaximum": 2**53 + 3},
        {str(2**53 + 2): True, str(2**53 + 4): False},
    ),
    "integers of 64 bits and beyond": (INTEGER, {str(2**63): True, str(-(2**63) - 2**20): True, "1e30": True}),
    "numbers at the limits of floats": (NUMBER, {"1e308": True, "-1e308": True}),
    "a property may be called __proto__": (
        {"type": "object", "properties": {"__proto__": INTEGER}, "required": ["__proto__"]},
        {'{"__proto__": 1}': True, '{"__proto__": "x"}': False, "{}": False},
    ),
    "__proto__ is one of the other properties": (
        CLOSED,
        {'{"__proto__": 1}': False, '{"constructor": {}}': False, "{}": True},
    ),
    "inherited properties are absent": (
        {"type": "object", "required": ["toString"]},
        {"{}": False, '{"toString": 1}': True, '{"__proto__": {"toString": 1}}': False},
    ),
    "the last of duplicate keys counts": (OPEN, {'{"a": "x", "a": 1}': True, '{"a": 1, "a": "x"}': False}),
    "duplicate keys are one property": (
        {"type": "object", "maxProperties": 1},
        {'{"a": 1, "a": 2}': True, '{"a": 1, "b": 2}': False},
    ),
    "true is not one": ({"const": 1}, {"true": False, "1": True, "1.0": True}),
    "items are equal as numbers are": (
        {"uniqueItems": True},
        {"[1, 1.0]": False, "[1, true]": True, "[0, -0.0]": False},
    ),
    "null is not absence": (OPEN, {'{"a": null}': False, "{}": True}),
    "lone surrogates are not text": (STRING, {r'"\ud83d"': False, r'"\ude00\ud83d"': False}),
    "ten thousand levels are too deep": (TREE, {"[" * 10_000 + "]" * 10_000: False, "[" * 300 + "]" * 300: True}),
}


@pytest.mark.parametrize("name", TRAPS)
def test_both_sides_agree_on_a_trap(tmp_path: Path, name: str) -> None:
    schema, expected = TRAPS[name]
    endpoints = read(tmp_path / "schemas", {"test.json": payload({"$ref": "it.json"}), "it.json": schema})
    stated = endpoint(run(emit(tmp_path / "generated", endpoints)["test"]))
    page, codec = Client(tmp_path / "client"), Codec(stated, side="client")
    page.add(endpoints)
    for text in expected:
        page.queue_text("test", text)

    assert expected == {text: _received(codec, text) for text in expected}
    assert expected == dict(zip(expected, (issue is None for issue in page.results()), strict=True))


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "-Infinity", "01", "1.", "'a'", "{a: 1}", "[1,]", "nul", "", '"\n"']
)
def test_both_sides_reject_malformed_json(tmp_path: Path, text: str) -> None:
    endpoints = read(tmp_path / "schemas", {"test.json": payload(True)})
    codec = Codec(endpoint(run(emit(tmp_path / "generated", endpoints)["test"])), side="client")
    page = Client(tmp_path / "client")
    page.add(endpoints)
    page.queue_text("test", text)

    assert [{"keyword": "JSON"}] == page.results()
    with pytest.raises(InvalidFrame) as refused:
        codec.decode(f'{{"type": "it", "data": {text}}}')
    assert "malformed_json" == refused.value.error.code


@pytest.mark.parametrize("value", [float("nan"), float("-inf"), "\ud800"])
@pytest.mark.parametrize(
    "schema",
    [True, NUMBER, {"type": ["number", "null"]}, {"anyOf": [NUMBER, {"type": "null"}, {"type": "array"}]}],
    ids=["anything", "a number", "a number or null", "alternatives"],
)
def test_values_that_json_cannot_represent_are_not_sent(tmp_path: Path, schema: Any, value: Any) -> None:
    inside = {"type": "object", "properties": {"a": schema, "b": {"type": "array", "items": schema}}}
    endpoints = read(tmp_path / "schemas", {"test.json": payload(inside)})
    module = run(emit(tmp_path / "generated", endpoints)["test"])
    codec = Codec(endpoint(module))

    for message in (module.It(a=value), module.It(b=[value])):
        with pytest.raises(InvalidMessage):
            codec.encode(message)
    assert b'{"type":"it","data":{"a":1.5}}' == codec.encode(module.It(a=1.5))


def test_null_is_sent(tmp_path: Path) -> None:
    endpoints = read(tmp_path / "schemas", {"test.json": payload({"type": "object", "properties": {"a": True}})})
    module = run(emit(tmp_path / "generated", endpoints)["test"])

    sent = Codec(endpoint(module)).encode(module.It(a=[None, 1.5, {"b": None}]))

    assert b'{"type":"it","data":{"a":[null,1.5,{"b":null}]}}' == sent


def _received(codec: Codec, text: str) -> bool:
    try:
        codec.decode(f'{{"type": "it", "data": {text}}}')
    except InvalidFrame:
        return False
    return True
