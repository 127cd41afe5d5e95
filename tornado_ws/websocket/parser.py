"""Parser for the frames of one client, without I/O."""

from __future__ import annotations

import codecs
import zlib
from typing import Final

from mypy_extensions import mypyc_attr

from ..errors import CloseCode, is_valid_close_code
from .frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, FrameError
from .permessage_deflate import Decompressor, TooLarge
from .tornado_private import unmask

__all__ = ["FRAMES_PER_BATCH", "FrameParser"]

FRAMES_PER_BATCH: Final = 256
"""Frames after which parsing pauses until `resume`, so that a flood from one client does not delay the others."""

_unmask: Final = unmask
_new_utf8_decoder: Final = codecs.getincrementaldecoder("utf-8")


@mypyc_attr(allow_interpreted_subclasses=True)
class FrameParser:
    """Parser that calls one of its ``*_received`` methods for each message and control frame.

    It checks the header before it buffers a payload, and buffers no message beyond ``max_size``. Subclasses override
    the ``*_received`` methods.
    """

    __slots__ = (
        "_buffer",
        "_compressed",
        "_decompressor",
        "_fast_path_size",
        "_final",
        "_mask",
        "_message",
        "_mid_frame",
        "_needed",
        "_opcode",
        "_payload_left",
        "_unparsed",
        "_utf8_decoder",
        "max_size",
        "paused",
        "stopped",
    )

    def __init__(self, max_size: int, decompressor: Decompressor | None = None) -> None:
        """Create a parser at the start of a stream.

        Args:
            max_size: Maximum size of a message after decompression, in bytes.
            decompressor: Decompressor of messages; None if compression was not negotiated.
        """
        self.max_size = max_size
        """Maximum size of a message after decompression, in bytes."""
        self.paused = False
        """True while a subclass does not accept frames. To continue, it sets this to False and calls `resume`."""
        self.stopped = False
        """True once no further frames are parsed."""
        self._decompressor = decompressor
        self._fast_path_size = min(max_size, 125) + 6
        self._mid_frame = False  # the next byte continues a frame, or must wait for `resume`
        self._buffer = bytearray()  # incomplete header or control frame
        self._needed = 0  # size of the buffer at which parsing continues
        self._unparsed = b""
        self._payload_left = 0
        self._mask = b""
        self._final = False
        self._message: bytearray | None = None
        self._opcode = 0
        self._compressed = False
        self._utf8_decoder: codecs.IncrementalDecoder | None = None

    def text_received(self, payload: bytes) -> None:
        """Handle a text message, which is valid UTF-8."""

    def binary_received(self, payload: bytes) -> None:
        """Handle a binary message."""

    def ping_received(self, payload: bytes) -> None:
        """Handle a ping, which requires a pong with the same payload (RFC 6455 section 5.5.2)."""

    def pong_received(self, payload: bytes) -> None:
        """Handle a pong."""

    def close_received(self, code: int | None, reason: str | None) -> None:
        """Handle a close frame; later frames are ignored."""

    @property
    def has_unparsed(self) -> bool:
        """True if received bytes wait for `resume`, because of `paused` or ``FRAMES_PER_BATCH``."""
        return bool(self._unparsed)

    def feed(self, data: bytes, position: int = 0) -> None:
        """Parse bytes read from the socket, from ``position`` on.

        Raises:
            FrameError: If the client violated RFC 6455 or RFC 7692. Feed no more bytes.
        """
        if self._mid_frame:
            self._feed_mid_frame(data)
            return
        size = len(data)
        fast_path_size = self._fast_path_size
        for _ in range(FRAMES_PER_BATCH):
            if self.paused or size - position < 2:
                break
            frame_size = data[position + 1] - 122  # valid for the most frequent frame: a short, masked text
            end = position + frame_size
            if data[position] == 0x81 and 6 <= frame_size <= fast_path_size and end <= size and self._message is None:
                payload = _unmask(data[position + 2 : position + 6], data[position + 6 : end])
                if not payload.isascii():
                    self._check_utf8(payload)
                position = end
                self.text_received(payload)
                if end == size:
                    return
                continue
            end = self._parse_frame(data, position, size)
            if end > size:
                self._wait_for(data[position:], end - position)
                return
            position = end
        if position == size or self.stopped:
            return
        if not self.paused and size - position < 2:
            self._wait_for(data[position:], 2)
        else:
            self._unparsed = data[position:]
            self._mid_frame = True

    def resume(self) -> None:
        """Parse the bytes that wait.

        Raises:
            FrameError: If the client violated RFC 6455 or RFC 7692. Feed no more bytes.
        """
        data, self._unparsed = self._unparsed, b""
        self._mid_frame = self.stopped
        self.feed(data)

    def stop(self) -> None:
        """Discard all buffered bytes, and ignore further bytes."""
        self.stopped = self.paused = self._mid_frame = True
        self._unparsed = b""
        self._needed = self._payload_left = 0
        self._buffer = bytearray()
        self._message = None
        self._decompressor = None

    def _wait_for(self, part: bytes, needed: int) -> None:
        self._buffer += part
        self._needed = needed
        self._mid_frame = True

    def _feed_mid_frame(self, data: bytes) -> None:
        """Parse bytes that continue a frame or a header, or that must wait for `resume`."""
        if self.stopped:
            return
        if self._unparsed:
            self._unparsed += data
        elif self._payload_left:
            self._continue_payload(data)
        else:
            buffer = self._buffer
            buffer += data
            if len(buffer) >= self._needed:
                self._buffer = bytearray()
                self._mid_frame = False
                self.feed(bytes(buffer))

    def _parse_frame(self, data: bytes, start: int, size: int) -> int:
        """Parse a frame of any kind.

        Returns:
            End of the frame in ``data``. If larger than ``size``, the frame is incomplete and more bytes are needed.
        """
        first, second = data[start], data[start + 1]
        opcode, final, length, header_end = first & 0x0F, first & 0x80, second & 0x7F, start + 2
        self._check_header(first, second)
        if length == 126:
            header_end += 2
            if header_end > size:
                return header_end
            length = int.from_bytes(data[start + 2 : header_end], "big")
        elif length == 127:
            header_end += 8
            if header_end > size:
                return header_end
            length = int.from_bytes(data[start + 2 : header_end], "big")
            if length >> 63:
                raise FrameError(CloseCode.PROTOCOL_ERROR, "most significant bit of the length is set")
        if not opcode & 8 and length + len(self._message or b"") > self.max_size:
            raise FrameError(CloseCode.TOO_BIG, "message too big", unparsed=data[start:])
        end = header_end + 4 + length
        if end > size:
            if opcode & 8 or header_end + 4 > size:
                return min(end, header_end + 4 + (length if opcode & 8 else 0))
            self._payload_left, self._mask, self._final = length, data[header_end : header_end + 4], bool(final)
            self._mid_frame = True
            self._begin_message(opcode, bool(first & 0x40))
            self._continue_payload(data, header_end + 4)
            return size
        payload = _unmask(data[header_end : header_end + 4], data[header_end + 4 : end]) if length else b""
        if opcode & 8:
            self._handle_control(opcode, payload)
        else:
            self._handle_data(opcode, bool(final), bool(first & 0x40), payload)
        return end

    def _continue_payload(self, data: bytes, position: int = 0) -> None:
        """Append a part of an incomplete frame to the message, as if it were a fragment."""
        part = data[position : position + self._payload_left]
        shift = len(part) % 4
        payload = _unmask(self._mask, part)
        self._mask = self._mask[shift:] + self._mask[:shift]
        self._payload_left -= len(part)
        self._extend_message(payload, final=self._final and not self._payload_left)
        if not self._payload_left and not self.stopped:
            self._mid_frame = False
            self.feed(data, position + len(part))

    def _check_header(self, first: int, second: int) -> None:
        opcode = first & 0x0F
        reserved = first & 0x70
        if self._decompressor is not None and opcode in (TEXT, BINARY):
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
            reason = "no message to continue" if opcode == CONTINUATION else "previous message is not complete"
            raise FrameError(CloseCode.PROTOCOL_ERROR, reason)

    def _handle_data(self, opcode: int, final: bool, compressed: bool, payload: bytes) -> None:
        if opcode != CONTINUATION and final:
            self._opcode, self._compressed = opcode, compressed
            self._complete_message(payload)
        else:
            self._begin_message(opcode, compressed)
            self._extend_message(payload, final=final)

    def _begin_message(self, opcode: int, compressed: bool) -> None:
        if opcode != CONTINUATION:
            self._opcode, self._compressed = opcode, compressed
            self._message = bytearray()
            self._utf8_decoder = _new_utf8_decoder() if opcode == TEXT and not compressed else None

    def _extend_message(self, payload: bytes, *, final: bool) -> None:
        message = self._message
        assert message is not None  # _check_header rejects a continuation without a message
        message += payload
        if self._utf8_decoder is not None:
            try:
                self._utf8_decoder.decode(payload, final)
            except UnicodeDecodeError:
                raise FrameError(CloseCode.INVALID_TEXT, "text is not UTF-8") from None
        if final:
            self._message = None
            self._complete_message(bytes(message))

    def _complete_message(self, payload: bytes) -> None:
        if self._compressed and self._decompressor is not None:
            try:
                payload = self._decompressor.decompress(payload, self.max_size)
            except TooLarge:
                raise FrameError(CloseCode.TOO_BIG, "message too big") from None
            except zlib.error:
                raise FrameError(CloseCode.INVALID_TEXT, "message is not valid deflate data") from None
        if self._opcode == BINARY:
            self.binary_received(payload)
            return
        if not payload.isascii():
            self._check_utf8(payload)
        self.text_received(payload)

    def _handle_control(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self.ping_received(payload)
        elif opcode == PONG:
            self.pong_received(payload)
        else:
            self._handle_close(payload)

    def _handle_close(self, payload: bytes) -> None:
        code: int | None = None
        reason: str | None = None
        if len(payload) == 1:
            raise FrameError(CloseCode.PROTOCOL_ERROR, "close frame with a payload of one byte")
        if payload:
            code = int.from_bytes(payload[:2], "big")
            if not is_valid_close_code(code):
                raise FrameError(CloseCode.PROTOCOL_ERROR, "close code is reserved")
            try:
                reason = payload[2:].decode() or None
            except UnicodeDecodeError:
                raise FrameError(CloseCode.INVALID_TEXT, "close reason is not UTF-8") from None
        self.stop()
        self.close_received(code, reason)

    @staticmethod
    def _check_utf8(payload: bytes) -> None:
        try:
            payload.decode()
        except UnicodeDecodeError:
            raise FrameError(CloseCode.INVALID_TEXT, "text is not UTF-8") from None
