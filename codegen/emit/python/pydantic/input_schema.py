"""JSON Schema document with the structure of the types, as input for datamodel-code-generator.

The generator does not escape its input, so the document contains no text of an author except enumerated values:
definitions and properties are numbered, descriptions and constraints are omitted, and references are local.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .... import model
from ..defaults import scalar_default

__all__ = ["field_token", "input_schema"]

INT64_LIMIT = 2**63
"""Limit of integers in an enumeration; larger ones become the type ``integer``."""


def field_token(index: int) -> str:
    """Return the name of a property in the document."""
    return f"f{index}"


def input_schema(
    parts: Mapping[str, model.Record | model.Type],
    tokens: Mapping[str, str],
    definitions: Mapping[str, model.Definition],
) -> dict[str, Any]:
    """Return a JSON Schema document.

    Args:
        parts: Definitions of the document, by token: records for classes, types for aliases.
        tokens: Tokens of the definitions of the endpoint, by name.
        definitions: Definitions of the endpoint, by name.
    """
    builder = _SchemaBuilder(tokens, definitions)
    schemas = {
        token: builder.record(part) if isinstance(part, model.Record) else builder.type(part)
        for token, part in parts.items()
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": schemas}


class _SchemaBuilder:
    def __init__(self, tokens: Mapping[str, str], definitions: Mapping[str, model.Definition]) -> None:
        self._tokens = tokens
        self._definitions = definitions

    def record(self, record: model.Record) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {field_token(index): self.type(field.type) for index, field in enumerate(record.fields)},
            "required": [
                field_token(index)
                for index, field in enumerate(record.fields)
                if field.required
                or scalar_default(field, self._definitions) is not None  # None is not one of its values
            ],
            "additionalProperties": not record.closed,
        }

    def type(self, type_: model.Type) -> dict[str, Any]:
        match type_:
            case model.Anything() | model.Nothing():
                return {}
            case model.Ref(name=name):
                return {"$ref": f"#/$defs/{self._tokens[name]}"}
            case model.Scalar(type="number"):
                return {"type": ["integer", "number"]}  # keeps 1 an integer
            case model.Scalar(type=json_type):
                return {"type": json_type}
            case model.Enumeration(values=values):
                return _union([_value_schema(value) for value in values])
            case model.Array(item=item):
                return {"type": "array", "items": self.type(item)}
            case model.Map(value=value):
                return {"type": "object", "additionalProperties": self.type(value)}
            case model.Tuple(items=items, required=required, rest=rest):
                fixed = [self.type(item) for item in items]
                if rest is None and items and required == len(items):
                    size = len(items)
                    return {"type": "array", "prefixItems": fixed, "items": False, "minItems": size, "maxItems": size}
                return {"type": "array", "items": _union([*fixed, *([] if rest is None else [self.type(rest)])])}
            case model.Union(members=members):
                return _union([self.type(member) for member in members])


def _union(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the union of schemas without duplicates, with one ``enum`` for all enumerated values."""
    members = [member for schema in schemas for member in schema.get("anyOf", (schema,))]
    values = [value for member in members for value in member.get("enum", ())]
    types = {repr(member): member for member in members if "enum" not in member}
    distinct = [*types.values(), *([{"enum": [*{repr(value): value for value in values}.values()]}] if values else [])]
    if not distinct or {} in distinct:
        return {}
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}


def _value_schema(value: model.Json) -> dict[str, Any]:
    match value:
        case None:
            return {"type": "null"}
        case bool():
            return {"type": "boolean"}
        case str():
            return {"enum": [value]}
        case int() | float() if value == int(value):
            return {"enum": [int(value)]} if abs(value) < INT64_LIMIT else {"type": "integer"}
        case int() | float():
            return {"type": ["integer", "number"]}
        case list():
            return {"type": "array", "items": {}}
        case _:
            return {"type": "object", "additionalProperties": {}}
