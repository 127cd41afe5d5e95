"""Public protocols, with each definition as the payload of a message; the files next to the project are optional."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

CORPUS = Path(__file__).parents[4] / "shared/corpus"
NAMES = ("dap", "lsp-metaModel.schema", "cloudevents")

needed = pytest.mark.skipif(not CORPUS.exists(), reason="no corpus")


def protocols() -> list[str]:
    """Return the names of all protocols."""
    return [*NAMES, *(path.stem for path in sorted((CORPUS / "asyncapi").glob("*.yml")))]


@functools.cache
def files(name: str) -> dict[str, Any]:
    """Return a schemas folder with the endpoint ``test``, which has a message for each definition of a protocol."""
    path = CORPUS / f"{name}.json"
    schema = json.loads(path.read_text(encoding="utf-8")) if path.exists() else _asyncapi(name)
    keyword = "definitions" if "definitions" in schema else "$defs"
    references = [f"protocol.json#/{keyword}/{definition.replace('/', '~1')}" for definition in schema.get(keyword, {})]
    if schema.keys() & {"$ref", "oneOf", "properties", "allOf"}:
        references.append("protocol.json")
    messages = {f"message_{at}": {"payload": {"$ref": reference}} for at, reference in enumerate(references)}
    return {"protocol.json": schema, "test.json": {"kind": "ephemeral", "serverMessages": messages}}


def _asyncapi(name: str) -> dict[str, Any]:
    """Return the schemas of an AsyncAPI document and the payloads of its messages."""
    document = yaml.safe_load((CORPUS / "asyncapi" / f"{name}.yml").read_text(encoding="utf-8"))
    components = document.get("components", {})
    payloads = {
        f"payload of {name}": message["payload"]
        for name, message in components.get("messages", {}).items()
        if isinstance(message.get("payload"), dict)
    }
    text = json.dumps({"$defs": {**components.get("schemas", {}), **payloads}}, default=str)
    schemas: dict[str, Any] = json.loads(text.replace("#/components/schemas/", "#/$defs/"))
    return schemas
