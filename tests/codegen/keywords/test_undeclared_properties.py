"""Rejection of undeclared properties by the setting ``unknown``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from codegen import model
from tornado_ws import InvalidFrame
from tornado_ws.validation.codec import Codec

from ..support.generated import Client, payload, read
from ..support.package import emit, endpoint, run

INTEGER = {"type": "integer"}
BASE = {"$ref": "#/$defs/Base"}
EXTENDED = {"allOf": [BASE, {"properties": {"b": INTEGER}}]}


def record(*names: str, **keywords: Any) -> dict[str, Any]:
    return {"type": "object", "properties": dict.fromkeys(names, INTEGER), **keywords}


def part(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def many(schema: Any) -> dict[str, Any]:
    return {"type": "array", "items": schema}


def kind(name: str, *names: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"kind": {"const": name}, **dict.fromkeys(names, INTEGER)},
        "required": ["kind"],
    }


@pytest.mark.parametrize(
    ("schema", "accepted", "rejected"),
    [
        (record("a"), [{}, {"a": 1}], [{"z": 1}]),
        (BASE, [{"a": 1}], [{"z": 1}, {"b": 1}]),
        (EXTENDED, [{"a": 1, "b": 1}], [{"z": 1}]),
        (
            {"type": "object", "properties": {"x": BASE, "y": EXTENDED}},
            [{"x": {"a": 1}, "y": {"b": 1}}],
            [{"x": {"b": 1}}],
        ),
        ({"type": "array", "items": BASE}, [[{"a": 1}]], [[{"z": 1}]]),
        ({"type": "object", "additionalProperties": BASE}, [{"x": {"a": 1}}], [{"x": {"z": 1}}]),
        ({"oneOf": [kind("x"), kind("y", "n")]}, [{"kind": "y", "n": 1}], [{"kind": "x", "n": 1}]),
        (
            {"anyOf": [record("a"), {"type": "array", "items": record("b")}]},
            [[{"b": 1}], {"a": 1}],
            [[{"a": 1}], {"b": 1}],
        ),
        (
            record("a") | {"oneOf": [kind("x", "b"), kind("y", "c")]},
            [{"a": 1, "kind": "x", "b": 1}],
            [{"kind": "x", "c": 1}],
        ),
        (
            record("a") | {"if": {"required": ["a"]}, "then": record("b")},
            [{"a": 1, "b": 1}],
            [{"a": 1, "z": 1}, {"b": 1}],
        ),
        ({"$ref": "#/$defs/Node"}, [{"next": {"next": {}}}], [{"next": {"z": 1}}, {"z": 1}]),
        (record("a") | {"not": BASE | {"required": ["b"]}}, [{"a": 1}], [{"z": 1}]),
        ({"allOf": [record("a")], "description": "text"}, [{"a": 1}], [{"z": 1}]),
        (BASE | {"minProperties": 1, "x-note": 1}, [{"a": 1}], [{"z": 1}]),
        ({"allOf": [part(x=record("a")), part(x=record("b"))]}, [{"x": {"a": 1, "b": 1}}], [{"x": {"z": 1}}]),
        (
            {"allOf": [part(x=part(y=record("a"))), part(x=part(y=record("b"), n=INTEGER))]},
            [{"x": {"y": {"a": 1, "b": 1}, "n": 1}}],
            [{"x": {"z": 1}}, {"x": {"y": {"z": 1}}}],
        ),
        (
            part(x=record("a")) | {"anyOf": [part(x=record("b")), record("c")]},
            [{"x": {"a": 1, "b": 1}}],
            [{"x": {"z": 1}}],
        ),
        ({"allOf": [many(record("a")), many(record("b"))]}, [[{"a": 1, "b": 1}]], [[{"z": 1}]]),
        (
            {"allOf": [part(x=many(record("a"))), part(x=many(record("b")))]},
            [{"x": [{"a": 1, "b": 1}]}],
            [{"x": [{"z": 1}]}],
        ),
        (
            part(xa=record("a"), b=record("b")) | {"patternProperties": {"^x": record("c")}},
            [{"xa": {"a": 1, "c": 1}, "b": {"b": 1}}],
            [{"xa": {"z": 1}}, {"b": {"c": 1}}],
        ),
        (
            {"allOf": [part(x=record("a")), {"type": "object", "additionalProperties": record("b")}]},
            [{"x": {"a": 1, "b": 1}}],
            [{"x": {"z": 1}}],
        ),
        (
            {"allOf": [{"$ref": "#/$defs/Part"}, part(x=record("b") | {"properties": {"c": BASE}})]},
            [{"x": {"a": 1, "c": {"a": 1}}}],
            [{"x": {"z": 1}}, {"x": {"c": {"z": 1}}}],
        ),
        ({"$ref": "#/$defs/More"}, [{"n": {"n": {}, "m": 1}, "m": 1}], [{"n": {"z": 1}}, {"n": {"n": {"z": 1}}}]),
        ({"allOf": [part(x=record("a")), part(x={"additionalProperties": True})]}, [{"x": {"z": 1}}], [{"z": 1}]),
    ],
)
def test_undeclared_properties_are_rejected_in_both_languages(
    tmp_path: Path, schema: Any, accepted: list[Any], rejected: list[Any]
) -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}
    less = part(n={"$ref": "#/$defs/Less"})
    more = {"allOf": [{"$ref": "#/$defs/Less"}, part(n={"$ref": "#/$defs/More"}, m=INTEGER)]}
    recursive = {"Node": node, "Less": less, "More": more}
    definitions = {"Base": record("a"), "Extended": EXTENDED, "Part": part(x=record("a")), **recursive}
    (found,) = read(tmp_path / "schemas", {"test.json": payload(schema, **{"$defs": definitions})}, unknown="forbid")
    codec = Codec(endpoint(run(emit(tmp_path / "generated", [found])["test"])), side="client")
    client = Client(tmp_path / "client")
    client.add([found])
    for value in (*accepted, *rejected):
        client.queue("test", value)
    issues = client.results()

    errors = [_error(codec, value) for value in (*accepted, *rejected)]

    assert [None] * len(accepted) == errors[: len(accepted)]
    assert None not in errors[len(accepted) :]
    assert [None if issue is None else (issue["keyword"], issue["pointer"]) for issue in issues] == errors


def _error(codec: Codec, value: Any) -> tuple[str | None, str | None] | None:
    try:
        codec.decode(f'{{"type":"it","data":{json.dumps(value)}}}')
    except InvalidFrame as invalid:
        return invalid.error.keyword, invalid.error.pointer
    return None


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {},
        record("a", additionalProperties=True),
        record("a", patternProperties={"^z": INTEGER}),
        record("a", unevaluatedProperties=True),
        {"allOf": [record("a"), {"additionalProperties": True}]},
    ],
)
def test_objects_that_are_open_by_statement_or_declare_nothing_stay_open(tmp_path: Path, schema: Any) -> None:
    (found,) = read(tmp_path, {"test.json": payload(schema)}, unknown="forbid")

    assert not any(isinstance(one, model.Record) and one.closed for one in found.definitions)


@pytest.mark.parametrize(("unknown", "keeps"), [("ignore", False), ("keep", True), ("forbid", False)])
def test_endpoint_overrides_the_setting(tmp_path: Path, unknown: str, keeps: bool) -> None:
    files = {"test.json": payload(record("a"), unknown=unknown)}
    for setting in ("ignore", "keep", "forbid"):
        (found,) = read(tmp_path, files, unknown=setting)
        (it,) = found.definitions

        assert isinstance(it, model.Record)
        assert (keeps, unknown == "forbid", unknown) == (it.keeps, it.closed, found.options.unknown)
        assert keeps is (it.rest is not None)
