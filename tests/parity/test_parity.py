"""The server and the page give the same verdict on everything, and name the same fault, at the same place."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis_jsonschema import from_schema

from codegen.source.diagnostics import SchemaProblems
from tornado_ws import InvalidFrame
from tornado_ws.validation.codec import Codec

from ..codegen.support.generated import Client, payload, read
from ..codegen.support.mutants import mutants, sound
from ..codegen.support.official import cases
from ..codegen.support.package import emit, endpoint, run
from ..codegen.support.samples import sample
from ..codegen.support.texts import nearly
from ..codegen.verdicts.test_random_schemas import schemas

NAME = {"type": "string", "minLength": 1, "maxLength": 8}
SHAPE = [
    {
        "type": "object",
        "properties": {"kind": {"const": kind}, "size": size, "name": NAME},
        "required": ["kind", "size"],
        "additionalProperties": False,
    }
    for kind, size in (
        ("circle", {"type": "number", "exclusiveMinimum": 0}),
        ("text", {"type": "integer", "maximum": 9}),
    )
]
SCHEMAS: dict[str, Any] = {
    "closed": {
        "type": "object",
        "properties": {
            "name": NAME,
            "tags": {"type": "array", "items": {"enum": ["a", "b", 1, None]}, "uniqueItems": True, "maxItems": 3},
            "price": {"type": "number", "multipleOf": 0.01, "minimum": 0},
            "code": {"type": "string", "pattern": "^[A-Z]{2}-?[0-9]+$"},
        },
        "required": ["name", "price"],
        "additionalProperties": False,
    },
    "one required": {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "string"}},
        "required": ["b"],
        "additionalProperties": False,
    },
    "open": {
        "type": "object",
        "properties": {"b": {"type": "integer"}, "a": {"type": "string"}, "c": {"type": ["boolean", "null"]}},
        "required": ["a", "b", "c"],
        "minProperties": 2,
    },
    "of three names one without a check": {
        "type": "object",
        "properties": {"c": True, "b": {"type": "integer"}, "a": {"type": "string"}},
    },
    "two required": {
        "type": "object",
        "properties": {"b": {"type": "integer"}, "a": {"type": "string"}},
        "required": ["a", "b"],
    },
    "map": {
        "type": "object",
        "propertyNames": {"pattern": "^[a-z_]+$"},
        "additionalProperties": {"type": "array", "items": {"type": "integer"}, "minItems": 1},
        "maxProperties": 3,
    },
    "patterned": {
        "type": "object",
        "properties": {"a": {"type": "integer"}},
        "patternProperties": {"^a": {"minimum": 3}, "^b": {"type": "string"}},
        "additionalProperties": {"type": "boolean"},
    },
    "patterned and closed": {
        "patternProperties": {"^a": {"type": "integer"}, "a$": {"maximum": 5}},
        "additionalProperties": False,
    },
    "tagged": {"oneOf": SHAPE},
    "untagged": {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "integer"}, {"type": "array", "items": NAME}]},
    "tuple": {"type": "array", "prefixItems": [NAME, {"type": "integer"}], "items": {"type": "boolean"}, "minItems": 1},
    "contains": {"type": "array", "contains": {"type": "integer"}, "minContains": 2, "maxContains": 3},
    "conditional": {
        "type": "object",
        "properties": {"mode": {"enum": ["x", "y"]}, "value": True},
        "required": ["mode"],
        "if": {"properties": {"mode": {"const": "x"}}},
        "then": {"properties": {"value": {"type": "string"}}, "required": ["value"]},
        "else": {"properties": {"value": {"type": "number"}}},
    },
    "dependent": {
        "type": "object",
        "dependentRequired": {"a": ["b", "c"]},
        "dependentSchemas": {"b": {"properties": {"c": {"type": "string"}}}},
        "not": {"required": ["d"]},
    },
    "unevaluated": {
        "type": "object",
        "allOf": [{"properties": {"a": {"type": "integer"}}}],
        "anyOf": [
            {"properties": {"b": {"const": 1}}, "required": ["b"]},
            {"properties": {"c": True}, "required": ["c"]},
        ],
        "unevaluatedProperties": False,
    },
    "recursive": {
        "$defs": {
            "Tree": {
                "type": "object",
                "properties": {"name": NAME, "children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}},
                "required": ["name"],
                "additionalProperties": False,
            }
        },
        "$ref": "#/$defs/Tree",
    },
}

SEEDS: dict[str, list[Any]] = {
    "contains": [[1, 2], [1, "a", 2, 3], [1]],
    "conditional": [{"mode": "x", "value": "a"}, {"mode": "y", "value": 1}],
    "dependent": [{"a": 1, "b": 2, "c": "x"}, {"b": 1, "c": 1}, {"d": 1}],
    "of three names one without a check": [
        {"c": None, "b": "", "a": 1},
        {"b": "", "a": 1},
        {"c": 1, "b": 1.5, "d": 1, "a": 1},
    ],
    "unevaluated": [{"a": 1, "b": 1}, {"a": 1, "c": 2}, {"b": 1, "c": 2}],
    "patterned and closed": [{"ab": 1}, {"ba": 3}, {"a": 4}],
}
"""Values that chance would not find."""
GENERATED = ("map", "one required", "open", "patterned", "tagged", "two required", "untagged")
"""Schemas for which hypothesis finds values in a reasonable time."""


class Edges:
    """Both edges of one message, and the values that have been shown to them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._client = Client(folder / "client")
        self._asked: list[tuple[str, Any, tuple[Any, ...] | None]] = []

    def show(self, name: str, schema: Any, values: Iterable[Any]) -> None:
        place = self._folder / str(len(self._asked))
        endpoints = read(place, {"test.json": payload({"$ref": "it.json"}), "it.json": schema})
        codec = Codec(endpoint(run(emit(place / "generated", endpoints)["test"])), side="client")
        prefix = f"{len(self._asked)}-"
        self._client.add(endpoints, prefix=prefix)
        for value in values:
            self._client.ask(f"{prefix}test", value)
            self._asked.append((name, value, _fault(codec, value)))

    def differences(self) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = []
        for (name, value, server), issue in zip(self._asked, self._client.answers(words=True), strict=True):
            page = (
                None if issue is None else (issue["pointer"], issue["keyword"], issue.get("expected"), issue["message"])
            )
            if server != page:
                found.append((name, value, server, page))
        return found

    @property
    def faults(self) -> list[tuple[Any, ...] | None]:
        """Where the server found one, and by which keyword."""
        return [server and server[:2] for _, _, server in self._asked]

    @property
    def words(self) -> list[str | None]:
        """What the server said of each value."""
        return [server and server[-1] for _, _, server in self._asked]

    @property
    def count(self) -> int:
        return len(self._asked)


