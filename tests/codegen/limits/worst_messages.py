"""Schemas whose messages take long to validate for their size, each with a valid and an invalid value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["CASES", "Case"]


@dataclass(frozen=True, kw_only=True)
class Case:
    """Schema of a payload, and its slowest values."""

    schema: Any
    definitions: dict[str, Any] = field(default_factory=dict)
    text: Callable[[int], tuple[str, str]]
    """Function that returns the text of a valid and of an invalid value of about a number of bytes."""


def _many(valid: str, invalid: str) -> Callable[[int], tuple[str, str]]:
    """Return arrays of many valid items; the second one ends with an invalid item."""

    def text(size: int) -> tuple[str, str]:
        items = ",".join([valid] * ((size - len(invalid) - 3) // (len(valid) + 1)))
        return f"[{items}]", f"[{items},{invalid}]"

    return text


def _lists(size: int) -> tuple[str, str]:
    deep = "[" * 99 + "]" * 99
    items = ",".join([deep] * (size // (len(deep) + 1) - 1))
    return f"[{items}]", f"[{items},1]"


def _trees(size: int) -> tuple[str, str]:
    leaf = '{"children":[]}'
    leaves = ",".join([leaf] * (size // (len(leaf) + 1) - 2))
    return f'{{"children":[{leaves}]}}', f'{{"children":[{leaves},{{"children":1}}]}}'


def _chains(size: int) -> tuple[str, str]:
    chain = '{"a":"y","n":[' * 100 + "]}" * 100
    chains = ",".join([chain] * (size // (len(chain) + 1) - 1))
    return f"[{chains}]", f'[{chains},{{"a":"z","n":[]}}]'


def _items(schema: Any) -> Any:
    return {"type": "array", "items": schema}


def _record(name: str, schema: Any, **others: Any) -> Any:
    return {"type": "object", "properties": {name: schema}, "required": [name], **others}


INTEGER, STRING = {"type": "integer"}, {"type": "string"}
LIST = {"List": _items({"$ref": "#/$defs/List"})}
TREE = {"Tree": _record("children", _items({"$ref": "#/$defs/Tree"}))}
CHAIN = {
    "Chain": {
        "oneOf": [
            {
                "type": "object",
                "properties": {"n": _items({"$ref": "#/$defs/Chain"}), "a": {"type": "string", "pattern": pattern}},
                "required": ["n", "a"],
            }
            for pattern in ("^x", "^y")
        ]
    }
}


def _nested(schemas: Iterable[Any], before: str, after: str, **properties: Any) -> Case:
    """Return the case of a recursive union that no property tells apart, with deep objects."""
    properties = {"n": {"$ref": "#/$defs/Nested"}} | properties
    nested = {"Nested": {"anyOf": [{"type": "object", "properties": properties} | schema for schema in schemas]}}
    chain = before * 100 + "{}" + after * 100
    return Case(schema=_items({"$ref": "#/$defs/Nested"}), definitions=nested, text=_many(chain, "1"))


CASES = {
    "strings": Case(schema=_items(STRING), text=_many('"a"', "1")),
    "integers": Case(schema=_items(INTEGER), text=_many("1", '"a"')),
    "patterns": Case(schema=_items(_record("a", STRING | {"pattern": "^x"})), text=_many('{"a":"x"}', '{"a":"y"}')),
    "fractions": Case(schema=_items({"type": "number", "multipleOf": 0.01}), text=_many("1.1", "1.001")),
    "enum of objects": Case(
        schema=_items({"enum": [{"kind": number, "name": "x"} for number in range(50)]}),
        text=_many('{"kind":49,"name":"x"}', '{"kind":50,"name":"x"}'),
    ),
    "oneOf of arrays": Case(
        schema=_items({"oneOf": [_items(STRING) | {"minItems": 1}, _items(INTEGER)]}), text=_many("[1]", "[true]")
    ),
    "anyOf of objects": Case(
        schema=_items({"anyOf": [_record(f"p{number}", INTEGER) for number in range(10)]}), text=_many('{"p9":1}', "{}")
    ),
    "unevaluated properties": Case(
        schema=_items(
            {
                "type": "object",
                "anyOf": [_record("a", INTEGER), _record("b", STRING)],
                "unevaluatedProperties": False,
            }
        ),
        text=_many('{"a":1}', '{"c":1}'),
    ),
    "lists of lists": Case(schema={"$ref": "#/$defs/List"}, definitions=LIST, text=_lists),
    "chains of alternatives": Case(schema=_items({"$ref": "#/$defs/Chain"}), definitions=CHAIN, text=_chains),
    "negations": _nested(({"not": {"required": [name]}} for name in "ab"), '{"n":', "}"),
    "many negations": _nested(({"not": {"required": [name]}} for name in "abcdef"), '{"n":', "}"),
    "dependent properties": _nested(({"dependentRequired": {name: ["n"]}} for name in "abcdef"), '{"n":', "}"),
    "numbers of properties": _nested(({"maxProperties": number} for number in range(1, 7)), '{"n":', "}"),
    "names of properties": _nested(({"propertyNames": {"pattern": text}} for text in ("n", "[a-z]")), '{"n":', "}"),
    "patterns that both match": Case(
        schema=_items({"$ref": "#/$defs/Both"}),
        definitions={
            "Both": {
                "anyOf": [
                    _record("n", _items({"$ref": "#/$defs/Both"}))
                    | {"properties": {"n": _items({"$ref": "#/$defs/Both"}), "a": STRING | {"pattern": pattern}}}
                    for pattern in "xy"
                ]
            }
        },
        text=_many('{"a":"xy","n":[' * 100 + "]}" * 100, '{"a":1}'),
    ),
    "properties of two alternatives": Case(
        schema=_items({"$ref": "#/$defs/Filter"}),
        definitions={
            "Filter": {
                "oneOf": [
                    *(_record(name, _items({"$ref": "#/$defs/Filter"})) for name in ("and", "or", "not")),
                    _record("leaf", STRING),
                ]
            }
        },
        text=_many('{"or":[{"leaf":""},' * 100 + '{"leaf":""}' + "]}" * 100, '{"or":[],"leaf":""}'),
    ),
    "tree": Case(schema={"$ref": "#/$defs/Tree"}, definitions=TREE, text=_trees),
}
"""Cases by name."""
