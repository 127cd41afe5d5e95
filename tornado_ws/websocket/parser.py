"""Read the frames of one client: a parser without I/O."""

from __future__ import annotations

import codecs
import zlib
from typing import Final

from mypy_extensions import mypyc_attr

from ..errors import CloseCode
from .frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, FrameError, valid_close_code
from .permessage_deflate import Decompressor, TooLarge
from .tornado_private import unmask

__all__ = ["FRAMES_PER_TURN", "FrameParser"]

FRAMES_PER_TURN: Final = 256
"""Frames after which a reader pauses, so that a client that floods does not keep the others waiting."""

_unmask: Final = unmask
_new_utf8: Final = codecs.getincrementaldecoder("utf-8")


@mypyc_attr(allow_interpreted_subclasses=True)
class FrameParser:
    """Takes bytes as they arrive and calls one of the ``*_arrived`` methods for each message and control frame.

    Nothing is kept of a frame before its header was checked, nor of a message beyond ``max_size``. Subclasses
    override what they want to hear of.
    """

    __slots__ = (
        "_amid",
        "_deflated",
        "_inflater",
        "_last",
        "_left",
        "_longest",
        "_mask",
        "_message",
        "_needed",
        "_opcode",
        "_partial",
        "_rest",
        "_utf8",
        "halted",
        "max_size",
        "stopped",
    )

    def __init__(self, max_size: int, inflater: Decompressor | None = None) -> None:
        self.max_size = max_size
        """Bytes a message may have, unpacked."""
        self.halted = False
        """Set by a subclass: nothing more arrives until it is unset and `resume` called."""
        self.stopped = False
        """Nothing arrives any more."""
        self._inflater = inflater
        self._longest = min(max_size, 125) + 6
        self._amid = False
        self._partial = bytearray()
        self._needed = 0
        self._rest = b""
        self._left = 0
        self._mask = b""
        self._last = False
        self._message: bytearray | None = None
        self._opcode = 0
        self._deflated = False
        self._utf8: codecs.IncrementalDecoder | None = None

    def text_arrived(self, payload: bytes) -> None:
        """Take a text message; it is valid UTF-8."""

    def binary_arrived(self, payload: bytes) -> None:
        """Take a binary message."""

    def ping_arrived(self, payload: bytes) -> None:
        """Take a ping, which wants a pong of the same payload."""

    def pong_arrived(self, payload: bytes) -> None:
        """Take a pong."""

    def close_arrived(self, code: int | None, reason: str | None) -> None:
        """Take a close frame; nothing arrives after it."""

    @property
    def pending(self) -> bool:
        """Whether bytes wait for `resume` because the reader was halted or has to let others have their turn."""
        return bool(self._rest)

    def feed(self, data: bytes, position: int = 0) -> None:
        """Take what was read from the socket, from ``position`` on.

        Raises:
            FrameError: the client broke the protocol; feed nothing more.
        """
        if self._amid:
            self._complete_frame(data)
            return
        size = len(data)
        longest = self._longest
        for _ in range(FRAMES_PER_TURN):
            if self.halted or size - position < 2:
                break
            short = data[position + 1] - 122  # bytes of the frame if it has the common form: a short masked text
            end = position + short
            if data[position] == 0x81 and 6 <= short <= longest and end <= size and self._message is None:
                payload = _unmask(data[position + 2 : position + 6], data[position + 6 : end])
                if not payload.isascii():
                    self._check_utf8(payload)
                position = end
                self.text_arrived(payload)
                if end == size:
                    return
                continue
            end = self._frame(data, position, size)
            if end > size:
                self._keep(data[position:], end - position)
                return
            position = end
        if position == size or self.stopped:
            return
        if not self.halted and size - position < 2:
            self._keep(data[position:], 2)
        else:
            self._rest = data[position:]
            self._amid = True

    def resume(self) -> None:
        """Go on with what is pending.

        Raises:
            FrameError: the client broke the protocol; feed nothing more.
        """
        data, self._rest = self._rest, b""
        self._amid = self.stopped
        self.feed(data)

    def stop(self) -> None:
        """Forget everything; what is fed from now on is not looked at."""
        self.stopped = self.halted = self._amid = True
        self._rest = b""
        self._needed = self._left = 0
        self._partial = bytearray()
        self._message = None
        self._inflater = None

    def _keep(self, part: bytes, needed: int) -> None:
        self._partial += part
        self._needed = needed
        self._amid = True

    def _complete_frame(self, data: bytes) -> None:
        """Take the rest of what has begun: a frame, the head of one, or what waits for `resume`."""
        if self.stopped:
            return
        if self._rest:
            self._rest += data
        elif self._left:
            self._go_on(data)
        else:
            partial = self._partial
            partial += data
            if len(partial) >= self._needed:
                self._partial = bytearray()
                self._amid = False
                self.feed(bytes(partial))

    def _frame(self, data: bytes, start: int, size: int) -> int:
        """Take a frame of any form. Return where it ends, which is past ``size`` if it has not arrived as a whole."""
        first, second = data[start], data[start + 1]
        opcode, final, length, head = first & 0x0F, first & 0x80, second & 0x7F, start + 2
        self._check_head(first, second)
        if length == 126:
            head += 2
            if head > size:
                return head
            length = int.from_bytes(data[start + 2 : head], "big")
        elif length == 127:
            head += 8
            if head > size:
                return head
            length = int.from_bytes(data[start + 2 : head], "big")
            if length >> 63:
                raise FrameError(CloseCode.PROTOCOL_ERROR, "length of a frame is negative")
        if not opcode & 8 and length + len(self._message or b"") > self.max_size:
            raise FrameError(CloseCode.TOO_BIG, "message too big")
        end = head + 4 + length
        if end > size:
            if opcode & 8 or head + 4 > size:
                return min(end, head + 4 + (length if opcode & 8 else 0))
            self._left, self._mask, self._last = length, data[head : head + 4], bool(final)
            self._amid = True
            self._begin(opcode, bool(first & 0x40))
            self._go_on(data, head + 4)
            return size
        payload = _unmask(data[head : head + 4], data[head + 4 : end]) if length else b""
        if opcode & 8:
            self._control(opcode, payload)
        else:
            self._data(opcode, bool(final), bool(first & 0x40), payload)
        return end

    def _go_on(self, data: bytes, position: int = 0) -> None:
        """Take more of a frame that did not arrive as a whole: its parts are like fragments of the message."""
        part = data[position : position + self._left]
        shift = len(part) % 4
        payload = _unmask(self._mask, part)
        self._mask = self._mask[shift:] + self._mask[:shift]
        self._left -= len(part)
        self._extend(payload, final=self._last and not self._left)
        if not self._left and not self.stopped:
            self._amid = False
            self.feed(data, position + len(part))

    def _check_head(self, first: int, second: int) -> None:
        opcode = first & 0x0F
        reserved = first & 0x70
        if self._inflater is not None and opcode in (TEXT, BINARY):
            reserved &= ~0x40
        if not second & 0x80:
            raise FrameError(CloseCode.PROTOCOL_ERROR, "frame is not masked")
        if reserved:
            raise FrameError(CloseCode.PROTOCOL_ERROR, "reserved bits are set")
        if opcode not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
            raise FrameError(CloseCode.PROTOCOL_ERROR, "opcode is reserved")
        if opcode & 8:
            if not first & 0x80:
                raise FrameError(CloseCode.PROTOCOL_ERROR, "control frame is fragmented")
            if second & 0x7F > 125:
                raise FrameError(CloseCode.PROTOCOL_ERROR, "control frame is longer than 125 bytes")
        elif (opcode == CONTINUATION) != (self._message is not None):
            words = "nothing to continue" if opcode == CONTINUATION else "message begins inside another"
            raise FrameError(CloseCode.PROTOCOL_ERROR, words)

    def _data(self, opcode: int, final: bool, deflated: bool, payload: bytes) -> None:
        if opcode != CONTINUATION and final:
            self._opcode, self._deflated = opcode, deflated
            self._complete(payload)
        else:
            self._begin(opcode, deflated)
            self._extend(payload, final=final)

    def _begin(self, opcode: int, deflated: bool) -> None:
        if opcode != CONTINUATION:
            self._opcode, self._deflated = opcode, deflated
            self._message = bytearray()
            self._utf8 = _new_utf8() if opcode == TEXT and not deflated else None

    def _extend(self, payload: bytes, *, final: bool) -> None:
        message = self._message
        assert message is not None  # _check_head lets no continuation of nothing through
        message += payload
        if self._utf8 is not None:
            try:
                self._utf8.decode(payload, final)
            except UnicodeDecodeError:
                raise FrameError(CloseCode.INVALID_TEXT, "text is not UTF-8") from None
        if final:
            self._message = None
            self._complete(bytes(message))

    def _complete(self, payload: bytes) -> None:
        if self._deflated and self._inflater is not None:
            try:
                payload = self._inflater.inflate(payload, self.max_size)
            except TooLarge:
                raise FrameError(CloseCode.TOO_BIG, "message too big") from None
            except zlib.error:
                raise FrameError(CloseCode.INVALID_TEXT, "message is not deflate") from None
        if self._opcode == BINARY:
            self.binary_arrived(payload)
            return
        if not payload.isascii():
            self._check_utf8(payload)
        self.text_arrived(payload)

    def _control(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self.ping_arrived(payload)
        elif opcode == PONG:
            self.pong_arrived(payload)
        else:
            self._close(payload)

    def _close(self, payload: bytes) -> None:
        code: int | None = None
        reason: str | None = None
        if len(payload) == 1:
            raise FrameError(CloseCode.PROTOCOL_ERROR, "close frame of one byte")
        if payload:
            code = int.from_bytes(payload[:2], "big")
            if not valid_close_code(code):
                raise FrameError(CloseCode.PROTOCOL_ERROR, "close code is not for the wire")
            try:
                reason = payload[2:].decode() or None
            except UnicodeDecodeError:
                raise FrameError(CloseCode.INVALID_TEXT, "close reason is not UTF-8") from None
        self.stop()
        self.close_arrived(code, reason)

    @staticmethod
    def _check_utf8(payload: bytes) -> None:
        try:
            payload.decode()
        except UnicodeDecodeError:
            raise FrameError(CloseCode.INVALID_TEXT, "text is not UTF-8") from None
