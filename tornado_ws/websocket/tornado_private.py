"""The names of Tornado that are not documented and that this package uses all the same, each with its reason."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from typing import Final

import tornado.util
import tornado.websocket

__all__ = ["NAMES", "missing", "unmask"]

NAMES: Final = (
    "tornado.websocket.WebSocketProtocol13._receive_frame_loop",
    # The one thing that is replaced: awaited after `open`, it reads until the connection is over.
    "tornado.websocket.WebSocketProtocol13._abort",
    # Called by Tornado where `open` raised or was cancelled, to drop the connection.
)


def missing() -> tuple[str, ...]:
    """Return the names that this Tornado does not have; with any, connections run on Tornado's own frame loop."""
    return tuple(name for name in NAMES if not _has(name))


def _has(name: str) -> bool:
    module, attributes = "tornado.websocket", name.removeprefix("tornado.websocket.")
    try:
        operator.attrgetter(attributes)(sys.modules[module])
    except AttributeError:
        return False
    return True


def _unmask(mask: bytes, data: bytes) -> bytes:
    """Do what Tornado's function does, in the case that it is gone one day; three times slower on short payloads."""
    size = len(data)
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    return (int.from_bytes(data, "big") ^ key).to_bytes(size, "big")


unmask: Callable[[bytes, bytes], bytes] = getattr(tornado.util, "_websocket_mask", _unmask)
"""XOR a payload with the four bytes of its mask. Tornado's is written in C; both arguments are bytes."""
