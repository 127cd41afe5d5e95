from __future__ import annotations

import struct

import pytest

from tests.support.peer import TEXT, Received
from tests.support.socket_handlers import Crowd
from tornado_ws.errors import CloseCode
from tornado_ws.websocket import PreparedFrame
from tornado_ws.websocket.frames import BINARY, FrameError, close_frame, frame, text_frame

pytestmark = pytest.mark.gen_test


async def test_prepared_frame_is_compressed_once(serve, settled):
    class Compressing(Crowd):
        def get_compression_options(self):
            return {}

    connect = serve(Compressing)
    deflate = "Sec-WebSocket-Extensions: permessage-deflate\r\n"

    async with await connect(headers=deflate) as a, await connect(headers=deflate) as b, await connect() as plain:
        await settled(lambda: len(Compressing.members) == 3)
        frame = PreparedFrame(b"x" * 1000)
        for member in Compressing.members:
            member.connection.send_frame(frame.encoded_for(member.connection._deflate))

        first, second = await a.receive(), await b.receive()
        assert first == second
        assert first.compressed
        assert Received(TEXT, b"x" * 1000) == await plain.receive()
        assert 1 == len(frame._compressed)


@pytest.mark.parametrize(
    ("size", "header"),
    [
        (0, b"\x82\x00"),
        (125, b"\x82\x7d"),
        (126, b"\x82\x7e\x00\x7e"),
        (65535, b"\x82\x7e\xff\xff"),
        (65536, b"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)
def test_header_has_the_shortest_length(size, header):
    assert header + bytes(size) == frame(BINARY, bytes(size))


@pytest.mark.parametrize("size", [0, 125, 126])
def test_text_frame_equals_the_general_form(size):
    assert frame(TEXT, b"x" * size) == text_frame(b"x" * size)


def test_compressed_frame_has_the_first_reserved_bit():
    assert b"\xc1\x01x" == frame(TEXT, b"x", compressed=True)


def test_long_close_reason_is_cut_between_characters():
    encoded = close_frame(4000, "é" * 100)

    assert struct.pack("!BBH", 0x88, 124, 4000) + ("é" * 61).encode() == encoded


@pytest.mark.parametrize(
    ("code", "reason", "payload"), [(None, None, b""), (None, "reason", b"\x03\xe8reason"), (1001, None, b"\x03\xe9")]
)
def test_close_frame_without_a_code_or_reason(code, reason, payload):
    assert bytes((0x88, len(payload))) + payload == close_frame(code, reason)


def test_error_shows_reason_and_code():
    assert "opcode is reserved [1002]" == str(FrameError(CloseCode.PROTOCOL_ERROR, "opcode is reserved"))
