"""Deep values: received and sent, or rejected with the same error in both models."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codegen.emit.python import Models
from tornado_ws import InvalidFrame
from tornado_ws.validation.codec import Codec

from ..support.generated import payload
from ..support.package import endpoint, module

ITSELF = {"$ref": "#/$defs/It"}
CASES: dict[str, tuple[Any, Callable[[int], str]]] = {
    "union without a tag": (
        {
            "anyOf": [
                {"type": "object", "properties": {"a": ITSELF}, "required": ["a"]},
                {"type": "object", "properties": {"b": ITSELF}, "required": ["b"]},
                {"type": "null"},
            ]
        },
        lambda levels: '{"a":' * levels + "null" + "}" * levels,
    ),
    "record": (
        {"type": "object", "properties": {"a": {"type": "array", "items": ITSELF}}},
        lambda levels: '{"a":[' * (levels // 2) + "{}" + "]}" * (levels // 2),
    ),
    "array": ({"type": "array", "items": ITSELF}, lambda levels: "[" * levels + "]" * levels),
    "map": ({"type": "object", "additionalProperties": ITSELF}, lambda levels: '{"a":' * levels + "{}" + "}" * levels),
}


@pytest.mark.parametrize("models", ["msgspec", "pydantic"])
@pytest.mark.parametrize("name", CASES)
def test_deep_value_is_received_and_sent_or_rejected_for_its_depth(tmp_path: Path, models: Models, name: str) -> None:
    schema, text = CASES[name]
    made = module(tmp_path, {"test.json": payload(ITSELF, **{"$defs": {"It": schema}})}, models=models)
    client, server = Codec(endpoint(made), side="client"), Codec(endpoint(made))

    for levels in (126, 130, 200, 240):
        value = client.decode(f'{{"type":"it","data":{text(levels)}}}').data
        message = value if isinstance(value, made.It) else made.It.of(value)
        assert json.loads(text(levels)) == json.loads(server.encode(message))["data"]
    with pytest.raises(InvalidFrame) as raised:
        client.decode(f'{{"type":"it","data":{text(3000)}}}')
    assert "expected fewer levels of arrays and objects" == raised.value.error.message
