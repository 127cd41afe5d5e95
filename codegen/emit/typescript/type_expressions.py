"""Spells types in TypeScript."""

from __future__ import annotations

from collections.abc import Iterable

from ... import model
from ...model import Json
from ..js_literals import key, value
from ..templates import Code

__all__ = ["index_type", "typescript"]

SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
EMPTY = Code("{ readonly [key: string]: never }")


def typescript(type_: model.Type) -> Code:
    """Return ``type_`` on one line."""
    match type_:
        case model.Anything():
            return Code("unknown")
        case model.Nothing():
            return Code("never")
        case model.Scalar(type=kind):
            return Code(SCALARS[kind])
        case model.Enumeration(values=values):
            return _union(map(_literal, values))
        case model.Array(item=item):
            return Code(f"readonly {_operand(item)}[]")
        case model.Tuple():
            return _tuple(type_)
        case model.Map(value=below):
            return Code(f"{{ readonly [key: string]: {typescript(below)} }}")
        case model.Ref(name=name):
            return Code(name)
        case model.Union(members=members):
            return _union(map(typescript, members))


def index_type(record: model.Record) -> Code | None:
    """Return the type of properties that a record does not know; TypeScript wants it to admit the known ones."""
    if record.closed:
        return None if record.fields else Code("never")
    if record.rest is None:
        return None
    known = [typescript(field.type) for field in record.fields]
    optional = [Code("undefined")] if any(not field.required for field in record.fields) else []
    every = [typescript(record.rest), *known, *optional]
    return Code("unknown") if "unknown" in every else _union(every)


def _union(members: Iterable[str]) -> Code:
    return Code(" | ".join(dict.fromkeys(members)) or "never")


def _operand(type_: model.Type) -> str:
    text = typescript(type_)
    simple = isinstance(type_, (model.Anything, model.Nothing, model.Scalar, model.Map, model.Ref))
    return text if simple or (isinstance(type_, model.Enumeration) and len(type_.values) == 1) else f"({text})"


def _tuple(type_: model.Tuple) -> Code:
    items = [typescript(item) if at < type_.required else f"{_operand(item)}?" for at, item in enumerate(type_.items)]
    rest = [] if type_.rest is None else [f"...{_operand(type_.rest)}[]"]
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
