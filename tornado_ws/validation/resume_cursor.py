"""Position after which a client asks for the rest of a stream."""

from __future__ import annotations

from typing import Any

import msgspec

from ..errors import ErrorData
from .envelopes import Check
from .payload import InvalidPayload, PayloadCodec

__all__ = ["cursor_check", "invalid_cursor"]


def cursor_check(cursor: PayloadCodec) -> Check:
    """Return the check of a decoded frame with a position; it also converts the position to its type."""

    def accepts(frame: Any) -> bool:  # a frame that may have a position
        plain = frame.resume
        if plain is None:
            return True
        if type(plain) is float:  # which may stand for an integer that is not exact
            return False
        try:
            frame.resume = cursor.convert(plain)
        except InvalidPayload:
            return False
        return True

    return _frame, accepts


def invalid_cursor(error: ErrorData) -> ErrorData:
    """Return the error of an invalid position; it names no place in the data of the message."""
    return msgspec.structs.replace(error, message=f"resume: {error.message}", pointer=None)


def _frame(frame: Any) -> Any:
    return frame
