"""Verdicts on constants that other keywords of the same schema reject."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from codegen.emit.python import Models
from codegen.source.diagnostics import SchemaProblems
from tests.support.seeds import seeds
from tornado_ws.validation.codec import Codec
from tornado_ws.validation.payload import PayloadCodec
from tornado_ws.validation.schema_validator import SchemaValidator

from ..support.generated import payload, read
from ..support.package import accepts, emit, endpoint, module, run, sends

pytestmark = pytest.mark.usefixtures("unmeasured")

MODELS: list[Models] = ["msgspec", "pydantic"]
DEFINITIONS: dict[str, Any] = {
    "short": {"maxLength": 1},
    "small": {"type": "integer", "maximum": 1},
    "letter": {"enum": ["a", "b", 1, None]},
}
VALUES: tuple[Any, ...] = ("a", "b", "ab", "bb", "cd", "", 0, 1, 2, 3, -1, 1.5, None, True, [1], [2], {}, {"a": 1})
KEYWORDS: tuple[dict[str, Any], ...] = (
    *({"pattern": "^a"}, {"maxLength": 1}, {"minLength": 2}, {"minimum": 1}, {"exclusiveMaximum": 2}),
    *({"multipleOf": 2}, {"type": "string"}, {"type": ["integer", "null"]}, {"not": {"const": "a"}}),
    *({"not": {"type": "null"}}, {"not": {"enum": [1, "cd"]}}, {"$ref": "#/$defs/short"}, {"$ref": "#/$defs/small"}),
    *({"if": {"type": "string"}, "then": {"minLength": 2}}, {"if": {"minimum": 1}, "else": {"pattern": "^b"}}),
    *({"allOf": [{"pattern": "b$"}]}, {"allOf": [{"$ref": "#/$defs/letter"}]}, {"const": "ab"}, {"const": [1]}),
    *({"anyOf": [{"maxLength": 1}, {"minimum": 2}]}, {"oneOf": [{"minLength": 2}, {"multipleOf": 2}]}),
    *({"minItems": 1}, {"minProperties": 1}),
)


def constants(rng: random.Random) -> Any:
    """Return a schema with constants and other keywords."""
    schema: dict[str, Any] = {}
    for keywords in rng.sample(KEYWORDS, rng.randint(1, 3)):
        schema |= keywords
    return schema | {"enum": rng.sample(VALUES[: rng.choice((5, 12, len(VALUES)))], rng.randint(1, 4))}


def inside(rng: random.Random, schema: Any) -> tuple[Any, Any]:
    """Return a schema that contains another one, and the function from a value of the latter to one of the former."""
    record = {"type": "object", "properties": {"a": schema}, "required": ["a"]}
    closed = record | {"additionalProperties": False, "propertyNames": {"maxLength": rng.randint(0, 1)}}
    return rng.choice(
        (
            (schema, lambda value: value),
            (record, lambda value: {"a": value}),
            (closed, lambda value: {"a": value}),
            ({"type": "object", "properties": {"b": record}}, lambda value: {"b": {"a": value}}),
            ({"type": "array", "items": schema}, lambda value: [value]),
            ({"type": "object", "additionalProperties": schema}, lambda value: {"x": value}),
            ({"type": "object", "additionalProperties": True, "propertyNames": schema}, lambda value: {str(value): 1}),
            ({"anyOf": [record, {"type": "null"}]}, lambda value: {"a": value}),
        )
    )


@pytest.mark.parametrize("models", MODELS)
@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in seeds(2, 10))])
def test_random_constants_have_the_verdict_of_the_validator(tmp_path: Path, seed: int, models: Models) -> None:
    rng, made = random.Random(seed), dict[str, tuple[Any, Any]]()
    for at in range(60):
        schema, wrap = inside(rng, constants(rng))
        if _is_valid(tmp_path / str(at), schema):
            made[f"it_{at}"] = schema, wrap
    messages = {name: {"payload": schema} for name, (schema, _) in made.items()}
    document = {"kind": "ephemeral", "serverMessages": messages, "$defs": DEFINITIONS}
    found = read(tmp_path / "schemas", {"test.json": document})
    loaded = endpoint(run(emit(tmp_path / "generated", found, models=models)["test"]))
    reader, validator, rejected = Codec(loaded, side="client"), SchemaValidator(loaded.schema), 0
    for message, (schema, wrap) in zip(loaded.server, made.values(), strict=True):
        assert message.payload is not None
        writer = PayloadCodec(message.payload, validator)
        reference = jsonschema_rs.Draft202012Validator({"allOf": [schema], "$defs": DEFINITIONS})
        for value in map(wrap, VALUES):
            valid = reference.is_valid(value)
            rejected += not valid
            assert valid is accepts(reader, value, name=message.name), (schema, value, message.payload)
            if models == "msgspec":
                assert valid is sends(writer, value), (schema, value, message.payload)

    assert len(made) >= 30
    assert rejected >= 100


def _is_valid(folder: Path, schema: Any) -> bool:
    try:
        read(folder, {"test.json": payload(schema, **{"$defs": DEFINITIONS})})
    except SchemaProblems:
        return False
    return True


NAMES = {"propertyNames": {"pattern": "^[a-z]+$"}, "additionalProperties": False}


@pytest.mark.parametrize("models", MODELS)
@pytest.mark.parametrize(
    ("schema", "valid", "invalid"),
    [
        ({"enum": ["ab", "cd"], "pattern": "^a"}, "ab", "cd"),
        ({"enum": ["a", "bb"], "maxLength": 1}, "a", "bb"),
        ({"enum": [1, 2], "minimum": 2}, 2, 1),
        ({"enum": [1, 2], "multipleOf": 2}, 2, 1),
        ({"enum": ["a", "b"], "not": {"const": "b"}}, "a", "b"),
        ({"enum": ["a", "b"], "if": {"const": "b"}, "then": False}, "a", "b"),
        ({"enum": ["a", "bb"], "allOf": [{"maxLength": 1}]}, "a", "bb"),
        ({"enum": ["a", "bb"], "$ref": "#/$defs/short"}, "a", "bb"),
        ({"const": [1], "enum": [[1], [2]]}, [1], [2]),
        ({"const": [1], "enum": [[1], [2]], "minItems": 1}, [1], [2]),
        ({"type": "object", "properties": {"a": {"enum": ["a", "bb"], "maxLength": 1}}}, {"a": "a"}, {"a": "bb"}),
        ({"type": "object", "properties": {"userId": {}, "id": {}}, **NAMES}, {"id": "x"}, {"userId": "x"}),
    ],
)
def test_constant_that_another_keyword_rejects_is_invalid(
    tmp_path: Path, models: Models, schema: Any, valid: Any, invalid: Any
) -> None:
    loaded = endpoint(module(tmp_path, {"test.json": payload(schema, **{"$defs": DEFINITIONS})}, models=models))
    codec = Codec(loaded, side="client")

    assert accepts(codec, valid)
    assert not accepts(codec, invalid)


def test_constants_of_const_are_compared_with_those_of_enum(tmp_path: Path) -> None:
    loaded = endpoint(module(tmp_path, {"test.json": payload({"const": [1], "enum": [[2]]})}))

    assert not accepts(Codec(loaded, side="client"), [1])