def _fault(codec: Codec, value: Any) -> tuple[Any, ...] | None:
    try:
        codec.decode(json.dumps({"type": "it", "data": value}))
    except InvalidFrame as refused:
        assert refused.error.code == "invalid_message", refused.error
        error = refused.error
        return error.pointer, error.keyword, error.expected, error.message
    return None


def generated(schema: Any, count: int) -> list[Any]:
    """Return values that hypothesis finds valid."""
    values: list[Any] = []

    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(from_schema(schema))
    def collect(value: Any) -> None:
        values.append(value)

    collect()
    return values


def samples(folder: Path, schema: Any, count: int) -> list[Any]:
    """Return values that look like those of the schema's type."""
    (found,) = read(folder, {"test.json": payload({"$ref": "it.json"}), "it.json": schema})
    definitions = {definition.name: definition for definition in found.definitions}
    slot, chance = found.server[0].payload, random.Random(count)
    assert slot is not None
    return [sample(slot.type, definitions, chance) for _ in range(count)]


def show_all(edges: Edges, folder: Path, *, sampled: int, found: int, mutated: int) -> None:
    chance = random.Random(sampled)
    for name, schema in SCHEMAS.items():
        seeds = [*SEEDS.get(name, ()), *samples(folder / name, schema, sampled)]
        if found and name in GENERATED:
            seeds += generated(schema, found)
        valid = list(sound(seeds))
        edges.show(name, schema, [*valid, *(one for value in valid for one in sound(mutants(value, chance, mutated)))])


