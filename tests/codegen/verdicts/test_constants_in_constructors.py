"""Constants of objects: no arguments of a constructor, whichever unions contain the object."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from codegen.emit.python import Models
from tornado_ws import InvalidFrame
from tornado_ws.validation.codec import Codec

from ..support.generated import payload
from ..support.package import endpoint, module, run_all, write

MODELS: tuple[Models, ...] = ("msgspec", "pydantic")
INTEGER = {"type": "integer"}


def constant(values: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """Return the schema of an object with constants."""
    constants = {name: {"const": value} for name, value in values.items()}
    return {"type": "object", "properties": {**constants, **properties}, "required": [*values, *properties]}


SHARED = {
    "$defs": {
        "Ping": constant({"jsonrpc": "2.0", "method": "ping"}, id=INTEGER),
        "Pong": constant({"jsonrpc": "2.0", "method": "pong"}, id=INTEGER),
        "Circle": constant({"kind": "circle"}, r=INTEGER),
        "Square": constant({"kind": "square"}, side=INTEGER),
        "Code": constant({"op-code": 7}, data=INTEGER),
        "Alias": {
            "type": "object",
            "properties": {"kind": {"$ref": "#/$defs/Kind"}, "x": INTEGER},
            "required": ["kind", "x"],
        },
        "Kind": {"enum": ["alias"]},
    }
}
EXPECTED: dict[str, dict[str, Any]] = {
    "Ping": {"jsonrpc": "2.0", "method": "ping", "id": 1},
    "Circle": {"kind": "circle", "r": 1},
    "Code": {"op-code": 7, "data": 1},
    "Alias": {"kind": "alias", "x": 1},
}


def uses(*names: str) -> dict[str, Any]:
    """Return the payload of an endpoint that refers to shared definitions."""
    references = [{"$ref": f"shared-types.json#/$defs/{name}"} for name in names]
    return payload(references[0] if len(names) == 1 else {"anyOf": references})


UNIONS = {"both.json": uses("Ping", "Pong"), "shapes.json": uses("Circle", "Square", "Code", "Alias")}


@pytest.mark.parametrize("unions", [{}, UNIONS], ids=["alone", "in unions"])
@pytest.mark.parametrize("models", MODELS)
def test_constructor_of_a_shared_class_depends_only_on_its_definition(
    tmp_path: Path, models: Models, unions: dict[str, Any]
) -> None:
    files = {f"one-{name.lower()}.json": uses(name) for name in EXPECTED}
    write(tmp_path, {"shared-types.json": SHARED, **files, **unions}, models=models)
    modules = run_all(tmp_path / "generated")

    for name, expected in EXPECTED.items():
        cls, module = vars(modules["shared"])[name], modules[f"one-{name.lower()}".replace("-", "_")]
        server, client = Codec(endpoint(module)), Codec(endpoint(module), side="client")
        (argument,) = expected.keys() & {"id", "r", "data", "x"}
        value = cls(**{argument: 1})

        assert expected == json.loads(server.encode(module.It.of(value)))["data"]
        assert expected == json.loads(server.encode(module.It(**{argument: 1})))["data"]
        assert value == client.decode(json.dumps({"type": "it", "data": expected})).data
        assert value == copy.copy(value) == pickle.loads(pickle.dumps(value))
        for constant_name in expected.keys() - {argument}:
            others = {name: value for name, value in expected.items() if name != constant_name}
            for broken in (others, {**others, constant_name: "other"}):
                with pytest.raises(InvalidFrame):
                    client.decode(json.dumps({"type": "it", "data": broken}))


def test_constants_are_attributes_of_class_and_instance(tmp_path: Path) -> None:
    write(tmp_path, {"shared-types.json": SHARED, "one.json": uses("Ping"), "two.json": uses("Code")})
    shared = run_all(tmp_path / "generated")["shared"]

    assert ("2.0", "ping", 7) == (shared.Ping.jsonrpc, shared.Ping(id=1).method, shared.Code(data=1).op_code)
    match shared.Ping(id=1):
        case shared.Ping(method="ping", id=number):
            assert number == 1
        case _:
            pytest.fail("expected a match")


@pytest.mark.parametrize("models", MODELS)
@pytest.mark.parametrize(("first", "second"), [(1, True), (False, 0), ([1], [True]), ({"a": 0}, {"a": False})])
def test_alternatives_that_are_equal_only_in_python_are_two(
    tmp_path: Path, models: Models, first: Any, second: Any
) -> None:
    either = {"anyOf": [{"const": first}, {"const": second}]}
    files = {"test.json": payload({"type": "object", "properties": {"v": either}, "required": ["v"]})}
    codec = Codec(endpoint(module(tmp_path, files, models=models)), side="client")

    received = [codec.decode(json.dumps({"type": "it", "data": {"v": value}})).data for value in (first, second)]

    assert [repr(first), repr(second)] == [repr(one.v) for one in received]
