"""Public protocols: every definition in them as the payload of a message. They lie beside the project, if anywhere."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

CORPUS = Path(__file__).parents[4] / "shared/corpus"
NAMES = ("dap", "lsp-metaModel.schema", "cloudevents")

needed = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not there")


def protocols() -> list[str]:
    """Return what there is."""
    return [*NAMES, *(path.stem for path in sorted((CORPUS / "asyncapi").glob("*.yml")))]


@functools.cache
def files(name: str) -> dict[str, Any]:
    """Return a schemas folder in which the endpoint ``test`` carries every definition of a protocol."""
    path = CORPUS / f"{name}.json"
    schema = json.loads(path.read_text(encoding="utf-8")) if path.exists() else _asyncapi(name)
    keyword = "definitions" if "definitions" in schema else "$defs"
    references = [f"protocol.json#/{keyword}/{definition.replace('/', '~1')}" for definition in schema.get(keyword, {})]
    if schema.keys() & {"$ref", "oneOf", "properties", "allOf"}:
        references.append("protocol.json")
    messages = {f"message_{at}": {"payload": {"$ref": reference}} for at, reference in enumerate(references)}
    return {"protocol.json": schema, "test.json": {"kind": "ephemeral", "serverMessages": messages}}


def _asyncapi(name: str) -> dict[str, Any]:
    """Return the schemas of an AsyncAPI document, payloads of messages included."""
    document = yaml.safe_load((CORPUS / "asyncapi" / f"{name}.yml").read_text(encoding="utf-8"))
    components = document.get("components", {})
    payloads = {
        f"payload of {message}": stated["payload"]
        for message, stated in components.get("messages", {}).items()
        if isinstance(stated.get("payload"), dict)
    }
    text = json.dumps({"$defs": {**components.get("schemas", {}), **payloads}}, default=str)
    schemas: dict[str, Any] = json.loads(text.replace("#/components/schemas/", "#/$defs/"))
    return schemas
