"""Words that distinguish the alternatives of a union."""

from __future__ import annotations

from typing import Any

import pytest

from codegen.keywords.alternative_words import alternative_words
from codegen.keywords.schema_index import SchemaIndex


def _constant(name: str, value: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"const": value}}}


CASES: list[tuple[list[Any], list[str]]] = [
    ([_constant("kind", "circle"), _constant("kind", "text")], ["Circle", "Text"]),
    ([_constant("op", 0), _constant("op", -1), _constant("op", None)], ["Op0", "OpMinus1", "NoOp"]),
    ([_constant("ok", True), _constant("ok", False)], ["Ok", "NotOk"]),
    ([{"required": ["field", "range"]}, {"required": ["field", "equal"]}], ["Range", "Equal"]),
    ([{"properties": {"a": True}}, {"properties": {"b": True}}], ["A", "B"]),
    ([{"required": ["a", "b"]}, {"required": ["b", "c"]}, {"required": ["a", "c"]}], ["AB", "BC", "AC"]),
    ([{"type": "string"}, {"type": "object"}, {"type": "array"}], ["String", "Object", "Array"]),
    ([{"properties": {"a": {"type": "null"}}}, {"properties": {"a": {"$ref": "#/$defs/Code"}}}], ["ANull", "Code"]),
    ([{"type": "object"}, {"type": "object"}], ["", ""]),
    ([_constant("text", "a" * 100), _constant("text", 1.5)], ["", ""]),
]


@pytest.mark.parametrize(("alternatives", "words"), CASES)
def test_alternative_is_named_after_its_difference(alternatives: list[Any], words: list[str]) -> None:
    assert words == [word.text for word in _words(alternatives)]


def test_word_of_a_json_type_is_optional() -> None:
    assert [True, True] == [word.is_optional for word in _words([{"type": "string"}, {"type": "object"}])]
    assert [False, False] == [word.is_optional for word in _words([{"required": ["a"]}, {"required": ["b"]}])]


def _words(alternatives: list[Any]) -> Any:
    index = SchemaIndex({"$id": "https://example.com/", "anyOf": alternatives})
    return alternative_words(index, index.children(index.node(""), "anyOf"), [""] * len(alternatives), {})
