"""What Autobahn's fuzzing client looks at, over real sockets."""

from __future__ import annotations

import struct
import zlib

import pytest

from tests.support.peer import BINARY, CLOSE, PING, PONG, TEXT, Received, closing, masked
from tornado_ws.websocket import StrictWebSocketHandler

pytestmark = pytest.mark.gen_test

DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"


class Echo(StrictWebSocketHandler):
    async def on_message(self, message):
        await self.write_message(message, binary=isinstance(message, bytes))


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


async def test_what_arrives_with_the_request_is_not_lost(serve):
    connect = serve(Echo)

    async with await connect(early=masked(TEXT, b"early") + masked(TEXT, b"bird")[:3]) as peer:
        assert "early" == await peer.receive_text()


async def test_pings_are_answered_each(serve):
    connect = serve(Echo)

    async with await connect() as peer:
        await peer.send(b"".join(masked(PING, b"%d" % n) for n in range(10)))

        assert [Received(PONG, b"%d" % n) for n in range(10)] == [await peer.receive() for _ in range(10)]


async def test_a_ping_between_fragments_is_answered_at_once(serve):
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
        (1002, closing(1005)),
        (1007, closing(1000, b"\xff")),
        (1007, masked(TEXT, b"\xff")),
        (1007, masked(TEXT, b"\xce", fin=False) + masked(0, b"a")),
        (1009, struct.pack("!BBQ", 0x82, 0xFF, 1 << 40)),
        (1009, masked(BINARY, bytes(2 << 20))),
    ],
)
async def test_a_violation_is_closed_with_a_code_that_the_client_receives(serve, code, data):
    connect = serve(Echo)

    async with await connect() as peer:
        peer.writer.write(data + masked(TEXT, bytes(100_000)))  # what follows must not make the kernel send a reset

        assert code == await peer.receive_close()


async def test_what_came_before_a_violation_is_answered(serve):
    class Plain(StrictWebSocketHandler):
        def on_message(self, message):
            self.write_message(message)

    connect = serve(Plain)

    async with await connect() as peer:
        await peer.send(masked(TEXT, b"hi") + masked(3))

        assert "hi" == await peer.receive_text()
        assert 1002 == await peer.receive_close()


async def test_the_handler_is_told_the_code_of_a_violation(serve, settled):
    told = []

    class Telling(Echo):
        def on_close(self):
            told.append((self.close_code, self.close_reason))

    connect = serve(Telling)

    async with await connect() as peer:
        await peer.send(masked(3))
        await peer.receive_close()
        await settled(lambda: bool(told))

    assert [(1002, "opcode is reserved")] == told


@pytest.mark.parametrize(
    ("sent", "answer"),
    [(closing(), None), (closing(1000), 1000), (closing(4000, b"bye"), 4000), (closing(1001, b"r" * 123), 1001)],
)
async def test_a_close_frame_is_answered_with_its_code(serve, sent, answer):
    connect = serve(Echo)

    async with await connect() as peer:
        await peer.send(sent)

        assert answer == await peer.receive_close()


async def test_nothing_is_answered_after_a_close_frame(serve):
    connect = serve(Echo)

    async with await connect() as peer:
        peer.writer.write(closing(1000) + masked(TEXT, b"late") + masked(PING) + b"garbage" * 1000)

        assert Received(CLOSE, struct.pack("!H", 1000)) == await peer.receive()
        assert b"" == await peer.reader.read()


def unpacked(received: Received) -> bytes:
    if not received.deflated:
        return received.payload
    return zlib.decompressobj(-12).decompress(received.payload + b"\x00\x00\xff\xff")


def packed(payload: bytes, packer=None) -> bytes:
    packer = packer or zlib.compressobj(wbits=-12)
    return (packer.compress(payload) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]


async def test_nothing_is_compressed_unless_asked_for(serve):
    connect = serve(Echo)

    async with await connect(headers=DEFLATE) as peer:
        assert "Extensions" not in peer.head
        await peer.text("x" * 10_000)

        assert not (await peer.receive()).deflated


async def test_large_messages_are_compressed_and_small_ones_are_not(serve):
    connect = serve(Compressing)

    async with await connect(headers=DEFLATE) as peer:
        assert (
            "Sec-Websocket-Extensions: permessage-deflate; server_no_context_takeover; "
            "server_max_window_bits=12; client_max_window_bits=12\r\n" in peer.head
        )
        await peer.text("x" * 10_000)
        await peer.text("x")

        large, small = await peer.receive(), await peer.receive()
        assert large.deflated
        assert len(large.payload) < 100
        assert b"x" * 10_000 == unpacked(large)
        assert Received(TEXT, b"x") == small


async def test_compressed_messages_may_be_fragmented_around_a_ping(serve):
    connect = serve(Compressing)
    packer = zlib.compressobj(wbits=-12)

    async with await connect(headers=DEFLATE) as peer:
        for number in range(3):
            message = b"%d and more of the same " % number * 20
            data = packed(message, packer)
            await peer.send(masked(TEXT, data[:5], fin=False, rsv=4) + masked(PING, b"p") + masked(0, data[5:]))

            assert Received(PONG, b"p") == await peer.receive()
            assert message == unpacked(await peer.receive())


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
async def test_bad_offers_are_declined(serve, offer):
    connect = serve(Compressing)

    async with await connect(headers=f"Sec-WebSocket-Extensions: {offer}\r\n") as peer:
        assert peer.head.startswith("HTTP/1.1 101 ")
        assert "Extensions" not in peer.head
        await peer.text("hi")

        assert "hi" == await peer.receive_text()


async def test_a_decompression_bomb_is_too_large(serve):
    connect = serve(Compressing)

    async with await connect(headers=DEFLATE) as peer:
        await peer.send(masked(BINARY, packed(bytes(50_000_000)), rsv=4))

        assert 1009 == await peer.receive_close()


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", packed(b"x" * 100)[:-5] + b"\x07\x07\x07"])
async def test_broken_compression_is_invalid(serve, data):
    connect = serve(Compressing)

    async with await connect(headers=DEFLATE) as peer:
        await peer.send(masked(TEXT, data, rsv=4))

        assert 1007 == await peer.receive_close()


async def test_the_limit_on_messages_is_tornados_setting(serve):
    connect = serve(Echo, websocket_max_message_size=10)

    async with await connect() as peer:
        await peer.text("0123456789")
        assert "0123456789" == await peer.receive_text()

        await peer.text("0123456789x")
        assert 1009 == await peer.receive_close()


@pytest.mark.parametrize(
    ("removed", "status"),
    [("Sec-WebSocket-Key", 400), ("Upgrade", 400), ("Connection", 400), ("Sec-WebSocket-Version", 426)],
)
async def test_a_handshake_without_its_headers_is_refused(serve, http_client, removed, status):
    connect = serve(Echo)
    headers = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }
    del headers[removed]

    response = await http_client.fetch(f"http://127.0.0.1:{connect.port}/", headers=headers, raise_error=False)

    assert status == response.code
