"""Verdicts on unusual JSON texts for random schemas, compared with jsonschema-rs alone."""

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
from tests.support.seeds import seeds
from tornado_ws import InvalidFrame, InvalidMessage
from tornado_ws.validation.codec import Codec
from tornado_ws.validation.kept_members import expand_members
from tornado_ws.validation.schema_validator import SchemaValidator

from ..support.generated import read
from ..support.package import emit, endpoint, run
from ..support.random_schemas import schemas
from ..support.texts import almost_valid, texts

pytestmark = pytest.mark.usefixtures("unmeasured")


class Expected:
    """Expected result of decoding, without code of the decoder."""

    def __init__(self, schema: Any, pointer: str, validator: SchemaValidator) -> None:
        self._reference = jsonschema_rs.Draft202012Validator(schema)
        self._pointer = pointer
        self._validator = validator

    def result(self, raw: str | bytes) -> tuple[Any, ...]:
        """Return the code, pointer and keyword of an error, or the value."""
        try:
            text = raw if isinstance(raw, str) else raw.decode()
            text.encode()
            frame = json.loads(text, parse_constant=_no_number)
            json.dumps(frame, ensure_ascii=False, allow_nan=False).encode()
        except ValueError:
            return ("malformed_json", None, None)
        value = frame["data"]
        valid = self._reference.is_valid(value)
        error = self._validator.first_error(self._pointer, value)
        assert valid is (error is None)
        return ("valid", value) if error is None else ("invalid_message", error.pointer, error.keyword)


def _no_number(name: str) -> None:
    raise ValueError(name)


def decoded(codec: Codec, raw: str | bytes) -> tuple[Any, ...]:
    """Return the result of the decoder, in the same form."""
    try:
        frame = codec.decode(raw)
    except InvalidFrame as error:
        return error.error.code, error.error.pointer, error.error.keyword
    return "valid", msgspec.to_builtins(expand_members(frame.data))


def sends(codec: Codec, message: object) -> bool:
    """Return True if the codec encodes a message."""
    try:
        codec.encode(message)
    except InvalidMessage:
        return False
    return True


def equals(typed: Any, plain: Any) -> bool:
    """Return True if a typed value equals a plain one, apart from properties without a field."""
    if isinstance(typed, dict) and isinstance(plain, dict):
        return all(name in plain and equals(value, plain[name]) for name, value in typed.items())
    if isinstance(typed, list | tuple) and isinstance(plain, list):
        return len(typed) == len(plain) and all(map(equals, typed, plain))
    if isinstance(typed, float) and type(plain) in (int, float):
        return math.isclose(typed, plain, rel_tol=1e-15)
    return type(typed) in (type(plain), int) and bool(typed == plain)


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(0, 12))
def test_text_has_the_verdict_of_the_validator_alone(seed: int, tmp_path: Path) -> None:
    count = _compare(seed, tmp_path, schemas_at_once=40, values=25)

    assert count >= 800


@pytest.mark.parametrize("number", ["-1", "-1.0", "-1.5", "7", "1152921504606846977", "5"])
def test_integer_that_one_alternative_rejects_is_a_number_of_another(number: str, tmp_path: Path) -> None:
    """For a union of a limited ``int`` and ``float``, msgspec alone decodes each integer as ``int`` and rejects it."""
    schema = {"anyOf": [{"type": "integer", "minimum": 6}, {"type": "number", "maximum": 5}]}
    document = {"kind": "ephemeral", "clientMessages": {"it": {"payload": schema}}}
    loaded = endpoint(run(emit(tmp_path / "generated", read(tmp_path / "schemas", {"test.json": document}))["test"]))

    assert decoded(Codec(loaded), f'{{"type":"it","data":{number}}}') == ("valid", json.loads(number))


def _compare(seed: int, folder: Path, *, schemas_at_once: int, values: int) -> int:
    rng = random.Random(seed)
    made = {f"It{at}": schemas(rng) for at in range(schemas_at_once)}
    accepted = {name: schema for name, schema in made.items() if _is_accepted(folder / name, schema)}
    messages = {f"it_{name}".lower(): {"payload": {"$ref": f"#/$defs/{name}"}} for name in accepted}
    document = {"kind": "ephemeral", "clientMessages": messages, "$defs": accepted}
    loaded = endpoint(run(emit(folder / "generated", read(folder / "schemas", {"test.json": document}))["test"]))
    codec, client, validator = Codec(loaded), Codec(loaded, side="client"), SchemaValidator(loaded.schema)
    count = 0
    for message, (name, schema) in zip(loaded.client, accepted.items(), strict=True):
        assert message.payload is not None
        expected = Expected(schema, message.payload.schema, validator)
        for value in almost_valid(schema, rng, values):
            for raw in texts({"type": message.name, "data": value}, rng):
                count += 1
                reference, got = expected.result(raw), decoded(codec, raw)
                case = (seed, name, schema, message.payload.residual_checks, raw, reference, got)
                if reference[0] != "valid":
                    assert reference == got, case
                    continue
                assert got[0] == "valid", case
                assert equals(got[1], reference[1]), case
                if message.wraps:
                    data = codec.decode(raw).data
                    again = expected.result(json.dumps({"data": msgspec.to_builtins(expand_members(data))}))
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
