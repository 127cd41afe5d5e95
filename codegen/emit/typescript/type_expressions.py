"""Type expressions of TypeScript for types of the model."""

from __future__ import annotations

from collections.abc import Iterable

from ... import model
from ...model import Json
from ..js_literals import key, value
from ..templates import Code

__all__ = ["index_type", "type_expression"]

SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
EMPTY = Code("{ readonly [key: string]: never }")


def type_expression(type_: model.Type) -> Code:
    """Return the TypeScript type for ``type_``, on one line."""
    match type_:
        case model.Anything():
            return Code("unknown")
        case model.Nothing():
            return Code("never")
        case model.Scalar(type=json_type):
            return Code(SCALARS[json_type])
        case model.Enumeration(values=values):
            return _union(map(_literal, values))
        case model.Array(item=item):
            return Code(f"readonly {_parenthesized(item)}[]")
        case model.Tuple():
            return _tuple(type_)
        case model.Map(key=model.Enumeration() | model.Ref() as names, value=inner):
            return Code(f"{{ readonly [key in {type_expression(names)}]?: {type_expression(inner)} }}")
        case model.Map(value=inner):
            return Code(f"{{ readonly [key: string]: {type_expression(inner)} }}")
        case model.Ref(name=name):
            return Code(name)
        case model.Union(members=members):
            return _union(map(type_expression, members))


def index_type(record: model.Record) -> Code | None:
    """Return the type of the index signature of a record, or None if it has none.

    TypeScript requires it to include the types of the declared properties.
    """
    if record.closed:
        return None if record.fields else Code("never")
    if record.rest is None:
        return None
    declared = [type_expression(field.type) for field in record.fields]
    optional = [Code("undefined")] if any(not field.required for field in record.fields) else []
    members = [type_expression(record.rest), *declared, *optional]
    return Code("unknown") if "unknown" in members else _union(members)


def _union(members: Iterable[str]) -> Code:
    return Code(" | ".join(dict.fromkeys(members)) or "never")


def _parenthesized(type_: model.Type) -> str:
    text = type_expression(type_)
    simple = isinstance(type_, (model.Anything, model.Nothing, model.Scalar, model.Map, model.Ref))
    return text if simple or (isinstance(type_, model.Enumeration) and len(type_.values) == 1) else f"({text})"


def _tuple(type_: model.Tuple) -> Code:
    items = [
        type_expression(item) if index < type_.required else f"{_parenthesized(item)}?"
        for index, item in enumerate(type_.items)
    ]
    rest = [] if type_.rest is None else [f"...{_parenthesized(type_.rest)}[]"]
    return Code(f"readonly [{', '.join([*items, *rest])}]")


def _literal(json: Json) -> str:
    match json:
        case list():
            return f"readonly [{', '.join(map(_literal, json))}]"
        case dict():
            members = "; ".join(f"readonly {key(name)}: {_literal(member)}" for name, member in json.items())
            return f"{{ {members} }}" if members else EMPTY
        case int() | float() if not isinstance(json, bool):
            text = value(json)
            return "number" if "Infinity" in text else text
        case _:
            return value(json)
