"""Python attributes in snake_case: the messages stay the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from codegen.emit.python import Models
from tornado_ws.validation.codec import Codec

from ..support.generated import payload
from ..support.package import accepts, endpoint, lint, module, typecheck, write

TEXT = {"type": "string"}
ADDRESS = {
    "type": "object",
    "properties": {"streetName": {"type": "string", "pattern": "^[A-Z]"}, "class": TEXT},
    "required": ["streetName"],
}
SCHEMA: Any = {
    "type": "object",
    "properties": {
        "userId": TEXT,
        "user_id": TEXT,
        "homeAddress": ADDRESS,
        "HTTPStatus": {"type": "integer", "default": 200},
        "firstName": TEXT,
        "lastName": TEXT,
        "nextPage": {"$ref": "#/$defs/Page"},
    },
    "required": ["userId", "homeAddress"],
    "dependentRequired": {"firstName": ["lastName"]},
    "additionalProperties": {"type": "integer"},
}
PAGE = {
    "oneOf": [
        {"type": "object", "properties": {"pageKind": {"const": kind}, "pageSize": {"type": "integer"}}}
        | {"required": ["pageKind"]}
        for kind in ("firstPage", "lastPage")
    ]
}
VALUE = {
    "userId": "u",
    "user_id": "v",
    "homeAddress": {"streetName": "A", "class": "c"},
    "HTTPStatus": 404,
    "firstName": "F",
    "lastName": "L",
    "nextPage": {"pageKind": "lastPage", "pageSize": 3},
    "otherName": 7,
}
MODELS = pytest.mark.parametrize("models", ["msgspec", "pydantic"])


def _document() -> dict[str, Any]:
    return payload(SCHEMA, **{"$defs": {"Page": PAGE}})


@MODELS
def test_attributes_have_snake_case_names_and_messages_keep_theirs(tmp_path: Path, models: Models) -> None:
    made = module(tmp_path, {"test.json": _document()}, models=models, snake_case=True)
    loaded = endpoint(made)

    got = Codec(loaded, side="client").decode(json.dumps({"type": "it", "data": VALUE})).data

    assert ("v", "u") == (got.user_id, got.user_id_)
    assert ("A", "c") == (got.home_address.street_name, got.home_address.class_)
    assert (404, "F", "L") == (got.http_status, got.first_name, got.last_name)
    assert 3 == got.next_page.page_size
    assert VALUE == json.loads(Codec(loaded).encode(got))["data"]


def test_default_object_has_the_names_of_the_attributes(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"home": {**ADDRESS, "default": {"streetName": "A", "class": "c"}}}}

    made = module(tmp_path, {"test.json": payload(schema)}, snake_case=True)

    assert made.ItHome(street_name="A", class_="c") == made.It().home


@MODELS
def test_verdicts_are_those_of_the_schema(tmp_path: Path, models: Models) -> None:
    codec = Codec(endpoint(module(tmp_path, {"test.json": _document()}, models=models, snake_case=True)), side="client")

    assert accepts(codec, VALUE)
    assert not accepts(codec, {**VALUE, "homeAddress": {"streetName": "a"}})
    assert not accepts(codec, {"userId": "u", "homeAddress": {"streetName": "A"}, "firstName": "F"})
    assert not accepts(codec, {**VALUE, "nextPage": {"pageKind": "noPage"}})
    assert not accepts(codec, {"user_id": "u", "homeAddress": {"streetName": "A"}})


@MODELS
def test_generated_module_passes_linter_and_type_checker(tmp_path: Path, models: Models) -> None:
    paths = write(tmp_path, {"test.json": _document()}, models=models, snake_case=True)

    lint(tmp_path / "generated")
    typecheck(*paths.values())


@MODELS
def test_params_are_read_by_their_names_in_the_path(tmp_path: Path, models: Models) -> None:
    params = {"type": "object", "properties": {"roomId": {"type": "integer"}}, "required": ["roomId"]}
    document = {"kind": "persistent", "path": "/rooms/{roomId}", "params": params, "serverMessages": {"it": {}}}

    made = module(tmp_path, {"test.json": document}, models=models, snake_case=True)

    assert ["room_id"] == list(made.TestParams.__annotations__)
