"""How connections end: whoever closes, and whatever is left behind."""

from __future__ import annotations

import asyncio
import gc
import logging
import random
import ssl
import subprocess
import sys
import weakref
from contextlib import suppress
from pathlib import Path

import pytest
import tornado.test

from tests.support.peer import CLOSE, PING, PONG, TEXT, Received, closing, masked
from tornado_ws.websocket import ConnectionSettings, Counters, StrictWebSocketHandler

pytestmark = pytest.mark.gen_test


class Plain(StrictWebSocketHandler):
    log: list[tuple[int | None, str | None]]
    alive: weakref.WeakSet[StrictWebSocketHandler]

    def __init_subclass__(cls) -> None:
        cls.log = []
        cls.alive = weakref.WeakSet()

    def open(self):
        self.alive.add(self)

    def on_message(self, message):
        if message == "close":
            self.close(4001, "enough")
        elif message == "abort":
            self.connection.abort()
        else:
            self.write_message(message)

    def on_close(self):
        self.log.append((self.close_code, self.close_reason))


async def test_the_server_says_good_bye_and_the_client_answers(serve, settled):
    class Leaving(Plain):
        pass

    connect = serve(Leaving)

    async with await connect() as peer:
        await peer.text("close")
        assert Received(CLOSE, b"\x0f\xa1enough") == await peer.receive()
        assert [] == Leaving.log

        await peer.send(closing(4001))
        assert b"" == await peer.reader.read()
        await settled(lambda: bool(Leaving.log))

    assert [(4001, "enough")] == Leaving.log


async def test_a_client_that_does_not_answer_good_bye_is_left(serve, settled):
    class Leaving(Plain):
        connection_settings = ConnectionSettings(close_timeout=0.05)

    connect = serve(Leaving)

    async with await connect() as peer:
        await peer.text("close")
        assert 4001 == await peer.receive_close()
        await settled(lambda: bool(Leaving.log))

    assert [(4001, "enough")] == Leaving.log


async def test_messages_after_good_bye_are_not_handled(serve, settled):
    class Leaving(Plain):
        pass

    connect = serve(Leaving)

    async with await connect() as peer:
        await peer.send(masked(TEXT, b"close") + masked(TEXT, b"late") + closing(1000))
        assert 4001 == await peer.receive_close()
        await settled(lambda: bool(Leaving.log))


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (closing(), (1005, None)),
        (closing(1000), (1000, None)),
        (closing(1001, "Grüße".encode()), (1001, "Grüße")),
        (b"", (None, None)),
    ],
)
async def test_the_handler_is_told_once_how_it_ended(serve, settled, sent, told):
    class Told(Plain):
        pass

    connect = serve(Told)

    async with await connect() as peer:
        await settled(lambda: bool(Told.alive))
        await peer.send(sent)
    await settled(lambda: bool(Told.log))
    await asyncio.sleep(0.01)

    assert [told] == Told.log


async def test_aborting_drops_the_connection(serve, settled):
    class Aborting(Plain):
        pass

    connect = serve(Aborting)

    async with await connect() as peer:
        await peer.text("abort")
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await peer.receive()
        await settled(lambda: bool(Aborting.log))

    assert [(None, None)] == Aborting.log


@pytest.mark.parametrize("code", [999, 1004, 1005, 1006, 1015, 2000, 5000])
async def test_codes_that_may_not_be_sent_are_refused(serve, settled, code):
    errors = []

    class Leaving(Plain):
        def on_message(self, message):
            try:
                self.close(code)
            except ValueError as error:
                errors.append(str(error))
            self.write_message("still here")

    connect = serve(Leaving)

    async with await connect() as peer:
        await peer.text("go")
        await settled(lambda: bool(errors))

    assert [f"expected a close code of RFC 6455 7.4 or from 3000 to 4999, got {code}"] == errors


async def test_a_reason_that_is_too_long_is_shortened_between_characters(serve):
    class Leaving(Plain):
        def on_message(self, message):
            self.close(4000, "é" * 100)

    connect = serve(Leaving)

    async with await connect() as peer:
        await peer.text("go")
        assert "é" * 61 == (await peer.receive()).payload[2:].decode()


async def test_a_client_that_is_silent_is_pinged_and_given_up(serve, settled):
    class Alive(Plain):
        connection_settings = ConnectionSettings(counters=Counters())

    connect = serve(Alive, websocket_ping_interval=0.05, websocket_ping_timeout=0.05)

    async with await connect() as peer:
        assert Received(PING, b"") == await peer.receive()
        assert 4508 == await peer.receive_close()
        await settled(lambda: bool(Alive.log))

    assert [(4508, "unresponsive")] == Alive.log
    assert 1 == Alive.connection_settings.counters.unresponsive


@pytest.mark.parametrize("size", [6])
async def test_any_byte_is_a_sign_of_life(serve, size):
    class Alive(Plain):
        pass

    connect = serve(Alive, websocket_ping_interval=0.3, websocket_ping_timeout=1)
    answers = masked(TEXT, b"x" * 1000)

    async with await connect() as peer:
        for number in range(6):
            assert Received(PING, b"") == await peer.receive()
            await peer.send(answers[number * size : (number + 1) * size])


async def test_a_client_that_takes_a_large_message_slowly_is_alive(serve):
    class Download(Plain):
        def open(self):
            self.write_message("x" * 20_000_000)

    connect = serve(Download, websocket_ping_interval=0.3, websocket_ping_timeout=0.3)

    async with await connect() as peer:
        size = 0
        for _ in range(25):
            size += len(await peer.reader.readexactly(400_000))
            await asyncio.sleep(0.06)
        assert not peer.reader.at_eof()


