"""Frames for tests, and the exceptions of invalid frames."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tornado_ws.errors import InvalidFrame
from tornado_ws.validation.codec import Codec

from ...support import shop

__all__ = ["CLIENT", "DESK", "SERVER", "error_of", "message", "rejection"]

SERVER = Codec(shop.SHOP)
CLIENT = Codec(shop.SHOP, side="client")
DESK = Codec(shop.DESK)


def message(name: str, data: Any, **members: Any) -> str:
    """Return the text of a frame."""
    return json.dumps({"type": name, **members, "data": data})


def rejection(raw: str | bytes, codec: Codec = SERVER) -> InvalidFrame:
    """Return the exception that decoding raises."""
    with pytest.raises(InvalidFrame) as caught:
        codec.decode(raw)
    return caught.value


def error_of(raw: str | bytes, codec: Codec = SERVER) -> tuple[str, str | None, str | None, Any]:
    """Return code, pointer, keyword and expected value of a rejection."""
    error = rejection(raw, codec).error
    return error.code, error.pointer, error.keyword, error.expected
