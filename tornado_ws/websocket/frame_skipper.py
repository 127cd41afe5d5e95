"""Skipping of frames, to find the close frame of a client after a failure."""

from __future__ import annotations

from .frames import CLOSE

__all__ = ["FrameSkipper"]


class FrameSkipper:
    """Parser that reads only the headers of frames, and skips payloads of any size without buffering them."""

    __slots__ = ("_closes", "_header", "_left")

    def __init__(self) -> None:
        """Create a skipper at the start of a frame."""
        self._header = b""
        self._left = 0
        self._closes = False

    def feed(self, data: bytes) -> bool:
        """Skip received bytes; return True once a complete close frame was skipped."""
        if self._header:
            data = self._header + data
            self._header = b""
        position, size = 0, len(data)
        while True:
            position += self._left
            if position > size:
                self._left = position - size
                return False
            self._left = 0
            if self._closes:
                return True
            if size - position < 2:
                break
            length, payload = data[position + 1] & 0x7F, position + 2
            if length > 125:
                payload += 2 if length == 126 else 8
                if payload > size:
                    break
                length = int.from_bytes(data[position + 2 : payload], "big")
            self._closes = data[position] & 0x0F == CLOSE
            self._left = length + (4 if data[position + 1] & 0x80 else 0)
            position = payload
        self._header = data[position:]
        return False