def test_both_edges_agree_on_a_sample(tmp_path: Path) -> None:
    edges = Edges(tmp_path)

    show_all(edges, tmp_path / "samples", sampled=5, found=0, mutated=4)

    assert [] == edges.differences()
    assert edges.count >= 300


KEYWORDS: list[tuple[Any, Any, str]] = [
    ({"type": "string"}, 1, "expected string"),
    ({"type": ["string", "array", "null"]}, 1, "expected array or null or string"),
    ({"const": 5.0}, 1, "expected 5"),
    ({"const": {"a": [1.0, "é"], "b": None}}, 1, 'expected {"a":[1,"é"],"b":null}'),
    ({"enum": ["a", 1, None, True, [2, "x"], {"k": "v"}]}, 5, 'expected one of a, 1, null, true, 2, x, {"k":"v"}'),
    ({"minimum": 0.00001}, 0, "expected at least 0.00001"),
    ({"const": 10**21}, 0, "expected 1e+21"),
    ({"minimum": 2**53}, 0, "expected at least 9007199254740992"),
    ({"maximum": 10}, 11, "expected at most 10"),
    ({"maximum": -1.5e-7}, 11, "expected at most -1.5e-7"),
    ({"exclusiveMinimum": 1.0}, 1, "expected more than 1"),
    ({"exclusiveMaximum": 2.0**53 + 2}, 1e17, "expected less than 9007199254740994"),
    ({"multipleOf": 0.01}, 0.001, "expected a multiple of 0.01"),
    ({"minLength": 1}, "", "expected at least 1 character"),
    ({"maxLength": 2}, "abc", "expected at most 2 characters"),
    ({"pattern": "^[a-z]{2}$"}, "abc", "expected text that matches ^[a-z]{2}$"),
    ({"minItems": 1}, [], "expected at least 1 item"),
    ({"maxItems": 0}, [1], "expected at most 0 items"),
    ({"uniqueItems": True}, [1, 1], "expected unique items"),
    ({"contains": {"type": "string"}}, [1], "expected matching items"),
    ({"contains": {"type": "string"}, "minContains": 2}, ["a"], "expected more matching items"),
    ({"contains": {"type": "string"}, "maxContains": 1}, ["a", "b"], "expected another number of matching items"),
    ({"minProperties": 1}, {}, "expected at least 1 property"),
    ({"maxProperties": 2}, {"a": 1, "b": 1, "c": 1}, "expected at most 2 properties"),
    ({"required": ["a b"]}, {}, "expected the property a b"),
    ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, "expected the property b"),
    ({"properties": {"a": {}}, "additionalProperties": False}, {"b": 1}, "expected no other properties"),
    ({"patternProperties": {"^a": {}}, "additionalProperties": False}, {"b": 1}, "expected no other properties"),
    ({"propertyNames": {"maxLength": 1}}, {"ab": 1}, "expected other property names"),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1, "expected one of the alternatives"),
    ({"oneOf": [{"type": "integer"}, {"minimum": 0}]}, 1, "expected exactly one of the alternatives"),
    ({"oneOf": SHAPE}, {"kind": "none"}, "expected exactly one of the alternatives"),
    ({"anyOf": SHAPE}, {"kind": "none"}, "expected one of the alternatives"),
    ({"not": {"type": "string"}}, "a", "expected a value allowed by not"),
    ({"properties": {"a": False}}, {"a": 1}, "expected a value allowed by properties"),
    ({"items": False}, [1], "expected a value allowed by items"),
    ({"if": {"type": "string"}, "then": False}, "a", "expected a value allowed by then"),
    ({"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": False}, {"b": 1}, "expected no other properties"),
    ({"prefixItems": [{}], "allOf": [True], "unevaluatedItems": False}, [1, 2], "expected no further items"),
]
"""A schema, a value that it refuses, and why; each keyword that can refuse."""


