"""Types of generated models: names, arrays and unions of schemas as they are in the wild, for mypy and pyright."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import MISSING, ValidationError

from tornado_ws import InvalidFrame
from tornado_ws.validation.codec import Codec

from ....support.generated import ROOT, payload
from ....support.package import endpoint, lint, module, pyright, run, typecheck, write

PAIR = {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False, "minItems": 2}
WILD = {
    "type": "object",
    "properties": {
        "warning": {"$ref": "#/$defs/Warning"},
        "timeout": {"$ref": "#/$defs/TimeoutError"},
        "exception": {"$ref": "#/$defs/Exception"},
        "pairs": {"type": "array", "items": PAIR},
        "table": {"type": "object", "additionalProperties": PAIR},
        "pair_of_pairs": {"type": "array", "prefixItems": [PAIR, PAIR], "items": False, "minItems": 2},
        "pair_or_list": {"anyOf": [PAIR, {"type": "array", "items": {"type": "integer"}}, {"type": "null"}]},
        "lists": {"$ref": "#/$defs/Lists"},
        "maps": {"$ref": "#/$defs/Maps"},
    },
}
DEFINITIONS = {
    "Warning": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Warning"}}},
    "TimeoutError": {"anyOf": [{"$ref": "#/$defs/Warning"}, {"type": "integer"}]},
    "Exception": {"enum": ["a", "b"]},
    "Lists": {"type": "array", "items": {"$ref": "#/$defs/Lists"}},
    "Maps": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Maps"}},
}
VALUE = {
    "warning": {"next": {}},
    "timeout": 1,
    "exception": "a",
    "pairs": [[1, "a"]],
    "table": {"x": [1, "a"]},
    "pair_of_pairs": [[1, "a"], [2, "b"]],
    "pair_or_list": [1, 2, 3],
    "lists": [[], [[]]],
    "maps": {"a": {"b": {}}},
}


def test_definitions_named_like_exceptions_nested_tuples_and_arrays_of_themselves(tmp_path: Path) -> None:
    it = module(tmp_path, {"test.json": payload(WILD, **{"$defs": DEFINITIONS})}, models="pydantic")

    data = Codec(endpoint(it), side="client").decode(json.dumps({"type": "it", "data": VALUE})).data

    assert (((1, "a"), (2, "b")), [(1, "a")]) == (data.pair_of_pairs, data.pairs)
    assert [1, 2, 3] == data.pair_or_list
    assert VALUE == json.loads(Codec(endpoint(it)).encode(data))["data"]


@pytest.mark.parametrize("models", ["msgspec", "pydantic"])
def test_message_may_have_the_name_of_its_endpoint(tmp_path: Path, models: Any) -> None:
    record = {"type": "object", "properties": {"a": {"type": "integer"}}}
    messages = {"t": {"payload": record}, "t_handler": {}}
    (path,) = write(tmp_path, {"t.json": {"kind": "ephemeral", "serverMessages": messages}}, models=models).values()
    it = run(path)

    assert b'{"type":"t","data":{"a":1}}' == Codec(it.T).encode(it.TMessage(a=1))
    assert b'{"type":"t_handler"}' == Codec(it.T).encode(it.THandlerMessage())
    assert it.THandler.endpoint is it.T


EVENT = {
    "type": "object",
    "properties": {
        "at": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date", "default": "2026-01-01"},
        "time": {"type": ["string", "null"], "format": "time"},
        "id": {"$ref": "#/$defs/Id"},
        "ids": {"type": "array", "items": {"type": "string", "format": "uuid", "maxLength": 40}},
        "mail": {"type": "string", "format": "email"},
        "site": {"type": "string", "format": "uri", "maxLength": 40},
        "lasts": {"type": "string", "format": "duration"},
    },
}
ID = "8c0e0f5a-3a3b-4a0e-9d5e-2f1f3c1f7b11"
EVENT_VALUE = {
    "at": "2026-01-02T03:04:05Z",
    "day": "2026-01-02",
    "time": "10:00:00Z",
    "id": ID,
    "ids": [ID],
    "mail": "a@B.example",
    "site": "http://B.example",
    "lasts": "P1M",
}


def test_formats_become_types_that_represent_each_value(tmp_path: Path) -> None:
    files = {"test.json": payload(EVENT, **{"$defs": {"Id": {"type": "string", "format": "uuid"}}})}
    (path,) = write(tmp_path, files, models="pydantic", formats=True, typed_formats=True).values()
    it = run(path)
    codec = Codec(endpoint(it), side="client")

    data = codec.decode(json.dumps({"type": "it", "data": EVENT_VALUE})).data

    lint(path.parent)
    typecheck(path)
    assert datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC) == data.at
    assert (date(2026, 1, 2), UUID(ID), [UUID(ID)]) == (data.day, data.id, data.ids)
    assert ("a@B.example", "http://B.example", "P1M") == (data.mail, data.site, data.lasts)
    assert EVENT_VALUE == json.loads(Codec(endpoint(it)).encode(data))["data"] == json.loads(data.model_dump_json())
    assert it.It(at=data.at, id=UUID(ID)).day is MISSING
    with pytest.raises(InvalidFrame, match="date-time"):
        codec.decode('{"type": "it", "data": {"at": "2026-02-30T00:00:00Z"}}')
    with pytest.raises(ValidationError, match="timezone"):
        it.It(at=datetime(2026, 1, 1))


USES = """
import typing
from generated.test import It, Order, WarningData as Warning
from pydantic import MISSING

