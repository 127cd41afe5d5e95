"""Numbers that JSON lacks: msgspec writes them as null, so that they would pass wherever null does."""

from __future__ import annotations

import math
from typing import Any

import msgspec
from msgspec import inspect

from ..errors import ErrorData, InvalidFrame

__all__ = ["UNREADABLE", "encode", "finite", "integral", "may_vanish", "read"]


def may_vanish(kind: Any) -> bool:  # a type
    """Tell whether a value of a type may hold a number in whose place the type has null too."""
    waiting, known = [inspect.type_info(kind)], set()
    while waiting:
        info = waiting.pop()
        match info:
            case inspect.AnyType() | inspect.CustomType():
                return True
            case inspect.UnionType(types=types):
                members = [one.type if isinstance(one, inspect.Metadata) else one for one in types]
                if {inspect.NoneType, inspect.FloatType} <= {type(one) for one in members}:
                    return True
                waiting += types
            case inspect.StructType(cls=cls, fields=fields) | inspect.TypedDictType(cls=cls, fields=fields):
                if cls not in known:
                    known.add(cls)
                    waiting += [field.type for field in fields]
            case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item) | inspect.Metadata(type=item):
                waiting.append(item)
            case inspect.TupleType(item_types=types):
                waiting += types
            case inspect.DictType(value_type=item):
                waiting.append(item)
            case _:
                pass
    return False


def finite(value: Any) -> bool:  # anything that has been written as JSON
    """Tell whether a value holds no NaN and no infinity."""
    waiting = [msgspec.to_builtins(value)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, float):
            if not math.isfinite(one):
                return False
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list | tuple):
            waiting += one
    return True


UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
"""What msgspec raises on bytes that it cannot take as what was asked for."""

_decode = msgspec.json.Decoder().decode


def _spelled(value: Any) -> msgspec.Raw:
    """Return what a class of :mod:`~tornado_ws.models` writes of itself."""
    spell = getattr(value, "__json__", None)
    if spell is None:
        raise TypeError(f"expected a message or JSON, got {type(value).__name__}")
    return msgspec.Raw(spell())


encode = msgspec.json.Encoder(enc_hook=_spelled).encode
"""Returns a value as JSON."""


def read(raw: str | bytes) -> Any:  # any JSON value
    """Return the JSON value in ``raw``; of duplicate keys the last counts.

    Raises:
        InvalidFrame: ``malformed_json``, for NaN and lone surrogates too, or ``too_deep``.

    """
    try:
        return _decode(raw)
    except RecursionError:
        code, message = "too_deep", "expected fewer levels of arrays and objects"
    except UNREADABLE:
        code, message = "malformed_json", "expected JSON (RFC 8259) in UTF-8"
    raise InvalidFrame(ErrorData(code=code, message=message))


def integral(value: Any) -> Any:  # any JSON value
    """Return a copy in which floats without a fraction are integers, which JSON Schema takes them for."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [integral(item) for item in value]
    if isinstance(value, dict):
        return {name: integral(item) for name, item in value.items()}
    return value