def test_both_edges_say_the_same_for_every_keyword(tmp_path: Path) -> None:
    edges = Edges(tmp_path)

    for at, (schema, value, _) in enumerate(KEYWORDS):
        edges.show(str(at), schema, [value])

    assert [] == edges.differences()
    assert [words for _, _, words in KEYWORDS] == edges.words


INTEGER, LONG, EVEN = {"type": "integer"}, {"minLength": 9}, {"multipleOf": 2}
MANY = {f"x{at}": at for at in range(99)}
"""Many more members than any schema here has names."""
MEMBERS = {
    "oneOf": [
        {"type": "object", "properties": {"kind": {"const": kind}, "a": INTEGER}, "required": ["kind"]} for kind in "kl"
    ]
}
FAULTS: dict[str, tuple[Any, Any, tuple[str, str]]] = {
    "properties come in the order of the schema": (
        {"properties": {"b": INTEGER, "a": INTEGER}},
        {"a": "", "b": ""},
        ("/b", "type"),
    ),
    "and where there are many others": (
        {"properties": {"c": INTEGER, "b": INTEGER, "a": INTEGER}},
        {**MANY, "a": "", "b": ""},
        ("/b", "type"),
    ),
    "before all others": (
        {"properties": {"b": INTEGER, "a": INTEGER}, "additionalProperties": False},
        {"c": 1, **MANY, "a": "", "b": ""},
        ("/b", "type"),
    ),
    "what is required before properties": (
        {"properties": {"a": INTEGER, "b": INTEGER}, "required": ["b"], "additionalProperties": False},
        {"a": ""},
        ("", "required"),
    ),
    "names that are indices first": (
        {"properties": {"b": INTEGER, "10": INTEGER, "9": INTEGER}},
        {"b": "", "10": "", "9": ""},
        ("/9", "type"),
    ),
    "of a closed object too": (
        {"properties": {"b": INTEGER, "4294967294": INTEGER}, "additionalProperties": False},
        {"0": 1, "b": "", "4294967294": ""},
        ("/4294967294", "type"),
    ),
    "but not those that only look like indices": (
        {"properties": {"b": INTEGER, "01": INTEGER, "-1": INTEGER, "1.0": INTEGER, "4294967295": INTEGER}},
        {"01": "", "-1": "", "1.0": "", "4294967295": "", "b": ""},
        ("/b", "type"),
    ),
    "patterns after properties": (
        {"properties": {"b": INTEGER}, "patternProperties": {"a": INTEGER, "^b": LONG}},
        {"a": "", "b": ""},
        ("/b", "type"),
    ),
    "patterns in the order of the schema": (
        {"patternProperties": {"2": LONG, "1": INTEGER, "b": EVEN}},
        {"1": "", "2": "", "b": 1},
        ("", "minLength"),
    ),
    "one after the other": (
        {"patternProperties": {"^b": LONG, "^a": EVEN, "^.$": INTEGER}},
        {"a": 1, "c": "", "bb": ""},
        ("", "minLength"),
    ),
    "additional ones in that of the object": (
        {"properties": {"z": True}, "additionalProperties": {"multipleOf": 2, "minLength": 9}},
        {"z": 1, "b": "", "a": 1},
        ("", "minLength"),
    ),
    "and after what a pattern matches": (
        {"patternProperties": {"^a": LONG}, "additionalProperties": EVEN},
        {"b": 1, "a": ""},
        ("", "minLength"),
    ),
    "first items first": ({"prefixItems": [True, INTEGER], "items": INTEGER}, [1, "", ""], ("/1", "type")),
    "what depends in the order of the schema": (
        {"dependentSchemas": {"b": {"required": ["c"]}, "a": {"minProperties": 3}}},
        {"a": 1, "b": 1},
        ("", "required"),
    ),
    "what a reference leads to before what is left": (
        {"$defs": {"A": {"properties": {"a": INTEGER}}}, "$ref": "#/$defs/A", "unevaluatedProperties": False},
        {"a": "", "b": 1},
        ("/a", "type"),
    ),
    "a property that is referred to": (
        {
            "$defs": {"A": {"type": "object", "properties": {"b/~": {"properties": {"d": INTEGER, "c": INTEGER}}}}},
            "additionalProperties": {"$ref": "#/$defs/A/properties/b~1~0"},
        },
        {"a": {"c": "", "d": ""}},
        ("", "type"),
    ),
    "a member of a union that is referred to": (
        {"properties": {"b": {"$ref": "#/oneOf/1"}}, **MEMBERS},
        {"kind": "k", "b": {"kind": "l", "a": ""}},
        ("/b/a", "type"),
    ),
    "and that union": (
        {"properties": {"b": {"$ref": "#/oneOf/1"}}, **MEMBERS},
        {"kind": "k", "a": "", "b": {"kind": "l"}},
        ("/a", "type"),
    ),
}
"""Schemas, values with several faults, and which of them is the first."""


