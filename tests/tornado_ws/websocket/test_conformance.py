from __future__ import annotations

import struct
import zlib

import pytest

from tests.support.peer import BINARY, CLOSE, PING, PONG, TEXT, Received, masked, masked_close
from tests.support.socket_handlers import Echo
from tornado_ws.websocket import StrictWebSocketHandler

pytestmark = pytest.mark.gen_test

DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"


class Compressing(Echo):
    def get_compression_options(self):
        return {}


@pytest.mark.parametrize("size", [0, 125, 126, 127, 128, 65535, 65536, 300_000])
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
async def test_messages_of_all_sizes_are_echoed(serve, size, opcode):
    connect = serve(Echo)
    payload = bytes(65 + n % 26 for n in range(size))

    async with await connect() as peer:
        await peer.send(masked(opcode, payload))

        assert Received(opcode, payload) == await peer.receive()


async def test_each_ping_is_answered(serve):
    connect = serve(Echo)

    async with await connect() as peer:
        await peer.send(b"".join(masked(PING, b"%d" % n) for n in range(10)))

        assert [Received(PONG, b"%d" % n) for n in range(10)] == [await peer.receive() for _ in range(10)]


async def test_ping_between_fragments_is_answered_at_once(serve):
    connect = serve(Echo)

    async with await connect() as peer:
        await peer.send(masked(TEXT, b"a", fin=False) + masked(PING, b"p"))
        assert Received(PONG, b"p") == await peer.receive()

        await peer.send(masked(0, b"b"))
        assert "ab" == await peer.receive_text()


async def test_unsolicited_pongs_are_ignored(serve):
    connect = serve(Echo)

    async with await connect() as peer:
        await peer.send(masked(PONG, b"x") + masked(TEXT, b"hi"))

        assert "hi" == await peer.receive_text()


@pytest.mark.parametrize(
    ("code", "data"),
    [
        (1002, masked(TEXT, b"hi", mask=False)),
        (1002, masked(TEXT, b"hi", rsv=2)),
        (1002, masked(TEXT, b"hi", rsv=4)),
        (1002, masked(3)),
        (1002, masked(11)),
        (1002, masked(PING, b"p" * 126)),
        (1002, masked(PING, fin=False)),
        (1002, masked(0, b"x")),
        (1002, masked(TEXT, b"x", fin=False) + masked(TEXT, b"y")),
        (1002, masked(CLOSE, b"\x03")),
        (1002, masked_close(1005)),
        (1007, masked_close(1000, b"\xff")),
        (1007, masked(TEXT, b"\xff")),
        (1007, masked(TEXT, b"\xce", fin=False) + masked(0, b"a")),
        (1009, struct.pack("!BBQ", 0x82, 0xFF, 1 << 40)),
        (1009, masked(BINARY, bytes(2 << 20))),
    ],
)
async def test_client_receives_the_close_code_of_a_violation(serve, code, data):
    connect = serve(Echo)

    async with await connect() as peer:
        peer.writer.write(data + masked(TEXT, bytes(100_000)))  # unread bytes must not make the kernel send a reset

        assert code == await peer.receive_close()


async def test_message_before_a_violation_is_answered(serve):
    class Plain(StrictWebSocketHandler):
        def on_message(self, message):
            self.write_message(message)

    connect = serve(Plain)

    async with await connect() as peer:
        await peer.send(masked(TEXT, b"hi") + masked(3))

        assert "hi" == await peer.receive_text()
        assert 1002 == await peer.receive_close()


async def test_handler_is_notified_of_the_code_of_a_violation(serve, settled):
    ends = []

    class Recording(Echo):
        def on_close(self):
            ends.append((self.close_code, self.close_reason))

    connect = serve(Recording)

    async with await connect() as peer:
        await peer.send(masked(3))
        await peer.receive_close()
        await settled(lambda: bool(ends))

    assert [(1002, "opcode is reserved")] == ends


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (masked_close(), None),
        (masked_close(1000), 1000),
        (masked_close(4000, b"bye"), 4000),
        (masked_close(1001, b"r" * 123), 1001),
    ],
)
async def test_close_frame_is_answered_with_its_code(serve, sent, code):
    connect = serve(Echo)

    async with await connect() as peer:
        await peer.send(sent)

        assert code == await peer.receive_close()


