from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
import tornado.test

from tests.support.peer import PING, PONG, TEXT, Received, masked
from tests.support.socket_handlers import Echo, Recording
from tornado_ws.websocket import ConnectionSettings

pytestmark = pytest.mark.gen_test


async def test_frames_sent_with_the_handshake_are_received(serve):
    connect = serve(Echo)

    async with await connect(early=masked(TEXT, b"early") + masked(TEXT, b"bird")[:3]) as peer:
        assert "early" == await peer.receive_text()


async def test_flood_of_pings_does_not_delay_other_clients(serve):
    connect = serve(Echo)

    async with await connect() as flooding, await connect() as other:
        flooding.writer.write(masked(PING, b"flood") * 20_000)
        await other.text("hi")
        assert "hi" == await other.receive_text()
        assert Received(PONG, b"flood") == await flooding.receive()


@pytest.mark.parametrize("size", [6])
async def test_any_received_byte_is_a_sign_of_life(serve, size):
    class Pinged(Recording):
        pass

    connect = serve(Pinged, websocket_ping_interval=0.3, websocket_ping_timeout=1)
    answers = masked(TEXT, b"x" * 1000)

    async with await connect() as peer:
        for number in range(6):
            assert Received(PING, b"") == await peer.receive()
            await peer.send(answers[number * size : (number + 1) * size])


async def test_slow_download_is_a_sign_of_life(serve):
    class Download(Recording):
        def open(self):
            self.write_message("x" * 20_000_000)

    connect = serve(Download, websocket_ping_interval=0.3, websocket_ping_timeout=0.3)

    async with await connect() as peer:
        size = 0
        for _ in range(25):
            size += len(await peer.reader.readexactly(400_000))
            await asyncio.sleep(0.06)
        assert not peer.reader.at_eof()


async def test_paused_reading_does_not_make_a_client_unresponsive(serve):
    class Busy(Recording):
        connection_settings = ConnectionSettings(receive_queue_messages=1)

        async def on_message(self, message):
            await asyncio.sleep(0.3)
            await self.write_message(message)

    connect = serve(Busy, websocket_ping_interval=0.05, websocket_ping_timeout=0.05)

    async with await connect() as peer:
        for word in ("a", "b"):
            await peer.text(word)
        words = []
        while len(words) < 2:
            received = await peer.receive()
            if received.opcode == PING:
                await peer.send(masked(PONG))
            else:
                words.append(received.payload)
        assert [b"a", b"b"] == words


@pytest.fixture
def tls() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return contexts for server and client, with the certificate that Tornado's own tests use."""
    folder = Path(tornado.test.__file__).parent
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(folder / "test.crt", folder / "test.key")
    client = ssl.create_default_context()
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    return server, client


async def test_messages_and_protocol_errors_over_tls(serve, settled, tls):
    class Secure(Recording):
        pass

    server, client = tls
    connect = serve(Secure, ssl_options=server)

    async with await connect(tls=client, early=masked(TEXT, b"early")) as peer:
        assert "early" == await peer.receive_text()
        await peer.send(b"".join(masked(TEXT, b"%d" % n * 100) for n in range(1000)))
        for number in range(1000):
            assert str(number) * 100 == await peer.receive_text()
        await peer.text("x" * 1_000_000)
        assert 1_000_000 == len(await peer.receive_text())
        await peer.send(masked(3))
        assert 1002 == await peer.receive_close()
    await settled(lambda: bool(Secure.ends))

    assert [(1002, "opcode is reserved")] == Secure.ends


async def test_slow_tls_client_receives_all_messages(serve, settled, tls):
    class Secure(Recording):
        connection_settings = ConnectionSettings(write_queue_bytes=64 << 20)

        def open(self):
            for number in range(300):
                self.write_message(f"{number} " + "x" * 50_000)

    server, client = tls
    connect = serve(Secure, ssl_options=server)

    async with await connect(tls=client) as peer:
        await asyncio.sleep(0.1)
        for number in range(300):
            assert f"{number} " + "x" * 50_000 == await peer.receive_text()
