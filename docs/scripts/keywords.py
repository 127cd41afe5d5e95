"""Tables of the keywords of endpoint documents, from their meta-schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from codegen.schema.metaschema import meta_schema

__all__ = ["endpoint_table", "message_table"]

Schema: TypeAlias = Mapping[str, Any]
"""JSON Schema with any JSON values."""

DEFAULTS = {"$id": "the file's path", "path": "required if persistent", "payload": "no data"}
"""Texts for defaults that are not JSON values."""

EXAMPLES: Mapping[str, str] = {
    "$schema": '"endpoint.schema.json"',
    "$id": '"https://example.org/chat"',
    "$comment": '"agreed with the app team"',
    "title": '"Chat"',
    "description": '"A line of text from the user."',
    "kind": '"persistent"',
    "params": '{"$ref": "#/$defs/ChatParams"}',
    "ticket": '{"$ref": "#/$defs/ExportTicket"}',
    "ttl": "60",
    "presence": '{"$ref": "#/$defs/Device"}',
    "clientMessages": '{"say": {"payload": {"$ref": "#/$defs/Line"}}}',
    "serverMessages": '{"said": {"payload": {"$ref": "#/$defs/Said"}}}',
    "errors": '{"room_full": {"description": "The room is full.", "retryable": true}}',
    "$defs": '{"Line": {"type": "object"}}',
    "deprecated": "true",
    "payload": '{"$ref": "common.json#/$defs/User"}',
    "reply": '{"$ref": "#/$defs/HistoryPage"}',
    "stream": '{"type": "string"}',
}
"""Examples for keywords without ``examples`` in the meta-schema."""


def endpoint_table() -> str:
    """Return the table of the keywords of an endpoint."""
    schema = _meta()
    head = ["| keyword | type | default | meaning | example |", "| --- | --- | --- | --- | --- |"]
    required = schema["required"]
    rows = (_row(name, _dereferenced(member), name in required) for name, member in schema["properties"].items())
    return "\n".join([*head, *rows])


def message_table() -> str:
    """Return the table of the keywords of a message, with the side that may use each."""
    sides = {"clientMessages": "client", "serverMessages": "server"}
    found: dict[str, tuple[Schema, list[str]]] = {}
    for keyword, side in sides.items():
        for name, member in _meta()["$defs"][keyword]["additionalProperties"]["properties"].items():
            found.setdefault(name, (_dereferenced(member), []))[1].append(side)
    head = [
        "| keyword | side | type | default | meaning | example |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    rows = (
        _row(name, schema, False, "both" if len(senders) == len(sides) else senders[0])
        for name, (schema, senders) in found.items()
    )
    return "\n".join([*head, *rows])


def _row(name: str, schema: Schema, required: bool, *more: str) -> str:
    examples = schema.get("examples", ())
    example = json.dumps(examples[0]) if examples else EXAMPLES[name]
    default = "required" if required else _default(name, schema)
    meaning = schema.get("description", "Note for readers of the file.")
    cells = [f"`{name}`", *more, _type(schema), default, meaning, f"`{example}`"]
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _default(name: str, schema: Schema) -> str:
    if "default" in schema:
        return f"`{json.dumps(schema['default'])}`"
    return DEFAULTS.get(name, "none")


def _type(schema: Schema) -> str:
    if "enum" in schema:
        return " or ".join(f"`{json.dumps(value)}`" for value in schema["enum"])
    type_ = schema["type"]
    if type_ == ["object", "boolean"]:
        return "schema"
    first, *others = [type_] if isinstance(type_, str) else type_
    return " or ".join([" ".join([first, *_bounds(schema)]), *others])


def _bounds(schema: Schema) -> Iterator[str]:
    words = {"exclusiveMinimum": "above", "minimum": "from", "maximum": "to", "maxLength": "to"}
    yield from (f"{word} {schema[keyword]}" for keyword, word in words.items() if keyword in schema)


def _dereferenced(schema: Schema) -> Schema:
    """Return a schema merged with the target of its reference; its own keywords take precedence."""
    if "$ref" not in schema:
        return schema
    name = schema["$ref"].removeprefix("#/$defs/")
    own = {keyword: value for keyword, value in schema.items() if keyword != "$ref"}
    return {**_dereferenced(_meta()["$defs"][name]), **own}


def _meta() -> Schema:
    schema: Schema = json.loads(meta_schema())
    return schema