async def test_frames_after_a_close_frame_are_not_answered(serve):
    connect = serve(Echo)

    async with await connect() as peer:
        peer.writer.write(masked_close(1000) + masked(TEXT, b"late") + masked(PING) + b"garbage" * 1000)

        assert Received(CLOSE, struct.pack("!H", 1000)) == await peer.receive()
        assert b"" == await peer.reader.read()


def decompress(received: Received) -> bytes:
    if not received.compressed:
        return received.payload
    return zlib.decompressobj(-12).decompress(received.payload + b"\x00\x00\xff\xff")


def compress(payload: bytes, compressor=None) -> bytes:
    compressor = compressor or zlib.compressobj(wbits=-12)
    return (compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


async def test_messages_are_not_compressed_by_default(serve):
    connect = serve(Echo)

    async with await connect(headers=DEFLATE) as peer:
        assert "Extensions" not in peer.response
        await peer.text("x" * 10_000)

        assert not (await peer.receive()).compressed


async def test_large_messages_are_compressed_and_small_ones_are_not(serve):
    connect = serve(Compressing)

    async with await connect(headers=DEFLATE) as peer:
        assert (
            "Sec-Websocket-Extensions: permessage-deflate; server_no_context_takeover; "
            "server_max_window_bits=12; client_max_window_bits=12\r\n" in peer.response
        )
        await peer.text("x" * 10_000)
        await peer.text("x")

        large, small = await peer.receive(), await peer.receive()
        assert large.compressed
        assert len(large.payload) < 100
        assert b"x" * 10_000 == decompress(large)
        assert Received(TEXT, b"x") == small


async def test_compressed_messages_may_be_fragmented_around_a_ping(serve):
    connect = serve(Compressing)
    compressor = zlib.compressobj(wbits=-12)

    async with await connect(headers=DEFLATE) as peer:
        for number in range(3):
            message = b"%d and more of the same " % number * 20
            data = compress(message, compressor)
            await peer.send(masked(TEXT, data[:5], fin=False, rsv=4) + masked(PING, b"p") + masked(0, data[5:]))

            assert Received(PONG, b"p") == await peer.receive()
            assert message == decompress(await peer.receive())


@pytest.mark.parametrize(
    "offer",
    [
        "permessage-deflate; server_max_window_bits=8",
        "permessage-deflate; server_max_window_bits=banana",
        "permessage-deflate; client_max_window_bits; client_max_window_bits",
        "permessage-deflate; unknown",
        "permessage-deflate; x*=utf-8''%ff; y=\"unclosed",
        "; ; ;",
    ],
)
async def test_invalid_offer_is_declined(serve, offer):
    connect = serve(Compressing)

    async with await connect(headers=f"Sec-WebSocket-Extensions: {offer}\r\n") as peer:
        assert peer.response.startswith("HTTP/1.1 101 ")
        assert "Extensions" not in peer.response
        await peer.text("hi")

        assert "hi" == await peer.receive_text()


async def test_decompression_bomb_closes_with_1009(serve):
    connect = serve(Compressing)

    async with await connect(headers=DEFLATE) as peer:
        await peer.send(masked(BINARY, compress(bytes(50_000_000)), rsv=4))

        assert 1009 == await peer.receive_close()


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", compress(b"x" * 100)[:-5] + b"\x07\x07\x07"])
async def test_invalid_deflate_data_closes_with_1007(serve, data):
    connect = serve(Compressing)

    async with await connect(headers=DEFLATE) as peer:
        await peer.send(masked(TEXT, data, rsv=4))

        assert 1007 == await peer.receive_close()
