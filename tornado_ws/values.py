"""Plain values: what JSON says before any type is known."""

from __future__ import annotations

from typing import Any

import msgspec

from .errors import ErrorData, Refused

__all__ = ["UNREADABLE", "encode", "integral", "read"]

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
        Refused: ``malformed_json``, for NaN and lone surrogates too, or ``too_deep``.

    """
    try:
        return _decode(raw)
    except RecursionError:
        code, message = "too_deep", "expected fewer levels of arrays and objects"
    except UNREADABLE:
        code, message = "malformed_json", "expected JSON (RFC 8259) in UTF-8"
    raise Refused(ErrorData(code=code, message=message))


def integral(value: Any) -> Any:  # any JSON value
    """Return a copy in which floats without a fraction are integers, which JSON Schema takes them for."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [integral(item) for item in value]
    if isinstance(value, dict):
        return {name: integral(item) for name, item in value.items()}
    return value
