"""Projects types of the model onto JSON Schema: structure alone, for a generator that trusts what it reads.

Nothing that an author wrote is in it but listed values: definitions and properties have numbers, there are no
descriptions, no bounds, no keywords but these, and references lead to the document itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .... import model
from ..defaults import default

__all__ = ["field_token", "projection"]

INTEGERS = 2**63
"""Listed integers beyond are only said to be integers."""


def field_token(at: int) -> str:
    """Return what a property is called."""
    return f"f{at}"


def projection(
    parts: Mapping[str, model.Record | model.Type],
    tokens: Mapping[str, str],
    definitions: Mapping[str, model.Definition],
) -> dict[str, Any]:
    """Return a JSON Schema document.

    Args:
        parts: become its definitions, under these tokens: records classes, others types.
        tokens: those of the definitions that others refer to, by name.
        definitions: of the endpoint, by name.
    """
    project = _Projection(tokens, definitions)
    projected = {
        token: project.record(part) if isinstance(part, model.Record) else project.of(part)
        for token, part in parts.items()
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": projected}


class _Projection:
    def __init__(self, tokens: Mapping[str, str], definitions: Mapping[str, model.Definition]) -> None:
        self._tokens = tokens
        self._definitions = definitions

    def record(self, record: model.Record) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {field_token(at): self.of(field.type) for at, field in enumerate(record.fields)},
            "required": [
                field_token(at)
                for at, field in enumerate(record.fields)
                if field.required or default(field, self._definitions) is not None  # then it is never None
            ],
            "additionalProperties": not record.closed,
        }

    def of(self, type_: model.Type) -> dict[str, Any]:
        match type_:
            case model.Anything() | model.Nothing():
                return {}
            case model.Ref(name=name):
                return {"$ref": f"#/$defs/{self._tokens[name]}"}
            case model.Scalar(type="number"):
                return {"type": ["integer", "number"]}  # 1 stays what it is
            case model.Scalar(type=kind):
                return {"type": kind}
            case model.Enumeration(values=values):
                return _either([_listed(value) for value in values])
            case model.Array(item=item):
                return {"type": "array", "items": self.of(item)}
            case model.Map(value=value):
                return {"type": "object", "additionalProperties": self.of(value)}
            case model.Tuple(items=items, required=required, rest=rest):
                fixed = [self.of(item) for item in items]
                if rest is None and items and required == len(items):
                    size = len(items)
                    return {"type": "array", "prefixItems": fixed, "items": False, "minItems": size, "maxItems": size}
                return {"type": "array", "items": _either([*fixed, *([] if rest is None else [self.of(rest)])])}
            case model.Union(members=members):
                return _either([self.of(member) for member in members])


def _either(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the union of schemas, each once; their listed values are one list."""
    flat = [part for schema in schemas for part in schema.get("anyOf", (schema,))]
    values = [value for part in flat for value in part.get("enum", ())]
    types = {repr(part): part for part in flat if "enum" not in part}
    distinct = [*types.values(), *([{"enum": [*{repr(value): value for value in values}.values()]}] if values else [])]
    if not distinct or {} in distinct:
        return {}
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}


def _listed(value: model.Json) -> dict[str, Any]:
    match value:
        case None:
            return {"type": "null"}
        case bool():
            return {"type": "boolean"}
        case str():
            return {"enum": [value]}
        case int() | float() if value == int(value):
            return {"enum": [int(value)]} if abs(value) < INTEGERS else {"type": "integer"}
        case int() | float():
            return {"type": ["integer", "number"]}
        case list():
            return {"type": "array", "items": {}}
        case _:
            return {"type": "object", "additionalProperties": {}}
