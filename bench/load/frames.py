"""Frames of RFC 6455 as a client writes and reads them."""

from __future__ import annotations

import itertools
import struct

__all__ = ["CLOSE", "PING", "PONG", "TEXT", "client_frame", "payload", "split"]

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


def client_frame(payload: bytes, opcode: int = TEXT, *, mask: bytes = b"\x5a\x17\xe3\x8c", flags: int = 0) -> bytes:
    """Return a final frame, masked as a client has to."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | flags | opcode, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", 0x80 | flags | opcode, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | flags | opcode, 0x80 | 127, size)
    return head + mask + bytes(byte ^ key for byte, key in zip(payload, itertools.cycle(mask), strict=False))


def split(data: bytes) -> tuple[list[bytes], bytes]:
    """Return the whole frames of what a server sent, and what is left."""
    frames, at = [], 0
    while len(data) - at >= 2:
        end = at + _head(data, at) + _size(data, at)
        if end > len(data):
            break
        frames.append(data[at:end])
        at = end
    return frames, data[at:]


def payload(frame: bytes) -> bytes:
    """Return what a frame of a server carries."""
    return frame[_head(frame, 0) :]


def _head(data: bytes, at: int) -> int:
    return {126: 4, 127: 10}.get(data[at + 1], 2)


def _size(data: bytes, at: int) -> int:
    short = data[at + 1]
    return short if short < 126 else int.from_bytes(data[at + 2 : at + _head(data, at)], "big")
