"""Unions that fail quietly: with the fault of the member that was meant, or without looking into any."""

from __future__ import annotations

import json
from typing import Any

from .faults import UNION

__all__ = ["hushed"]

UNIONS = ("anyOf", "oneOf")
TAG = "x-tag"
"""Stands beside a union whose members a property tells apart: keyword of the union, name of the property, values."""
ONE = frozenset({"additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then"})
ONE |= {"unevaluatedItems", "unevaluatedProperties"}
MANY = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
NAMED = frozenset({"$defs", "definitions", "dependentSchemas", "patternProperties", "properties"})


def hushed(document: Any, home: str) -> Any:  # JSON Schema documents
    """Return a document with the same verdicts, whose validator stops at the first fault.

    Of a union jsonschema-rs collects every fault of every member, only to say that none of them fits. That takes
    seconds where a hundred thousand items are wrong, and says nothing where a property tells which member was meant.

    Args:
        document: what slots point into; left as it is if a reference leads into a union.
        home: base URI of the document.
    """
    if not isinstance(document, dict) or any(f"/{union}/" in json.dumps(document) for union in UNIONS):
        return document
    nothing: dict[str, Any] = {f"{UNION}{union}": False for union in UNIONS}
    quiet: dict[str, Any] = _schema(document, home)
    return quiet | {"$defs": quiet.get("$defs", {}) | nothing}


def _schema(schema: Any, home: str) -> Any:
    if not isinstance(schema, dict):
        return schema
    quiet: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in ONE:
            quiet[keyword] = _schema(value, home)
        elif keyword in MANY and isinstance(value, list):
            quiet[keyword] = [_schema(one, home) for one in value]
        elif keyword in NAMED and isinstance(value, dict):
            quiet[keyword] = {name: _schema(one, home) for name, one in value.items()}
        else:
            quiet[keyword] = value
    tag = quiet.get(TAG, {})
    for union in UNIONS:
        if union in quiet:
            none = {"$ref": f"{home}#/$defs/%00{union}"}
            members = quiet.pop(union)
            choices = [{"if": {union: members}, "else": none}]
            if tag.get("keyword") == union:
                choices = _chosen(members, none, tag["name"], tag["values"])
            quiet["allOf"] = [*quiet.get("allOf", ()), *choices]
    return quiet


def _chosen(members: list[Any], none: Any, name: str, values: list[str]) -> list[dict[str, Any]]:
    """Return what lets the member hold that ``name`` chooses."""

    def says(*wanted: str) -> dict[str, Any]:
        return {"type": "object", "properties": {name: {"enum": wanted}}, "required": [name]}

    choices = [{"if": says(value), "then": member} for value, member in zip(values, members, strict=True)]
    return [{"if": says(*values), "else": none}, *choices]
