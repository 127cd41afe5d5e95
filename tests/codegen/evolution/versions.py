"""Versions of an endpoint for tests."""

from __future__ import annotations

import copy
import json
import tempfile
from pathlib import Path
from typing import Any

from codegen.evolution import ContractDocument, contract_document
from codegen.pipeline import read
from codegen.settings.project_settings import read_settings

SHOP: dict[str, Any] = {
    "kind": "persistent",
    "path": "/shop/{name}",
    "params": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "page": {"type": "integer"}},
        "required": ["name"],
        "additionalProperties": False,
    },
    "clientMessages": {
        "order": {"payload": {"$ref": "#/$defs/Order"}, "rate": "10/s"},
        "list": {"payload": {"type": "integer", "minimum": 0, "maximum": 9}, "reply": {"$ref": "#/$defs/Item"}},
        "watch": {"stream": {"$ref": "#/$defs/Item"}},
        "leave": {},
    },
    "serverMessages": {
        "item": {"payload": {"$ref": "#/$defs/Item"}},
        "confirm": {"payload": {"type": "string"}, "reply": {"$ref": "#/$defs/Order"}},
    },
    "errors": {"sold_out": {"description": "No item is left."}},
    "$defs": {
        "Order": {
            "type": "object",
            "properties": {"text": {"type": "string", "maxLength": 100}, "color": {"enum": ["red", "blue"]}},
            "required": ["text"],
        },
        "Item": {
            "type": "object",
            "properties": {"text": {"type": "string", "maxLength": 100}, "color": {"enum": ["red", "blue"]}},
            "required": ["text"],
        },
    },
}
"""Endpoint with all kinds of messages; the client sends orders, and the server sends items."""


def changed(**parts: Any) -> dict[str, Any]:
    """Return the endpoint with other values: a path with ``__`` between its tokens, and the value; None removes it."""
    document = copy.deepcopy(SHOP)
    for path, value in parts.items():
        *outer, last = path.split("__")
        target = document
        for token in outer:
            target = target["$defs" if token == "defs" else token]
        if value is None:
            del target[last]
        else:
            target[last] = value
    return document


def contract_of(document: Any, name: str = "shop", **settings: Any) -> ContractDocument:
    """Return the contract of an endpoint."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
        (endpoint,) = read(read_settings(Path(folder), {"schemas": Path(folder), **settings})).endpoints
        return contract_document(endpoint)
