"""Types of alternatives that a tag in Python selects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from msgspec import inspect

from codegen.soundness.alternative_types import AlternativeTypes
from tornado_ws import InvalidFrame
from tornado_ws.endpoint import Tag
from tornado_ws.validation.codec import Codec
from tornado_ws.validation.untagged_unions import untagged

from ..support.generated import payload
from ..support.package import endpoint, module

INTEGER, TEXT = {"type": "integer"}, {"type": "string"}


def record(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties]}


def constant(value: Any) -> dict[str, Any]:
    return {"const": value}


UNIONS: dict[str, list[Any]] = {
    "booleans": [record(k=constant(True), n=INTEGER), record(k=constant(False), m=TEXT)],
    "booleans and null": [record(k=constant(value), n=INTEGER) for value in (True, False, None)],
    "several constants": [record(k={"enum": [True, 1.5]}, n=INTEGER), record(k={"enum": [None, False]}, n=TEXT)],
    "two tags": [
        record(k=constant(True), kind=constant(False), n=INTEGER),
        record(k=constant(True), kind=constant(None), n=TEXT),
        record(k=constant(False), n=INTEGER),
    ],
    "closed": [record(k=constant(value), n=INTEGER) | {"additionalProperties": False} for value in (True, False)],
}
VALUES = [
    {"k": k, **kind, **rest}
    for k in (True, False, None, 1, 1.0, 0, 1.5, "a", [])
    for kind in ({}, {"kind": False}, {"kind": None}, {"kind": 1})
    for rest in ({}, {"n": 1}, {"n": "a"}, {"m": "a"}, {"n": 1, "z": 1})
]


@pytest.mark.parametrize("name", UNIONS)
def test_constants_of_the_tag_need_no_check_and_the_verdict_stays(name: str, tmp_path: Path) -> None:
    schema = {"oneOf": UNIONS[name]}
    loaded = endpoint(module(tmp_path, {"test.json": payload(schema)}))
    described = loaded.server[0].payload
    assert described is not None
    codec, is_valid = Codec(loaded, side="client"), jsonschema_rs.validator_for(schema).is_valid
    verdicts: list[bool] = []

    for value in ({}, 1, [], *VALUES):
        try:
            codec.decode(json.dumps({"type": "it", "data": value}))
            verdicts.append(True)
        except InvalidFrame:
            verdicts.append(False)
        assert verdicts[-1] is is_valid(value), value

    assert {*verdicts} == {True, False}
    assert described.residual_checks == ()


class First(msgspec.Struct):
    k: bool | None
    kind: bool


class Second(msgspec.Struct):
    k: None
    kind: bool


def test_only_the_properties_that_always_select_have_no_other_values() -> None:
    tag = Tag("k", (((True,), 0), ((None,), Tag("kind", (((False,), 0), ((True,), 1))))))
    union = untagged("Either", __name__, ("First", "/a"), ("Second", "/b"), tag=tag)

    first, second = (AlternativeTypes().of(union, position) for position in (0, 1))

    assert isinstance(first, inspect.StructType)
    assert isinstance(second, inspect.StructType)
    assert [inspect.LiteralType((True, None)), inspect.BoolType()] == [field.type for field in first.fields]
    assert [inspect.LiteralType((None,)), inspect.LiteralType((True,))] == [field.type for field in second.fields]
