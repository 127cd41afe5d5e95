"""Private names of Tornado that this package uses."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from typing import Final

import tornado
import tornado.util
import tornado.websocket

from ..errors import ConfigurationError

__all__ = ["NAMES", "SUPPORTED", "missing_names", "require_supported_tornado", "unmask"]

SUPPORTED: Final = "6.5 to 6.6"
"""Versions of Tornado that the tests run with."""
NAMES: Final = (
    "tornado.websocket.WebSocketProtocol13._receive_frame_loop",
    # Replaced: Tornado awaits it after `open`, and reads in it until the connection is closed.
    "tornado.websocket.WebSocketProtocol13._abort",
    # Replaced: Tornado calls it when `open` raises or is cancelled.
    "tornado.websocket.WebSocketProtocol13._parse_extensions_header",
    # Replaced: Tornado calls it during the handshake, to negotiate compression.
    "tornado.websocket.WebSocketHandler._execute",
    # Replaced for GET: Tornado calls it for each request, and it runs `prepare`.
    "tornado.websocket.WebSocketHandler._handle_request_exception",
    # Called: it answers after an exception.
    "tornado.websocket.WebSocketHandler._stream_request_body",
    # Read: it is True for a class with `tornado.web.stream_request_body`.
)
"""Required names; the comments state their use."""


def missing_names() -> tuple[str, ...]:
    """Return the required names that this version of Tornado lacks."""
    return tuple(name for name in NAMES if not _exists(name))


def require_supported_tornado() -> None:
    """Require all private names of Tornado that this package uses.

    Raises:
        ConfigurationError: If this version of Tornado lacks one.
    """
    if names := missing_names():
        problem = f"version {tornado.version} lacks {', '.join(names)}"
        raise ConfigurationError("tornado", problem, f"supported versions: {SUPPORTED}")


def _exists(name: str) -> bool:
    module, attributes = "tornado.websocket", name.removeprefix("tornado.websocket.")
    try:
        operator.attrgetter(attributes)(sys.modules[module])
    except AttributeError:
        return False
    return True


def _unmask(mask: bytes, data: bytes) -> bytes:
    """Return an unmasked payload; three times slower for short payloads than Tornado's function in C."""
    size = len(data)
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    return (int.from_bytes(data, "big") ^ key).to_bytes(size, "big")


unmask: Callable[[bytes, bytes], bytes] = getattr(tornado.util, "_websocket_mask", _unmask)
"""Function that unmasks a payload (RFC 6455 section 5.3): Tornado's function in C, or one in Python.

Its arguments are the mask of four bytes and the payload.
"""