order = Order(id=1, warning=Warning())
Order(id=1, note=None)  # E
Order(id=1, gift=None)
Order(id="1")  # E
message = It.of(order)
It.of(Warning())  # E
if order.note is not MISSING:
    order.note.upper()
order.note.upper()  # E
class Rush(Order, frozen=True):
    priority: int = 3
It.of(Rush(id=1))
"""
ORDER = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "note": {"type": "string", "maxLength": 5},
        "gift": {"type": ["string", "null"]},
        "warning": {"$ref": "#/$defs/Warning"},
    },
    "required": ["id"],
}


@pytest.mark.slow
def test_type_checkers_reject_null_for_properties_that_may_only_be_absent(tmp_path: Path) -> None:
    files = {"test.json": payload({"$ref": "#/$defs/Order"}, **{"$defs": {**DEFINITIONS, "Order": ORDER, "It2": WILD}})}
    paths = write(tmp_path, files, models="pydantic")
    uses = tmp_path / "uses.py"
    uses.write_text(USES, encoding="utf-8")
    expected = [number for number, line in enumerate(USES.splitlines(), 1) if "# E" in line]
    typecheck(*paths.values())
    lint(tmp_path / "generated")
    mypy = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--hide-error-context", "uses.py"]

    checked = subprocess.run(
        mypy, cwd=tmp_path, env={"MYPYPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    errors = pyright(tmp_path, [*(tmp_path / "generated").glob("*.py")], others=[uses])

    lines = [line for line in checked.stdout.splitlines() if ": error:" in line]
    assert expected == [int(line.split(":")[1]) for line in lines], checked.stdout
    assert {uses} == {error.path for error in errors}, errors
    assert expected == sorted({error.line for error in errors}), errors


@pytest.mark.slow
def test_type_checkers_accept_typed_undeclared_properties_and_an_endpoint_without_messages(tmp_path: Path) -> None:
    order = {"type": "object", "properties": {"a": {}}, "additionalProperties": {"type": "integer"}}
    files = {"test.json": payload(order), "empty.json": {"kind": "ephemeral"}}

    paths = write(tmp_path, files, models="pydantic")

    typecheck(*paths.values())
    assert [] == pyright(tmp_path, paths.values())
    assert {"b": 1} == run(paths["test"]).It.model_validate({"b": 1}).model_extra
    with pytest.raises(ValidationError):
        run(paths["test"]).It.model_validate({"b": "x"})


@pytest.mark.slow
def test_type_checkers_accept_empty_defaults_of_arrays_and_objects(tmp_path: Path) -> None:
    item = {"type": "object", "properties": {"a": {"type": "integer"}}}
    properties = {
        "items": {"type": "array", "items": item, "default": []},
        "others": {"type": "object", "additionalProperties": item, "default": {}},
    }

    paths = write(tmp_path, {"test.json": payload({"type": "object", "properties": properties})}, models="pydantic")

    lint(tmp_path / "generated")
    typecheck(*paths.values())
    assert [] == pyright(tmp_path, paths.values())
    it = run(paths["test"])
    assert ([], {}) == (it.It().items, it.It().others)
    assert it.It().items is not it.It().items
