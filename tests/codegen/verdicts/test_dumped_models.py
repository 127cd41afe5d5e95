"""Texts of ``model_dump_json()``: the wire form, also of nested models, aliases, undeclared properties and unions."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from codegen.source.diagnostics import SchemaProblems
from tests.support.seeds import seeds
from tornado_ws import InvalidFrame
from tornado_ws.validation.codec import Codec

from ..support.generated import payload
from ..support.mutants import mutants
from ..support.package import endpoint, module
from ..support.random_schemas import schemas
from ..support.schema_instances import SchemaInstances

TEXT = {"type": "string"}
ORDER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "class": {"type": "integer", "default": 1},
        "a-b": TEXT,
        "maybe": {"type": ["string", "null"], "default": "x"},
        "state": {"enum": ["on", "off"], "default": "on"},
        "at": {"type": "string", "format": "date-time"},
        "id": {"type": "string", "format": "uuid"},
        "number": {"type": "number"},
        "pair": {"type": "array", "prefixItems": [TEXT, {"type": "integer"}], "items": False, "minItems": 2},
        "next": {"anyOf": [{"$ref": "#/$defs/order"}, {"type": "array", "items": {"$ref": "#/$defs/order"}}]},
        "shape": {"oneOf": [{"$ref": "#/$defs/circle"}, {"$ref": "#/$defs/square"}]},
    },
    "additionalProperties": True,
}


def shape(kind: str) -> dict[str, Any]:
    properties = {"the-kind": {"const": kind}, "size": {"type": "number", "default": 1}}
    return {"type": "object", "properties": properties, "required": ["the-kind"]}


DEFINITIONS = {"order": ORDER, "circle": shape("circle"), "square": shape("square")}
VALUES: tuple[dict[str, Any], ...] = (
    {},
    {"class": 2, "a-b": "é\u2028", "maybe": None, "class_": 3, "a_b": [{"class": 1}]},
    {"at": "2026-01-02T03:04:05Z", "id": "8c0e0f5a-3a3b-4a0e-9d5e-2f1f3c1f7b11", "state": "off", "number": 1.5},
    {"next": {"next": [{"pair": ["x", 1]}, {}]}, "number": 2**60 + 1, "model_config": 1},
    {"shape": {"the-kind": "square"}, "next": {"shape": {"the-kind": "circle", "size": 2}}},
)


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("value", VALUES)
def test_text_is_the_wire_form(tmp_path: Path, value: dict[str, Any], *, wrapped: bool) -> None:
    order = {"$ref": "#/$defs/order"}
    schema = {"type": "array", "items": order} if wrapped else order
    document = payload(schema, **{"$defs": DEFINITIONS})
    options: dict[str, Any] = {"formats": True, "typed_formats": True, "snake_case": True, "enum_classes": True}
    it = module(tmp_path, {"test.json": document}, models="pydantic", **options)
    loaded = endpoint(it)
    text = json.dumps({"type": "it", "data": [value] if wrapped else value})

    data = Codec(loaded, side="client").decode(text).data
    message = it.It.of(data)
    sent = Codec(loaded).encode(message).decode()

    assert json.loads(text) == json.loads(sent)
    assert f'{{"type":"it","data":{message.model_dump_json()}}}' == sent
    assert json.loads(sent)["data"] == message.model_dump(mode="json")


@pytest.mark.parametrize("seed", seeds(0, 12))
def test_text_of_random_models_is_the_wire_form(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    schema = {"type": "object", "properties": {"a-b": schemas(rng), "class": schemas(rng)}, "required": ["class"]}
    try:
        made = module(tmp_path, {"test.json": payload(schema)}, models="pydantic", unknown="keep", enum_classes=True)
    except SchemaProblems:
        return
    reader, writer, source = Codec(endpoint(made), side="client"), Codec(endpoint(made)), SchemaInstances(schema, rng)
    for value in (one for _ in range(30) for one in mutants(source.make(""), rng, 2)):
        try:
            data = reader.decode(json.dumps({"type": "it", "data": value})).data
        except InvalidFrame:
            continue

        assert f'{{"type":"it","data":{data.model_dump_json()}}}' == writer.encode(data).decode()
