"""JSON values: reading, writing, and detection of NaN and infinities."""

from __future__ import annotations

import datetime
import math
from typing import Any

import msgspec
from msgspec import inspect

from ..errors import ErrorData, InvalidFrame

__all__ = ["UNREADABLE", "encode", "integral", "is_finite", "may_hide_nan", "read"]


def may_hide_nan(type_: Any) -> bool:
    """Return True if values of a type may contain a float in a place that also allows ``null``.

    msgspec writes NaN and infinities as ``null``, so that decoding the text does not detect them there.
    """
    stack, visited = [inspect.type_info(type_)], set()
    while stack:
        info = stack.pop()
        match info:
            case inspect.AnyType() | inspect.CustomType():
                return True
            case inspect.UnionType(types=types):
                members = [member.type if isinstance(member, inspect.Metadata) else member for member in types]
                if {inspect.NoneType, inspect.FloatType} <= {type(member) for member in members}:
                    return True
                stack += types
            case inspect.StructType(cls=cls, fields=fields) | inspect.TypedDictType(cls=cls, fields=fields):
                if cls not in visited:
                    visited.add(cls)
                    stack += [field.type for field in fields]
            case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item) | inspect.Metadata(type=item):
                stack.append(item)
            case inspect.TupleType(item_types=types):
                stack += types
            case inspect.DictType(value_type=item):
                stack.append(item)
            case _:
                pass
    return False


def is_finite(value: Any) -> bool:  # a value that msgspec can encode
    """Return True if a value contains neither NaN nor an infinity."""
    stack = [msgspec.to_builtins(value, enc_hook=_encodable)]
    while stack:
        item = stack.pop()
        if isinstance(item, float):
            if not math.isfinite(item):
                return False
        elif isinstance(item, dict):
            stack += item.values()
        elif isinstance(item, list | tuple):
            stack += item
    return True


UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
"""Exceptions of msgspec for text that is not JSON or does not match the type."""

_decode = msgspec.json.Decoder().decode


def _encodable(value: Any) -> Any:
    """Return the value that an instance of a subclass of str, int, float or datetime equals, like ``numpy.float64``.

    Of an instance of a class from :mod:`~tornado_ws.models`, and of any other Pydantic model, return the JSON text.
    """
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, datetime.datetime):  # a subclass of date
        return datetime.datetime.combine(_date(value), _time(value.timetz()))
    if isinstance(value, datetime.date):
        return _date(value)
    if isinstance(value, datetime.time):
        return _time(value)
    write = getattr(value, "__json__", None)
    if write is not None:
        return msgspec.Raw(write())
    dump = getattr(value, "model_dump_json", None)
    if dump is None or isinstance(value, type):
        raise TypeError(f"expected a message or JSON, got {type(value).__name__}")
    return msgspec.Raw(dump(by_alias=True, exclude_unset=True, warnings="error").encode())


def _date(value: datetime.date) -> datetime.date:
    return datetime.date(value.year, value.month, value.day)


def _time(value: datetime.time) -> datetime.time:
    return datetime.time(value.hour, value.minute, value.second, value.microsecond, value.tzinfo, fold=value.fold)


encode = msgspec.json.Encoder(enc_hook=_encodable).encode
"""Function that returns a value as JSON text."""


def read(raw: str | bytes) -> Any:  # any JSON value
    """Decode JSON text; the last of duplicate keys counts.

    Raises:
        InvalidFrame: If the text is not JSON, such as NaN or a lone surrogate (``malformed_json``), or it has too many
            levels (``too_deep``).
    """
    try:
        return _decode(raw)
    except RecursionError:
        code, message = "too_deep", "expected fewer levels of arrays and objects"
    except UNREADABLE:
        code, message = "malformed_json", "expected JSON (RFC 8259) in UTF-8"
    raise InvalidFrame(ErrorData(code=code, message=message))


def integral(value: Any) -> Any:  # any JSON value
    """Return the value with integers for floats without a fraction, as JSON Schema defines ``integer``.

    A value without such floats is returned itself, otherwise a copy.
    """
    if not _has_integral_float(value):
        return value
    root = [value]
    stack: list[list[Any] | dict[Any, Any]] = [root]  # instead of recursion, which limits the depth
    while stack:
        container = stack.pop()
        for key, item in enumerate(container) if isinstance(container, list) else container.items():
            if isinstance(item, float) and item.is_integer():
                container[key] = int(item)
            elif isinstance(item, list | dict):
                container[key] = item.copy()
                stack.append(container[key])
    return root[0]


def _has_integral_float(value: Any) -> bool:
    stack = [value]
    while stack:
        item = stack.pop()
        if type(item) is float:
            if item.is_integer():
                return True
        elif type(item) is list:
            stack += item
        elif type(item) is dict:
            stack += item.values()
    return False
