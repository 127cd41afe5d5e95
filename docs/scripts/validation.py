"""Table of the types and the cost of each JSON Schema keyword, from examples."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from codegen.cost_report import costs
from codegen.emit import python, typescript
from codegen.model import Endpoint
from codegen.pipeline import read
from codegen.settings.project_settings import Settings

__all__ = ["EXAMPLES", "keyword_table", "row_of"]

NAME = {"type": "string"}
OBJECT = {"type": "object", "properties": {"a": {"type": "integer"}}}
EXAMPLES: Mapping[str, Any] = {
    "type": {"type": "integer"},
    "type: several": {"type": ["string", "number", "null"]},
    "enum": {"enum": ["red", "green", 3]},
    "const": {"const": "red"},
    "minLength, maxLength": {"type": "string", "minLength": 1, "maxLength": 5},
    "pattern": {"type": "string", "pattern": "^[a-z]+$"},
    "format": {"type": "string", "format": "date-time"},
    "minimum, maximum": {"type": "integer", "minimum": 1, "maximum": 5},
    "exclusiveMinimum, exclusiveMaximum": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    "multipleOf": {"type": "integer", "multipleOf": 5},
    "multipleOf: fractions": {"type": "number", "multipleOf": 0.01},
    "items": {"type": "array", "items": NAME},
    "prefixItems": {"type": "array", "prefixItems": [NAME, {"type": "integer"}], "items": False, "minItems": 2},
    "minItems, maxItems": {"type": "array", "items": NAME, "minItems": 1, "maxItems": 5},
    "uniqueItems": {"type": "array", "items": NAME, "uniqueItems": True},
    "contains": {"type": "array", "items": {"type": "integer"}, "contains": {"minimum": 3}},
    "minContains, maxContains": {"type": "array", "contains": {"const": 1}, "minContains": 0, "maxContains": 2},
    "unevaluatedItems": {"type": "array", "allOf": [{"prefixItems": [NAME]}], "unevaluatedItems": False},
    "properties, required": {**OBJECT, "required": ["a"]},
    "additionalProperties: false": {**OBJECT, "additionalProperties": False},
    "additionalProperties": {"type": "object", "additionalProperties": {"type": "integer"}},
    "additionalProperties: next to properties": {**OBJECT, "additionalProperties": NAME},
    "patternProperties": {"type": "object", "patternProperties": {"^a": {"type": "integer"}}},
    "propertyNames": {"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}},
    "minProperties, maxProperties": {
        "type": "object",
        "additionalProperties": NAME,
        "minProperties": 1,
        "maxProperties": 5,
    },
    "dependentRequired": {**OBJECT, "dependentRequired": {"a": ["b"]}},
    "dependentSchemas": {**OBJECT, "dependentSchemas": {"a": {"required": ["b"]}}},
    "unevaluatedProperties": {"type": "object", "allOf": [OBJECT], "unevaluatedProperties": False},
    "$ref": {"$ref": "#/$defs/Line"},
    "$anchor": {"$ref": "#line"},
    "$dynamicRef, $dynamicAnchor": {"$dynamicRef": "#node"},
    "allOf": {"allOf": [OBJECT, {"properties": {"b": NAME}, "required": ["b"]}]},
    "anyOf": {"anyOf": [NAME, {"type": "integer"}]},
    "oneOf": {"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 5}]},
    "oneOf: with a tag": {"oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]},
    "not": {"type": "string", "not": {"const": "red"}},
    "if, then, else": {**OBJECT, "if": {"required": ["a"]}, "then": {"required": ["b"]}},
    "true": True,
    "false": {"type": "array", "items": False},
}
"""Example payload schemas, by keyword."""

DEFINITIONS = {
    "Line": {"$anchor": "line", "type": "string", "maxLength": 5},
    "Node": {"$dynamicAnchor": "node", "type": "object", "properties": {"next": {"$dynamicRef": "#node"}}},
    **{
        name: {"type": "object", "properties": {"kind": {"const": name.lower()}}, "required": ["kind"]}
        for name in ("Cat", "Dog")
    },
}
FREE, FIELD, WHOLE = "nothing", "a check of the part", "a second pass"


def keyword_table() -> str:
    """Return a row for each example: types, validator of the client, and keywords that the server checks again."""
    titles = (
        "keyword",
        "example",
        "type in Python",
        "also checked",
        "cost",
        "type in TypeScript",
        "check in the client",
    )
    return "\n".join(
        [
            f"| {' | '.join(titles)} |",
            "|" + " --- |" * len(titles),
            *(row_of(name, schema) for name, schema in EXAMPLES.items()),
        ]
    )


def row_of(name: str, schema: Any) -> str:
    """Return the row of one example."""
    endpoint = _endpoint(schema)
    (found,) = (cost for cost in costs(endpoint) if cost.title == "server it")
    checked = "; ".join(f"{path}: {keywords}" if path else keywords for path, keywords in found.parts) or "nothing"
    cost = FREE if not found.parts else WHOLE if found.validates_everything else FIELD
    validator, static = _client(endpoint)
    keywords, _, remark = name.partition(": ")
    cells = [f"`{keyword}`" for keyword in keywords.split(", ")]
    title = ", ".join(cells) + (f" {remark}" if remark else "")
    return (
        "| "
        + " | ".join(
            [
                title,
                _code(json.dumps(schema)),
                _code(_server(endpoint)),
                checked.replace("|", r"\|"),
                cost,
                _code(static),
                _code(validator),
            ]
        )
        + " |"
    )


def _endpoint(schema: Any) -> Endpoint:
    needed = {name: DEFINITIONS[name] for name in DEFINITIONS if re.search(rf"[/#]{name}\b", json.dumps(schema), re.I)}
    with TemporaryDirectory() as folder:
        root = Path(folder)
        document = {"kind": "ephemeral", "serverMessages": {"it": {"payload": schema}}, "$defs": needed}
        (root / "it-is.json").write_text(json.dumps(document), encoding="utf-8")
        (endpoint,) = read(Settings(schemas=root, python=root, client=root, source="schemas")).endpoints
    return endpoint


def _server(endpoint: Endpoint) -> str:
    """Return the type of the payload, or the fields of its class."""
    (text,) = (output.text for output in python.emit([endpoint]) if output.path.name == "it_is.py")
    module = ast.parse(text)
    classes = {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}
    calls = [node for node in ast.walk(module) if isinstance(node, ast.Call)]
    payload = next(call for call in calls if ast.unparse(call.func) == "tornado_ws.Payload")
    type_ = ast.unparse(payload.args[0])
    if type_ not in classes:
        return type_
    holder = classes[type_]
    fields = [ast.unparse(node) for node in holder.body if isinstance(node, ast.AnnAssign)]
    closed = any(keyword.arg == "forbid_unknown_fields" for keyword in holder.keywords)
    return f"{'closed ' if closed else ''}class: {'; '.join(fields)}"


def _client(endpoint: Endpoint) -> tuple[str, str]:
    """Return the validator and the type of the payload."""
    (text,) = (output.text for output in typescript.emit([endpoint]) if output.path.name == "messages.ts")
    flat = re.sub(r"([(\[]) | (?=[)\]])", r"\1", re.sub(r",(?= [)\]}])", "", re.sub(r"\s+", " ", text)))
    found = re.search(r"server: \{ it: \{ data: (.*) \} \} \};$", flat.strip())
    static = re.search(r"readonly server: \{ readonly it: (.*?); \}; readonly serverRequests", flat)
    assert found is not None, flat
    assert static is not None, flat
    named = re.search(rf"export (?:interface|type) {re.escape(static[1])} (?:= )?(.*?)(?:;? (?=/\*\*|export))", flat)
    return found[1], named[1] if named is not None else static[1]


def _code(text: str) -> str:
    return "`` " + text.replace("|", r"\|") + " ``" if "`" in text else f"`{text.replace('|', chr(92) + '|')}`"
