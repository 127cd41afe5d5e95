"""WebSocket frames (RFC 6455 section 5.2) from a client's view."""

from __future__ import annotations

import itertools
import struct

__all__ = ["CLOSE", "PING", "PONG", "TEXT", "client_frame", "frame_payload", "split_frames"]

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


def client_frame(payload: bytes, opcode: int = TEXT, *, mask: bytes = b"\x5a\x17\xe3\x8c", flags: int = 0) -> bytes:
    """Return a final frame, masked as RFC 6455 requires of clients."""
    size = len(payload)
    if size < 126:
        header = struct.pack("!BB", 0x80 | flags | opcode, 0x80 | size)
    elif size < 65536:
        header = struct.pack("!BBH", 0x80 | flags | opcode, 0x80 | 126, size)
    else:
        header = struct.pack("!BBQ", 0x80 | flags | opcode, 0x80 | 127, size)
    return header + mask + bytes(byte ^ key for byte, key in zip(payload, itertools.cycle(mask), strict=False))


def split_frames(data: bytes) -> tuple[list[bytes], bytes]:
    """Split the bytes from a server into complete frames and the rest."""
    frames, start = [], 0
    while len(data) - start >= 2:
        end = start + _header_size(data, start) + _payload_size(data, start)
        if end > len(data):
            break
        frames.append(data[start:end])
        start = end
    return frames, data[start:]


def frame_payload(frame: bytes) -> bytes:
    """Return the payload of a server's frame."""
    return frame[_header_size(frame, 0) :]


def _header_size(data: bytes, start: int) -> int:
    return {126: 4, 127: 10}.get(data[start + 1], 2)


def _payload_size(data: bytes, start: int) -> int:
    short = data[start + 1]
    return short if short < 126 else int.from_bytes(data[start + 2 : start + _header_size(data, start)], "big")