def test_both_edges_name_the_first_fault_in_the_order_of_the_schema(tmp_path: Path) -> None:
    edges = Edges(tmp_path)

    for name, (schema, value, _) in FAULTS.items():
        edges.show(name, schema, [value])

    assert [] == edges.differences()
    assert {name: fault for name, (_, _, fault) in FAULTS.items()} == dict(zip(FAULTS, edges.faults, strict=True))


def test_both_edges_say_the_same_of_a_format(tmp_path: Path) -> None:
    endpoints = read(tmp_path, {"test.json": payload({"format": "date"})}, format_assertion=True)
    codec = Codec(endpoint(run(emit(tmp_path / "generated", endpoints)["test"])), side="client")
    client = Client(tmp_path / "client")
    client.add(endpoints)
    client.ask("test", "x")

    fault = {"pointer": "", "keyword": "format", "expected": "date", "message": "expected text in the format date"}
    assert [fault] == client.answers(words=True)
    assert tuple(fault.values()) == _fault(codec, "x")


@pytest.mark.slow
def test_both_edges_agree_on_generated_values_and_their_mutants(tmp_path: Path) -> None:
    edges = Edges(tmp_path)

    show_all(edges, tmp_path / "samples", sampled=80, found=80, mutated=8)

    assert [] == edges.differences()
    assert edges.count >= 12_000


@pytest.mark.slow
def test_both_edges_agree_on_random_schemas(tmp_path: Path) -> None:
    edges, chance = Edges(tmp_path), random.Random(11)

    for at, schema in enumerate(sound(schemas(chance) for _ in range(250))):
        try:
            edges.show(f"schema {at}", schema, list(sound(nearly(schema, chance, 40))))
        except SchemaProblems:
            continue

    assert [] == edges.differences()
    assert edges.count >= 5_000


@pytest.mark.slow
def test_both_edges_agree_on_mutants_of_the_official_suite(tmp_path: Path) -> None:
    edges, chance = Edges(tmp_path), random.Random(3)

    for case in cases():
        values = [test["data"] for test in case.tests]
        some = [*values, *(one for value in values for one in sound(mutants(value, chance, 10)))]
        try:
            edges.show(case.name, case.schema, some)
        except SchemaProblems:
            continue

    assert [] == edges.differences()
    assert edges.count >= 12_000