async def test_a_client_whose_handler_works_for_long_is_not_given_up(serve):
    class Busy(Plain):
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


async def test_there_is_one_timer_for_all(serve, settled):
    class Alive(Plain):
        pass

    connect = serve(Alive, websocket_ping_interval=30)
    before = len(asyncio.all_tasks())

    peers = [await connect() for _ in range(10)]
    await settled(lambda: len(Alive.alive) == 10)
    await asyncio.sleep(0.02)

    assert before == len(asyncio.all_tasks())
    for peer in peers:
        await peer.close()


async def test_malformed_frames_leave_one_line_each_in_the_log_and_no_payload(serve, settled, caplog):
    class Noisy(Plain):
        pass

    connect = serve(Noisy)
    rng = random.Random(4)
    with caplog.at_level(logging.DEBUG):
        for _ in range(60):
            async with await connect() as peer:
                peer.writer.write(masked(rng.choice([3, 11]), b"SECRET") + rng.randbytes(rng.randrange(3000)))
                assert 1002 == await peer.receive_close()
        await settled(lambda: len(Noisy.log) == 60)

    ours = [record for record in caplog.records if record.name == "tornado_ws"]
    assert 60 == len(ours)
    assert all(
        record.getMessage() == "closed the connection of 127.0.0.1: opcode is reserved [1002]" for record in ours
    )
    assert not [record for record in caplog.records if record.exc_info or "SECRET" in record.getMessage()]


async def test_garbage_hurts_nobody(serve, settled, caplog):
    class Noisy(Plain):
        def get_compression_options(self):
            return {}

    connect = serve(Noisy)
    rng = random.Random(6)
    deflate = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
    async with await connect() as other:
        for _ in range(100):
            peer = await connect(headers=deflate)
            with suppress(ConnectionError):
                await peer.send(bytes([rng.choice([0x81, 0xC1, 0x01, 0x80, 0x89])]) + rng.randbytes(rng.randrange(300)))
            peer.abort()
        await other.text("hi")
        assert "hi" == await other.receive_text()
        await settled(lambda: len(Noisy.log) == 100)
    assert not [record for record in caplog.records if record.exc_info]


def open_descriptors() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


async def test_connections_leave_nothing_behind(serve, settled):
    class Coming(Plain):
        async def on_message(self, message):
            if message == "wait":
                await asyncio.sleep(60)
            await self.write_message(message)

    connect = serve(Coming, websocket_ping_interval=30)
    loop = asyncio.get_running_loop()

    async def come_and_go(number: int) -> None:
        peer = await connect(early=masked(TEXT, b"early") if number % 2 else b"")
        way = number % 7
        if way == 0:
            await peer.send(closing(1000))
            await peer.receive_close()
        elif way == 1:
            peer.abort()
        elif way == 2:
            await peer.send(masked(3))
        elif way == 3:
            await peer.text("wait")
            peer.abort()
        elif way == 4:
            await peer.send(masked(TEXT, b"half")[:5])
        elif way == 5:
            await peer.text("hi")
        await peer.close()

    descriptors: list[int] = []
    for _ in range(3):
        await asyncio.gather(*(come_and_go(number) for number in range(70)))
        gc.disable()
        try:
            await settled(lambda: not Coming.alive)  # without the help of the garbage collector
        finally:
            gc.enable()
        await settled(lambda: len(asyncio.all_tasks()) <= 2)
        descriptors.append(open_descriptors())
    assert 210 == len(Coming.log)
    assert descriptors[-1] <= descriptors[0]
    assert loop.is_running()


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


async def test_all_of_it_works_with_tls(serve, settled, tls):
    class Secure(Plain):
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
    await settled(lambda: bool(Secure.log))

    assert [(1002, "opcode is reserved")] == Secure.log


async def test_tls_clients_that_read_late_get_everything(serve, settled, tls):
    class Secure(Plain):
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


def test_tornado_has_the_private_names_that_are_used():
    from tornado_ws.websocket.tornado_private import missing_names

    assert () == missing_names()


async def test_tornado_without_them_runs_its_own_loop(serve, monkeypatch, caplog):
    from tornado_ws.websocket import tornado_handler, tornado_private

    class Own(StrictWebSocketHandler):
        def on_message(self, message):
            self.write_message(message)

    tornado_handler._is_tornado_supported.cache_clear()
    monkeypatch.setattr(tornado_private, "NAMES", ("tornado.websocket.WebSocketProtocol13._gone",))
    connect = serve(Own)
    try:
        async with await connect() as peer:
            await peer.text("hi")
            assert "hi" == await peer.receive_text()
    finally:
        tornado_handler._is_tornado_supported.cache_clear()

    assert "tornado.websocket.WebSocketProtocol13._gone" in caplog.text


async def test_a_setting_chooses_tornados_own_loop(serve):
    class Own(Plain):
        def on_message(self, message):
            self.write_message(type(self.ws_connection).__name__)

    connect = serve(Own, websocket_connection="tornado")

    async with await connect() as peer:
        await peer.text("hi")
        assert "WebSocketProtocol13" == await peer.receive_text()


@pytest.mark.slow
def test_tornados_own_tests_pass_on_it():
    command = [sys.executable, "-m", "tests.tornado_ws.websocket.tornado_suite"]

    result = subprocess.run(command, capture_output=True, text=True, timeout=300)

    assert 0 == result.returncode, result.stderr[-5000:]
