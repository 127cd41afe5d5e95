"""Integers beyond 2^53 with ``bigint = true``: exact on both sides, in verdicts, first errors and values."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from codegen import model
from codegen.source.diagnostics import SchemaProblems
from tornado_ws.validation.codec import Codec

from ..codegen.support.generated import Client, payload, read
from ..codegen.support.package import emit, endpoint, run
from ..codegen.support.random_schemas import schemas
from ..codegen.support.texts import almost_valid
from .sides import Error, first_error

INT64 = {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1}
UINT64 = {"type": "integer", "minimum": 0, "maximum": 2**64 - 1}
INTEGER, NUMBER = {"type": "integer"}, {"type": "number"}
EDGES = [
    sign * (power + step)
    for power in (0, 2**31, 2**53, 2**54, 2**60, 2**63, 2**64, 10**18, 10**21, 10**25)
    for step in (-3, -2, -1, 0, 1, 2, 3, 1024, -1025)
    for sign in (1, -1)
]
SCALARS: list[Any] = [
    INT64,
    UINT64,
    {"type": "integer", "exclusiveMinimum": -(2**63) - 1, "exclusiveMaximum": 2**63},
    {"type": "integer", "exclusiveMinimum": 2**53 - 1},
    {"type": "integer", "minimum": 2**53 + 1, "maximum": 2**53 + 3},
    {"type": ["integer", "null"], "maximum": 2**63 - 1},
    {"type": "integer", "format": "int64"},
    {"const": 2**53 + 1},
    {"const": 2**53},
    {"enum": [2**70 + 1, -(10**25)]},
    {"type": "integer", "multipleOf": 2**70 + 2},
    {"enum": [1, 2**60 + 1, -(2**63), 2**64 - 1, "a", None, 1.5]},
    {**INT64, "multipleOf": 3},
    {**INT64, "multipleOf": 2**54 + 2},
    {"type": "number", "maximum": 2**63 - 1},
    {"type": "number", "minimum": 2**53 + 1, "multipleOf": 0.5},
    {"anyOf": [INT64, {"type": "string"}]},
    {"oneOf": [{**INT64, "minimum": 2**53 + 1}, {"type": "number", "maximum": 2**53}]},
    {"not": {"const": 2**53 + 1}, "type": "integer", "minimum": -(2**63)},
    {"allOf": [INTEGER, {"maximum": 2**63 - 1}]},
]
NESTED: list[Any] = [
    {"type": "array", "items": INT64, "uniqueItems": True},
    {"type": "array", "items": True, "uniqueItems": True, "contains": INT64},
    {"type": "object", "properties": {"id": INT64, "n": NUMBER, "any": True}, "required": ["id"]},
    {"type": "object", "properties": {"id": INT64}, "additionalProperties": UINT64},
    {"type": "object", "additionalProperties": INT64},
    {"type": "array", "prefixItems": [INT64, NUMBER], "items": False, "minItems": 1},
    {
        "$ref": "#/$defs/Tree",
        "$defs": {
            "Tree": {
                "type": "object",
                "properties": {"id": INT64, "kids": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}},
                "additionalProperties": False,
            }
        },
    },
    {
        "oneOf": [
            {"type": "object", "properties": {"k": {"const": "a"}, "id": INT64}, "required": ["k"]},
            {"type": "object", "properties": {"k": {"const": "b"}, "id": NUMBER}, "required": ["k"]},
        ]
    },
    {
        "anyOf": [
            {"type": "object", "properties": {"id": NUMBER, "a": NUMBER}, "required": ["a"]},
            {"type": "object", "properties": {"id": INT64, "b": INT64}, "required": ["b"]},
        ]
    },
    {
        "oneOf": [
            {"type": "object", "properties": {"k": {"const": 2**53 + 1}, "id": INT64}, "required": ["k"]},
            {"type": "object", "properties": {"k": {"enum": [2**53 + 2, 2**53]}, "id": NUMBER}, "required": ["k"]},
        ]
    },
]


def _values(rng: random.Random, depth: int = 3) -> Any:
    """Return a value with many integers at the edges."""
    choice = rng.random()
    if depth == 0 or choice < 0.4:
        return rng.choice((rng.choice(EDGES), rng.choice(EDGES), rng.choice((0, 1, 2.5, 1e300, -0.0, "a", None, True))))
    if choice < 0.55:
        return [_values(rng, depth - 1) for _ in range(rng.randrange(4))]
    names = rng.sample(("id", "n", "any", "k", "a", "b", "kids", "__proto__"), rng.randrange(5))
    value = {name: _values(rng, depth - 1) for name in names}
    for name, one in (
        ("id", rng.choice(EDGES)),
        ("k", rng.choice(("a", "b", 2**53 + 1, 2**53 + 2, 2.0**53 + 2, 2**53))),
    ):
        if rng.random() < 0.7:
            value[name] = one
    return value


def _cases() -> Iterator[tuple[Any, list[Any]]]:
    rng = random.Random(11)
    for schema in SCALARS:
        yield schema, [*EDGES, 1.5, 1e30, 2.0**53, 10**320, "a", None, True]
    for schema in NESTED:
        yield schema, [_values(rng) for _ in range(250)]


@pytest.mark.parametrize("models", ["msgspec", "pydantic"])
def test_both_sides_have_the_same_first_errors(tmp_path: Path, models: str) -> None:
    client = Client(tmp_path / "client")
    errors: list[tuple[Any, Any, Error | None]] = []
    for number, (schema, values) in enumerate(_cases()):
        endpoints = read(
            tmp_path / str(number), {"test.json": payload({"$ref": "it.json"}), "it.json": schema}, bigint=True
        )
        codec = Codec(
            endpoint(run(emit(tmp_path / f"{number}-generated", endpoints, models=models)["test"])), side="client"
        )
        client.add(endpoints, prefix=f"{number}-")
        for value in values:
            client.queue(f"{number}-test", value)
            errors.append((schema, value, _rounded(first_error(codec, value))))
    issues = client.results(messages=True)
    found = [
        (schema, value, error, page)
        for (schema, value, error), issue in zip(errors, issues, strict=True)
        if error
        != (page := _rounded(issue and (issue["pointer"], issue["keyword"], issue.get("expected"), issue["message"])))
    ]
    assert [] == found[:5]
    assert 500 < sum(error is None for *_, error in errors) < len(errors) - 500


def _rounded(error: Error | None) -> Error | None:
    """Return an error with numbers as JavaScript has them."""
    return None if error is None else tuple(json.loads(json.dumps(part), parse_int=float) for part in error)


def test_valid_values_get_the_types_of_typescript(tmp_path: Path) -> None:
    """Compare decoded values with the types of the model, over the cases and random schemas."""
    rng = random.Random(7)
    cases = [(schema, [value for value in values if value != 10**320]) for schema, values in _cases()]
    for _ in range(150):
        schema = _with_bounds(schemas(rng), rng)
        cases.append((schema, [*almost_valid(schema, rng, 12), *(_values(rng) for _ in range(4))]))
    client = Client(tmp_path / "client")
    queued: list[tuple[Any, model.Endpoint, Any]] = []
    for number, (schema, values) in enumerate(cases):
        try:
            endpoints = read(
                tmp_path / str(number), {"test.json": payload({"$ref": "it.json"}), "it.json": schema}, bigint=True
            )
        except SchemaProblems:
            continue
        client.add(endpoints, prefix=f"{number}-")
        for value in values:
            client.queue_text(f"{number}-test", json.dumps(value), decode=True)
            queued.append((schema, endpoints[0], value))
    bigints = 0
    for (schema, read_endpoint, value), result in zip(queued, client.results(), strict=True):
        if result is None or "decoded" not in result:
            continue
        (data,) = read_endpoint.payloads
        definitions = {one.name: one for one in read_endpoint.definitions}
        case = (schema, value, result)
        assert _has_type(result["decoded"], data.type, definitions), case
        assert _floats(json.loads(result["sent"])) == _floats(value), case
        bigints += json.dumps(result["decoded"]).count('n"')
    assert bigints > 1000


def _with_bounds(schema: Any, rng: random.Random) -> Any:
    """Return a schema with bounds of 64 bits for many of its integers."""
    if isinstance(schema, list):
        return [_with_bounds(one, rng) for one in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {name: _with_bounds(one, rng) for name, one in schema.items()}
    if "integer" in (changed.get("type") or ()) and "maximum" not in changed and rng.random() < 0.7:
        changed["maximum"] = 2**63 - 1
    return changed


def _floats(value: Any) -> Any:
    """Return a value as JavaScript rounds it."""
    return json.loads(json.dumps(value), parse_int=float)


def _has_type(value: Any, type_: model.Type | None, definitions: Mapping[str, model.Definition]) -> bool:
    """Return True if a value has a type; a ``bigint`` is a string with the suffix ``n``."""

    def has(part: Any, other: model.Type | None) -> bool:
        return _has_type(part, other, definitions)

    is_bigint = isinstance(value, str) and re.fullmatch(r"-?\d+n", value) is not None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match type_:
        case None | model.Anything():
            return not re.search(r'"-?\d+n"', json.dumps(value))
        case model.Scalar(bigint=True):
            return is_bigint
        case model.Scalar(type="integer" | "number"):
            return is_number
        case model.Scalar(type="string"):
            return isinstance(value, str) and not is_bigint
        case model.Scalar(type=json_type):
            return isinstance(value, bool) if json_type == "boolean" else value is None
        case model.Enumeration(values=values, bigint=bigint):
            return any(
                value == (f"{one}n" if bigint and isinstance(one, int) and not isinstance(one, bool) else one)
                for one in values
            )
        case model.Array(item=item):
            return isinstance(value, list) and all(has(part, item) for part in value)
        case model.Tuple(items=items, required=required, rest=rest):
            if not isinstance(value, list) or len(value) < required or (rest is None and len(value) > len(items)):
                return False
            return all(has(part, items[at] if at < len(items) else rest) for at, part in enumerate(value))
        case model.Map(key=key, value=inner):
            return isinstance(value, dict) and all(has(name, key) and has(part, inner) for name, part in value.items())
        case model.Union(members=members):
            return any(has(value, member) for member in members)
        case model.Ref(name=name):
            definition = definitions[name]
            if isinstance(definition, model.Alias):
                return has(value, definition.type)
            if not isinstance(value, dict) or any(one.required and one.name not in value for one in definition.fields):
                return False
            declared = {one.name: one.type for one in definition.fields}
            if definition.closed and value.keys() - declared.keys():
                return False
            return all(has(part, declared.get(one, definition.rest)) for one, part in value.items())
        case _:
            return False
