"""Build frames of RFC 6455, and name what is wrong with those of others."""

from __future__ import annotations

import struct
from collections.abc import Hashable
from typing import Final

from ..errors import CloseCode, TornadoWsError
from .permessage_deflate import COMPRESS_FROM, DeflateParams, compress

__all__ = [
    "BINARY",
    "CLOSE",
    "CONTINUATION",
    "PING",
    "PONG",
    "SHORT_TEXT",
    "TEXT",
    "FrameError",
    "PreparedFrame",
    "close_frame",
    "frame",
    "prepare_frame",
    "text_frame",
    "valid_close_code",
]

CONTINUATION: Final = 0x0
TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA

_FIN: Final = 0x80
_DEFLATED: Final = 0x40
_REASON_BYTES: Final = 123
SHORT_TEXT: Final = tuple(bytes((_FIN | TEXT, size)) for size in range(126))
"""Heads of the frames of short texts, by size."""


class FrameError(TornadoWsError):
    """The peer broke RFC 6455 or 7692; the connection is to be closed with ``code``."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.reason} [{int(self.code)}]"


class PreparedFrame:
    """One text message, encoded and framed once for any number of connections."""

    __slots__ = ("_deflated", "latest", "payload", "plain", "volatile")

    def __init__(self, payload: bytes, *, volatile: bool = False, latest: Hashable = None) -> None:
        self.payload = payload
        self.volatile = volatile
        self.latest = latest
        self.plain = text_frame(payload)
        """The frame without compression; every client takes it."""
        self._deflated: dict[int, bytes] = {}

    def agreed(self, agreement: DeflateParams | None) -> bytes:
        """Return the frame as clients of this agreement get it; compressed once for each size of window."""
        if agreement is None or len(self.payload) < COMPRESS_FROM:
            return self.plain
        bits = agreement.server_bits
        made = self._deflated.get(bits)
        if made is None:
            packed = compress(self.payload, bits, agreement.level, agreement.memory)
            made = self._deflated[bits] = frame(TEXT, packed, deflated=True)
        return made


def prepare_frame(payload: bytes, *, volatile: bool = False, latest: Hashable = None) -> PreparedFrame:
    """Return a frame to be sent to many connections.

    Args:
        payload: UTF-8.
        volatile: It may be dropped for a client that does not read.
        latest: For such a client it takes the place of a frame that waits and has the same key.
    """
    return PreparedFrame(payload, volatile=volatile, latest=latest)


def text_frame(payload: bytes) -> bytes:
    """Return one unfragmented text frame of a server."""
    size = len(payload)
    return SHORT_TEXT[size] + payload if size < 126 else frame(TEXT, payload)


def frame(opcode: int, payload: bytes, *, deflated: bool = False) -> bytes:
    """Return one unfragmented frame of a server."""
    first = _FIN | opcode | (_DEFLATED if deflated else 0)
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65536:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload


def close_frame(code: int | None, reason: str | None) -> bytes:
    """Return a close frame; a reason too long for one is shortened, because closing must not fail.

    Raises:
        ValueError: the code may not be sent.
    """
    if code is None:
        if not reason:
            return frame(CLOSE, b"")
        code = CloseCode.NORMAL
    if not valid_close_code(code):
        raise ValueError(f"expected a close code of RFC 6455 7.4 or from 3000 to 4999, got {code}")
    words = (reason or "").encode()[:_REASON_BYTES].decode(errors="ignore").encode()
    return frame(CLOSE, struct.pack("!H", code) + words)


def valid_close_code(code: int) -> bool:
    """Tell whether a close frame may carry ``code``: registered ones that are for the wire, libraries' and private."""
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999
