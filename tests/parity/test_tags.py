"""Both sides select the member of a union by its tag, and report the errors of this member."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any, Literal

import jsonschema
import msgspec
import pytest

from tornado_ws.validation.codec import Codec

from ..codegen.support.generated import payload
from ..codegen.support.package import accepts, endpoint, module
from .sides import BothSides

INTEGER = {"type": "integer"}
CONSTANTS: tuple[Any, ...] = (0, 1, 2, True, False, None, "", "a", "0", 1.5, [], {})
VALUES: list[Any] = [
    *({"op": op, **others} for op in CONSTANTS for others in ({}, {"x": 1}, {"x": ""}, {"sub": 1}, {"sub": True})),
    *({"op": op, "x": 1, "sub": sub} for op in (0, True, "a") for sub in CONSTANTS),
    *({"a": 1}, [], None, "a", 0, {"op": 1.0, "x": 2.0}, {"op": -0.0}),
]


def member(op: Any, *required: str, **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"op": op, "x": INTEGER, **properties}, "required": ["op", *required]}
    return schema | ({"additionalProperties": False} if "x" in required else {})


def const(*values: Any) -> list[dict[str, Any]]:
    return [{"const": value} for value in values]


UNIONS: dict[str, list[dict[str, Any]]] = {
    "texts": [*map(member, const("", "a", "0"))],
    "integers": [member({"const": 0}, "x"), *map(member, const(1, 2))],
    "booleans": [member({"const": True}, "x"), member({"const": False})],
    "null": [member({"const": None}, "x"), member({"const": 0}), member({"const": "a"})],
    "mixed": [*map(member, const(1, True, "a", None, 1.5))],
    "several": [member({"enum": [0, "a", True]}, "x"), member({"enum": [1, None]})],
    "nested": [
        member({"const": 0}, "sub", sub={"const": 1}),
        member({"const": 0}, "sub", sub={"enum": [True, "a"]}),
        member({"enum": ["a", True]}, "x"),
    ],
    "in all of": [{"allOf": [member(op), {"required": ["x"]}]} for op in const(True, 1)],
    "in a union": [{"oneOf": [*map(member, const(0, True))]}, member({"const": "a"}, "x")],
}


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
def test_errors_of_the_selected_member_are_equal(tmp_path: Path, keyword: str) -> None:
    sides = BothSides(tmp_path)

    for name, union in UNIONS.items():
        sides.add(name, {keyword: union}, VALUES)
        sides.add(f"items of {name}", {"items": {keyword: union}}, [[value] for value in VALUES])

    assert [] == sides.differences()


@pytest.mark.parametrize("name", UNIONS)
def test_verdict_does_not_depend_on_the_tag(tmp_path: Path, name: str) -> None:
    schema = {"type": "array", "items": {"oneOf": UNIONS[name]}}
    codec = Codec(endpoint(module(tmp_path, {"test.json": payload(schema)})), side="client")
    validator = jsonschema.Draft202012Validator(schema)
    pairs = [[one, other] for one, other in itertools.pairwise(VALUES)]

    found = [accepts(codec, value) for value in [*([one] for one in VALUES), *pairs]]

    assert [validator.is_valid(value) for value in [*([one] for one in VALUES), *pairs]] == found
    assert {True, False} == {*found}


@pytest.mark.parametrize("name", UNIONS)
def test_decoded_members_keep_their_tag(tmp_path: Path, name: str) -> None:
    schema = {"type": "array", "items": {"oneOf": UNIONS[name]}}
    codec = Codec(endpoint(module(tmp_path, {"test.json": payload(schema)})), side="client")
    valid = [value for value in VALUES if jsonschema.Draft202012Validator(schema).is_valid([value])]

    decoded = [codec.decode(json.dumps({"type": "it", "data": [value]})).data[0] for value in valid]

    assert [[value["op"]] for value in valid] == [[msgspec.to_builtins(value)["op"]] for value in decoded]


@pytest.mark.parametrize("models", ["msgspec", "pydantic"])
def test_numbers_beyond_64_bits_select_the_member(tmp_path: Path, models: Literal["msgspec", "pydantic"]) -> None:
    numbers = (2**63, 1e300, -(2**63), 1)
    schema = {"oneOf": [*map(member, const(*numbers))]}
    codec = Codec(endpoint(module(tmp_path, {"test.json": payload(schema)}, models=models)), side="client")

    assert [True] * len(numbers) == [accepts(codec, {"op": number, "x": 1}) for number in numbers]
    assert not accepts(codec, {"op": 2**63, "x": ""})
    assert not accepts(codec, {"op": 2})
