"""Undeclared properties that decide about a value around their object: what was accepted can be sent again."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from codegen import model
from codegen.emit.python import Models
from tornado_ws import InvalidFrame
from tornado_ws.validation.codec import Codec
from tornado_ws.validation.payload import PayloadCodec
from tornado_ws.validation.schema_validator import SchemaValidator

from ..support.generated import payload, read
from ..support.package import endpoint, module

INTEGER = {"type": "integer"}
CHILD = {"type": "object", "properties": {"a": INTEGER, "b": INTEGER}}
REFERENCE = {"$ref": "#/$defs/Child"}
DEFINITIONS = {"Child": CHILD}
JUDGMENTS: list[Any] = [
    {"required": ["z"]},
    {"required": ["a"]},
    {"minProperties": 2},
    {"maxProperties": 1},
    {"propertyNames": {"pattern": "^[a-y]"}},
    {"additionalProperties": False, "properties": {"a": {}}},
    {"unevaluatedProperties": {"type": "string"}, "properties": {"a": True}},
    {"dependentRequired": {"a": ["z"]}},
    {"properties": {"z": {"const": 1}}},
    {"patternProperties": {"^z": False}},
    {"not": {"required": ["z"]}},
    {"const": {"a": 1, "z": 1}},
    {"enum": [{"a": 1}, {"a": 1, "z": 1}]},
]


def part(chance: random.Random) -> Any:
    """Return a schema that judges a part of a value."""
    judgment = chance.choice(JUDGMENTS)
    arrays = [{"items": judgment}, {"contains": judgment}, {"prefixItems": [judgment]}]
    members = [{"properties": {"y": judgment}}, {"additionalProperties": judgment}]
    named = {"x": judgment, "list": chance.choice(arrays), "map": chance.choice(members)}
    return {"properties": {name: named[name] for name in [chance.choice(["x", "list", "map"])]}}


def outer(chance: random.Random) -> Any:
    nested = {"type": "object", "properties": {"a": INTEGER, "y": REFERENCE}}
    properties = {
        "x": chance.choice([REFERENCE, CHILD, nested]),
        "list": {"type": "array", "items": REFERENCE},
        "map": {"type": "object", "additionalProperties": REFERENCE},
        "n": INTEGER,
    }
    base = {"type": "object", "properties": properties}
    one, other = part(chance), part(chance)
    needs_n = {"required": ["n"]}
    around = {"type": "object", "properties": {"o": base}, "anyOf": [{"properties": {"o": one}}, {"required": ["p"]}]}
    return chance.choice(
        [
            base | {"not": one | {"required": [*one["properties"]]}},
            base | {"if": one, "then": needs_n, "else": other},
            base | {"anyOf": [one, other]},
            base | {"oneOf": [one, other, needs_n]},
            base | {"dependentSchemas": {"n": one}},
            base | {"allOf": [one]},
            around,
        ]
    )


def value(chance: random.Random) -> Any:
    def child() -> dict[str, Any]:
        return {name: chance.randrange(3) for name in "abz" if chance.random() < 0.5}

    found: dict[str, Any] = {
        "x": child() | ({"y": child()} if chance.random() < 0.4 else {}),
        "list": [child() for _ in range(chance.randrange(3))],
        "map": {name: child() for name in "py" if chance.random() < 0.6},
        "n": 1,
    }
    found = {name: member for name, member in found.items() if chance.random() < 0.7}
    return {"o": found} if chance.random() < 0.2 else found


@pytest.mark.parametrize(("models", "count"), [("msgspec", 40), ("pydantic", 10)])
def test_accepted_value_can_be_sent_again(tmp_path: Path, models: Models, count: int) -> None:
    chance = random.Random(7)
    accepted = 0
    for number in range(count):
        files = {"test.json": payload(outer(chance), **{"$defs": DEFINITIONS})}
        loaded = endpoint(module(tmp_path / str(number), files, models=models))
        described = loaded.server[0].payload
        assert described is not None
        receiver, sender = Codec(loaded, side="client"), PayloadCodec(described, SchemaValidator(loaded.schema))
        for _ in range(50):
            try:
                received = receiver.decode(json.dumps({"type": "it", "data": value(chance)})).data
            except InvalidFrame:
                continue
            accepted += 1
            sender.encode(received)

    assert accepted > 20 * count


def keeping(path: Path, schema: Any) -> set[str]:
    """Return the names of the records that keep their undeclared properties."""
    (found,) = read(path, {"test.json": payload(schema, **{"$defs": DEFINITIONS})})
    return {one.name for one in found.definitions if isinstance(one, model.Record) and one.keeps}


def test_object_keeps_nothing_if_only_declared_properties_are_judged(tmp_path: Path) -> None:
    base = {"type": "object", "properties": {"x": REFERENCE, "list": {"type": "array", "items": REFERENCE}}}
    judged: Any = {"required": ["a"], "properties": {"b": {"minimum": 1}}}

    assert keeping(tmp_path / "contains", base | {"properties": {"x": {"contains": {"required": ["z"]}}}}) == set()
    assert (
        keeping(tmp_path / "if", base | {"if": {"properties": {"x": judged}}, "then": {"required": ["list"]}}) == set()
    )


def test_alternatives_of_a_tagged_union_do_not_judge_each_other(tmp_path: Path) -> None:
    other = {"type": "object", "properties": {"c": INTEGER}, "required": ["c"]}
    union = [
        {"type": "object", "properties": {"kind": {"const": kind}, "x": x}, "required": ["kind"]}
        for kind, x in (("a", REFERENCE), ("b", other))
    ]

    assert keeping(tmp_path, {"oneOf": union}) == set()
