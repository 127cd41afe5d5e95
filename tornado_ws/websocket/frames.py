"""Frames of a server (RFC 6455)."""

from __future__ import annotations

import struct
from collections.abc import Hashable
from typing import Final

from ..errors import CloseCode, TornadoWsError, require_close_code
from .permessage_deflate import COMPRESS_FROM, DeflateParams, compress

__all__ = [
    "BINARY",
    "CLOSE",
    "CONTINUATION",
    "PING",
    "PONG",
    "SHORT_TEXT_HEADERS",
    "TEXT",
    "FrameError",
    "PreparedFrame",
    "close_frame",
    "cut_reason",
    "frame",
    "prepare_frame",
    "text_frame",
]

CONTINUATION: Final = 0x0
TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA

SHORT_TEXT_HEADERS: Final = tuple(bytes((0x80 | TEXT, size)) for size in range(126))
"""Headers of text frames with a payload of up to 125 bytes, by its size."""
_FIN: Final = 0x80
_RSV1: Final = 0x40
_MAX_REASON_BYTES: Final = 123


class FrameError(TornadoWsError):
    """Violation of RFC 6455 or RFC 7692 by the peer."""

    def __init__(self, code: CloseCode, reason: str, *, unparsed: bytes = b"") -> None:
        super().__init__(code, reason)
        self.code = code
        """Close code for the connection."""
        self.reason = reason
        self.unparsed = unparsed
        """Received bytes from the start of the rejected frame on; empty if its end is unknown."""

    def __str__(self) -> str:
        return f"{self.reason} [{int(self.code)}]"


class PreparedFrame:
    """Text message that is framed once for any number of connections."""

    __slots__ = ("_compressed", "latest", "payload", "plain", "volatile")

    def __init__(self, payload: bytes, *, volatile: bool = False, latest: Hashable = None) -> None:
        self.payload = payload
        self.volatile = volatile
        self.latest = latest
        self.plain = text_frame(payload)
        """Frame without compression, which every client accepts."""
        self._compressed: dict[int, bytes] = {}

    def encoded_for(self, params: DeflateParams | None) -> bytes:
        """Return the frame for connections with these parameters; compressed once for each window size."""
        if params is None or len(self.payload) < COMPRESS_FROM:
            return self.plain
        bits = params.server_window_bits
        encoded = self._compressed.get(bits)
        if encoded is None:
            data = compress(self.payload, bits, params.compression_level, params.mem_level)
            encoded = self._compressed[bits] = frame(TEXT, data, compressed=True)
        return encoded


def prepare_frame(payload: bytes, *, volatile: bool = False, latest: Hashable = None) -> PreparedFrame:
    """Return a frame for many connections.

    Args:
        payload: Message in UTF-8.
        volatile: True if the frame may be dropped for a slow client.
        latest: Key; for a slow client the frame replaces the queued frame with the same key.
    """
    return PreparedFrame(payload, volatile=volatile, latest=latest)


def text_frame(payload: bytes) -> bytes:
    """Return an unfragmented text frame."""
    size = len(payload)
    return SHORT_TEXT_HEADERS[size] + payload if size < 126 else frame(TEXT, payload)


def frame(opcode: int, payload: bytes, *, compressed: bool = False) -> bytes:
    """Return an unfragmented, unmasked frame (RFC 6455 section 5.2)."""
    first = _FIN | opcode | (_RSV1 if compressed else 0)
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65536:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload


def close_frame(code: int | None, reason: str | None) -> bytes:
    """Return a close frame (RFC 6455 section 5.5.1). A long reason is cut to 123 bytes, so that closing cannot fail.

    Raises:
        ValueError: If the code must not be sent.
    """
    if code is None:
        if not reason:
            return frame(CLOSE, b"")
        code = CloseCode.NORMAL
    require_close_code(code)
    return frame(CLOSE, struct.pack("!H", code) + cut_reason(reason or "").encode())


def cut_reason(reason: str) -> str:
    """Return the start of a close reason that a close frame can carry: 123 bytes (RFC 6455 section 5.5)."""
    return reason.encode(errors="replace")[:_MAX_REASON_BYTES].decode(errors="ignore")
