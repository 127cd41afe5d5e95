"""Verdicts: of random schemas, on JSON text as faulty and hostile peers write it, against jsonschema-rs alone."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest

from codegen.source.diagnostics import SchemaProblems
from tornado_ws import InvalidFrame, InvalidMessage
from tornado_ws.validation.codec import Codec
from tornado_ws.validation.schema_validator import SchemaValidator

from ..support.generated import read
from ..support.package import emit, endpoint, run
from ..support.texts import nearly, texts

NAMES = ("a", "b", "kind", "class", "x-y")
BOUNDS = (0, 1, 2, -1, 3.0, 0.5, 0.1, 1 - 2**53, 2**53 - 1)
NUMBERS = (*BOUNDS, 2**53, 2**60, -(2**64), 1e300, 9007199254740993.0)
WORDS = ("", "a", "b", "ab", "abc", "é", "😀", "a\n", "cat", "dog", "1")
VALUES: tuple[Any, ...] = (None, True, False, *NUMBERS, *WORDS, [], [1, 1.0], {}, {"a": 1})


def schemas(chance: random.Random, depth: int = 0) -> Any:
    """Return a random schema that admits something more often than not."""
    if depth == 0 and chance.random() < 0.6:
        return _record(chance, chance.choice((0, 2, 2, 2)))
    match chance.randrange(14 if depth < 3 else 4):
        case 0:
            limits = [
                {"minimum": chance.choice((*BOUNDS, 2**53))},
                {"exclusiveMaximum": chance.choice((*BOUNDS, 2**53))},
            ]
            limits += [{"multipleOf": chance.choice((1, 2, 0.5, 0.1, 3))}, {"maximum": chance.choice(BOUNDS)}, {}, {}]
            return {"type": chance.choice(("integer", "number"))} | chance.choice(limits) | chance.choice(limits)
        case 1:
            limits = [{"minLength": 1}, {"maxLength": 2}, {"pattern": "^[ab]+$"}, {"pattern": "b|^$"}, {}]
            return {"type": "string"} | chance.choice(limits) | chance.choice(limits)
        case 2:
            return chance.choice(
                [{"enum": chance.sample(VALUES, 3)}, {"const": chance.choice(VALUES)}, {"type": "boolean"}, True]
            )
        case 3:
            return {"type": chance.sample(("null", "integer", "number", "string", "boolean"), 2)}
        case 4 | 5:
            limits = [{"minItems": 1}, {"maxItems": 2}, {"uniqueItems": True}, {"contains": schemas(chance, 3)}, {}]
            limits += [{"prefixItems": [schemas(chance, 3), schemas(chance, 3)]}, {"unevaluatedItems": False}]
            return {"type": "array", "items": schemas(chance, depth + 1)} | chance.choice(limits)
        case 6:
            limits = [{"maxProperties": 2}, {"propertyNames": {"maxLength": 2}}, {"required": ["a"]}, {}]
            return {"type": "object", "additionalProperties": schemas(chance, depth + 1)} | chance.choice(limits)
        case 7 | 8 | 9 | 10 | 11:
            return _record(chance, depth)
        case 12:
            kinds = chance.sample(("cat", "dog", "1"), 2)
            return {
                chance.choice(("anyOf", "oneOf")): [
                    {**record, "properties": {**record["properties"], "kind": {"const": kind}}, "required": ["kind"]}
                    for kind, record in ((kind, _record(chance, depth + 1)) for kind in kinds)
                ]
            }
        case _:
            return {chance.choice(("anyOf", "oneOf", "allOf")): [schemas(chance, depth + 1) for _ in range(2)]}


def _record(chance: random.Random, depth: int) -> dict[str, Any]:
    names = chance.sample(NAMES, chance.randrange(1, 4))
    one, other = chance.choice(NAMES), chance.choice(names)
    rules: list[dict[str, Any]] = [
        {},
        {"minProperties": 2},
        {"propertyNames": {"pattern": "^[a-z-]*$"}},
        {"not": {"required": [one]}},
        {"not": {"properties": {one: schemas(chance, 3)}}},
        {"dependentRequired": {one: [other]}},
        {"dependentSchemas": {one: {"properties": {other: schemas(chance, 3)}}}},
        {"if": {"properties": {other: schemas(chance, 3)}}, "then": {"required": [one]}},
        {"if": {"required": [one]}, "then": {"properties": {other: schemas(chance, 3)}}, "else": {"maxProperties": 1}},
        {"anyOf": [{"required": [one]}, {"properties": {other: schemas(chance, 3)}}]},
        {"oneOf": [{"required": [one]}, {"required": [other]}]},
        {"allOf": [{"if": {"properties": {one: {"const": "a"}}}, "then": {"not": {"required": [other]}}}]},
        {"patternProperties": {"^a|-": schemas(chance, 3)}},
    ]
    closed, open_ = {"additionalProperties": False}, {"additionalProperties": schemas(chance, 3)}
    more = chance.choice(({}, {}, closed, closed, open_, {"unevaluatedProperties": chance.choice((False, open_))}))
    properties = {name: schemas(chance, depth + 1) for name in names}
    required = chance.sample(names, chance.randrange(len(names) + 1))
    return {"type": "object", "properties": properties, "required": required} | more | chance.choice(rules)


class Expected:
    """What has to be said about a text, found without any code of the reader."""

    def __init__(self, schema: Any, pointer: str, judge: SchemaValidator) -> None:
        self._decides = jsonschema_rs.Draft202012Validator(schema)
        self._pointer = pointer
        self._judge = judge

    def of(self, raw: str | bytes) -> tuple[Any, ...]:
        """Return the code, the pointer and the keyword of a refusal, or the value as Python reads it."""
        try:
            text = raw if isinstance(raw, str) else raw.decode()
            text.encode()
            frame = json.loads(text, parse_constant=_no_number)
            json.dumps(frame, ensure_ascii=False, allow_nan=False).encode()
        except ValueError:
            return ("malformed_json", None, None)
        value = frame["data"]
        valid = self._decides.is_valid(value)
        error = self._judge.first_error(self._pointer, value)
        assert valid is (error is None)
        return ("valid", value) if error is None else ("invalid_message", error.pointer, error.keyword)


def _no_number(name: str) -> None:
    raise ValueError(name)


def told(codec: Codec, raw: str | bytes) -> tuple[Any, ...]:
    """Return what the reader says, in the same terms."""
    try:
        frame = codec.decode(raw)
    except InvalidFrame as refused:
        return refused.error.code, refused.error.pointer, refused.error.keyword
    return "valid", msgspec.to_builtins(frame.data)


def sends(codec: Codec, message: object) -> bool:
    """Tell whether a message would leave."""
    try:
        codec.encode(message)
    except InvalidMessage:
        return False
    return True


def is_of(typed: Any, plain: Any) -> bool:
    """Tell whether a typed value says the same as a plain one; properties that no field is for are left out."""
    if isinstance(typed, dict) and isinstance(plain, dict):
        return all(name in plain and is_of(value, plain[name]) for name, value in typed.items())
    if isinstance(typed, list | tuple) and isinstance(plain, list):
        return len(typed) == len(plain) and all(map(is_of, typed, plain))
    if isinstance(typed, float) and type(plain) in (int, float):
        return math.isclose(typed, plain, rel_tol=1e-15)
    return type(typed) in (type(plain), int) and bool(typed == plain)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_text_is_judged_as_by_the_validator_alone(seed: int, tmp_path: Path) -> None:
    count = _compare(seed, tmp_path, schemas_at_once=40, values=25)

    assert count >= 800


@pytest.mark.parametrize("number", ["-1", "-1.0", "-1.5", "7", "1152921504606846977", "5"])
def test_an_integer_that_one_alternative_refuses_may_be_a_number_of_another(number: str, tmp_path: Path) -> None:
    """Of ``int`` with limits and ``float``, msgspec would decode as ``int`` whatever is one, and refuse it then."""
    schema = {"anyOf": [{"type": "integer", "minimum": 6}, {"type": "number", "maximum": 5}]}
    document = {"kind": "ephemeral", "clientMessages": {"it": {"payload": schema}}}
    stated = endpoint(run(emit(tmp_path / "generated", read(tmp_path / "schemas", {"test.json": document}))["test"]))

    assert told(Codec(stated), f'{{"type":"it","data":{number}}}') == ("valid", json.loads(number))


def _compare(seed: int, folder: Path, *, schemas_at_once: int, values: int) -> int:
    chance = random.Random(seed)
    made = {f"It{at}": schemas(chance) for at in range(schemas_at_once)}
    accepted = {name: schema for name, schema in made.items() if _is_accepted(folder / name, schema)}
    messages = {f"it_{name}".lower(): {"payload": {"$ref": f"#/$defs/{name}"}} for name in accepted}
    document = {"kind": "ephemeral", "clientMessages": messages, "$defs": accepted}
    stated = endpoint(run(emit(folder / "generated", read(folder / "schemas", {"test.json": document}))["test"]))
    codec, client, judge = Codec(stated), Codec(stated, side="client"), SchemaValidator(stated.schema)
    count = 0
    for message, (name, schema) in zip(stated.client, accepted.items(), strict=True):
        assert message.payload is not None
        expected = Expected(schema, message.payload.schema, judge)
        for value in nearly(schema, chance, values):
            for raw in texts({"type": message.name, "data": value}, chance):
                count += 1
                wanted, got = expected.of(raw), told(codec, raw)
                case = (seed, name, schema, message.payload.unproved, raw, wanted, got)
                if wanted[0] != "valid":
                    assert wanted == got, case
                    continue
                assert got[0] == "valid", case
                assert is_of(got[1], wanted[1]), case
                if message.wraps:
                    data = codec.decode(raw).data
                    again = expected.of(json.dumps({"data": msgspec.to_builtins(data)}))
                    assert (again[0] == "valid") is sends(client, message.cls(data)), (*case, again)
    return count


def _is_accepted(folder: Path, schema: Any) -> bool:
    document = {
        "kind": "ephemeral",
        "clientMessages": {"it": {"payload": {"$ref": "#/$defs/It"}}},
        "$defs": {"It": schema},
    }
    try:
        read(folder, {"test.json": document})
    except SchemaProblems:
        return False
    return True
