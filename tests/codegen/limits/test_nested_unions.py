"""Unions that contain themselves, and the number of their alternatives that may both be valid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen import model
from codegen.limits.nested_unions import count_judged, nested_unions

from ..support.generated import payload, read

NODE = {"$ref": "#/$defs/Node"}
OTHER = {"$ref": "#/$defs/Other"}


def endpoint(folder: Path, schema: Any, **definitions: Any) -> model.Endpoint:
    (found,) = read(folder, {"test.json": payload(schema, **{"$defs": definitions})})
    return found


def record(*required: str, closed: bool = False, **properties: Any) -> dict[str, Any]:
    more = {"additionalProperties": False} if closed else {}
    return {"type": "object", "properties": properties, "required": [*required], **more}


def either(*alternatives: Any) -> dict[str, Any]:
    return {"anyOf": [*alternatives]}


@pytest.mark.parametrize(
    ("definitions", "expected"),
    [
        ({"Node": either(record(n=NODE), record(a=NODE))}, 1),
        ({"Node": record(n={"items": either(OTHER, {"type": "string"})}), "Other": record(n=NODE)}, 1),
        ({"Node": either(record(n=OTHER), record("a")), "Other": either(record("b"), record(n=NODE))}, 2),
        ({"Node": either(record(n=OTHER), record("a")), "Other": record(n=OTHER)}, 0),
        ({"Node": record(n=NODE, a=either(record("a"), record("b")))}, 0),
        ({"Node": either(record("k", k={"const": 1}, n=NODE), record("k", k={"const": 2}, n=NODE))}, 1),
        ({"Node": either(record("a"), record("b"))}, 0),
    ],
    ids=str,
)
def test_unions_that_contain_themselves_are_found(tmp_path: Path, definitions: Any, expected: int) -> None:
    found = endpoint(tmp_path, NODE, **definitions)

    assert len(nested_unions(found.validators)) == expected


@pytest.mark.parametrize(
    ("alternatives", "expected"),
    [
        ([record("a"), record("b")], 2),
        ([record("a", a=True, closed=True), record("b", b=True, closed=True)], 0),
        ([record("a", a=True, closed=True), record("b", b=True)], 0),
        ([record("a", a=True, closed=True), record("b", b=True), record("c")], 2),
        ([record(a=True, closed=True), record(b=True, closed=True)], 2),
        ([record("a", a=True, b=True, closed=True), record("b", a=True, b=True, closed=True)], 2),
        ([record("a", a=True, closed=True) | {"patternProperties": {"^b": True}}, record("b")], 2),
        ([{"allOf": [record("a", a=True, closed=True), OTHER]}, record("b", b=True)], 0),
        ([record("a")], 0),
    ],
    ids=str,
)
def test_alternatives_that_may_both_be_valid_are_counted(tmp_path: Path, alternatives: Any, expected: int) -> None:
    found = endpoint(tmp_path, {"oneOf": [*alternatives, {"type": "string"}]}, Other=record("a"))
    union = found.server[0].payload and found.server[0].payload.validator
    while isinstance(union, model.Call):
        union = found.validators[union.name]
    assert isinstance(union, model.ExactlyOne)

    assert count_judged(union.validators[:-1], found.validators) == expected
