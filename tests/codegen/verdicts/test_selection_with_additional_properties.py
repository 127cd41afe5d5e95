"""Selection among alternatives with typed additional properties, which are read after it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from codegen.emit.python import Models
from tests.support.seeds import seeds
from tornado_ws.validation.codec import Codec

from ..support.generated import payload, read
from ..support.package import accepts, emit, endpoint, module, run

pytestmark = pytest.mark.usefixtures("unmeasured")

MODELS: list[Models] = ["msgspec", "pydantic"]
INTEGER, TEXT = {"type": "integer"}, {"type": "string"}


def record(rest: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": rest}


OTHER = {"type": "object", "properties": {"z": True}}
EITHER = {"anyOf": [record(INTEGER, l=TEXT), OTHER]}
TREE = {"anyOf": [record(INTEGER, l=TEXT, next={"$ref": "#/$defs/Tree"}), OTHER | {"required": ["m"]}]}
FOREST = {"anyOf": [record({"$ref": "#/$defs/Forest"}, l=TEXT), {"type": "array", "items": INTEGER}, TEXT]}
DEFINITIONS: dict[str, Any] = {"Either": EITHER, "Tree": TREE, "Forest": FOREST}


@pytest.mark.parametrize("models", MODELS)
@pytest.mark.parametrize(
    ("schema", "valid", "invalid"),
    [
        (EITHER, [{"l": "x", "m": "y"}, {"l": "x", "m": 1}, {"l": 1}, {"z": 1}], [1]),
        ({"type": "array", "items": EITHER}, [[{"l": "x", "m": "y"}, {"m": 1}]], [[1]]),
        (
            {"anyOf": [{"type": "array", "items": record(INTEGER, l=TEXT)}, {"type": "array", "items": OTHER}]},
            [[{"l": "x", "m": "y"}, {"m": 1}], [{"m": 1}], []],
            [[1], {}],
        ),
        (
            {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/Tree"}}, {"type": "array", "items": OTHER}]},
            [[{"l": "x", "n": "y"}], [{"next": {"n": "y"}}]],
            [[1], {}],
        ),
        (record(EITHER, a=TEXT), [{"a": "", "b": {"l": "x", "m": "y"}}], [{"b": 1}]),
        (
            {"anyOf": [record(False, p={"type": "array", "items": record(INTEGER, l=TEXT)}), OTHER]},
            [{"p": [{"l": "x", "m": "y"}]}, {"p": [{"l": "x", "m": 1}]}],
            [[]],
        ),
        (
            {"anyOf": [record(record(INTEGER, l=TEXT), a=TEXT), record(TEXT, a=TEXT)]},
            [{"a": "", "b": {"m": 1}}, {"a": "", "b": ""}],
            [{"b": {"m": ""}}, {"b": 1}],
        ),
        (
            {"$ref": "#/$defs/Tree"},
            [{"l": "x", "m": "y"}, {"next": {"l": "x", "m": "y"}}, {"next": {"next": {"m": "y"}}}],
            [{"l": "x", "n": "y"}, {"next": {"n": "y"}}],
        ),
        ({"$ref": "#/$defs/Forest"}, [{"l": "", "m": {"n": [1], "o": ""}}], [{"m": {"n": [""]}}, {"m": 1}]),
    ],
)
def test_alternative_with_values_of_another_type_is_not_selected(
    tmp_path: Path, models: Models, schema: Any, valid: list[Any], invalid: list[Any]
) -> None:
    loaded = endpoint(module(tmp_path, {"test.json": payload(schema, **{"$defs": DEFINITIONS})}, models=models))
    codec = Codec(loaded, side="client")

    assert [True] * len(valid) == [accepts(codec, value) for value in valid]
    assert [False] * len(invalid) == [accepts(codec, value) for value in invalid]


def schemas(rng: random.Random, depth: int = 0) -> Any:
    """Return a random schema with typed additional properties in alternatives."""
    if depth > 3:
        return rng.choice((INTEGER, TEXT))
    match rng.randrange(6):
        case 0 | 1:
            names = rng.sample(("a", "b", "c"), rng.randint(1, 2))
            rest = rng.choice((True, False, schemas(rng, depth + 1), schemas(rng, depth + 1)))
            return record(rest, **{name: schemas(rng, depth + 1) for name in names})
        case 2 | 3:
            return {rng.choice(("anyOf", "anyOf", "oneOf")): [schemas(rng, depth + 1) for _ in range(2)]}
        case 4:
            return {"type": "array", "items": schemas(rng, depth + 1)}
        case _:
            return rng.choice((INTEGER, TEXT, {"$ref": "#/$defs/Tree"}, {"$ref": "#/$defs/Forest"}))


def instances(rng: random.Random, depth: int = 0) -> Any:
    """Return a random value."""
    match rng.randrange(5 if depth < 4 else 2):
        case 0:
            return 1
        case 1:
            return "x"
        case 2:
            return [instances(rng, depth + 1) for _ in range(rng.randint(0, 2))]
        case _:
            names = rng.sample(("a", "b", "c", "l", "m", "next"), rng.randint(0, 3))
            return {name: instances(rng, depth + 1) for name in names}


@pytest.mark.parametrize("models", MODELS)
@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in seeds(2, 10))])
def test_random_unions_have_the_verdict_of_the_validator(tmp_path: Path, seed: int, models: Models) -> None:
    rng, accepted = random.Random(seed), 0
    made = {f"it_{at}": {"anyOf": [schemas(rng, 1), schemas(rng, 1)]} for at in range(40)}
    document = {
        "kind": "ephemeral",
        "serverMessages": {name: {"payload": schema} for name, schema in made.items()},
        "$defs": DEFINITIONS,
    }
    found = read(tmp_path / "schemas", {"test.json": document})
    loaded = endpoint(run(emit(tmp_path / "generated", found, models=models)["test"]))
    codec = Codec(loaded, side="client")
    for name, schema in made.items():
        reference = jsonschema_rs.Draft202012Validator({**schema, "$defs": DEFINITIONS})
        for value in (instances(rng) for _ in range(150)):
            valid = reference.is_valid(value)
            accepted += valid
            assert valid is accepts(codec, value, name=name), (schema, json.dumps(value))

    assert accepted >= 300
