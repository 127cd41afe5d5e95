from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import time

import pytest
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler, websocket_connect

from tests.support.certificates import make_certificate
from tornado_ws.http_server import Bounds, Certificate, bind, listen
from tornado_ws.http_server.server import IDLE_SECONDS

GET = b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n"
BIG = 8 << 20
"""Size of a response beyond all buffers of the kernel."""


class Quick(RequestHandler):
    def get(self) -> None:
        self.finish("quick")


class Held(RequestHandler):
    """Handler that answers once the test allows it."""

    def initialize(self, entered: asyncio.Event, released: asyncio.Event) -> None:
        self.entered = entered
        self.released = released

    async def get(self) -> None:
        self.entered.set()
        await self.released.wait()
        await self.finish("held")

    async def post(self) -> None:
        await self.finish(f"{len(self.request.body)} bytes")


class Begun(Held):
    """Handler that answers in two parts."""

    async def get(self) -> None:
        self.write("begun")
        await self.flush()
        await self.released.wait()
        await self.finish("ended")


class Counted(RequestHandler):
    requests = 0

    def prepare(self) -> None:
        Counted.requests += 1


class Big(RequestHandler):
    def get(self) -> None:
        self.finish(b"x" * BIG)


class Handshake(WebSocketHandler):
    """Handler that accepts a WebSocket once the test allows it."""

    def initialize(self, entered: asyncio.Event, released: asyncio.Event) -> None:
        self.entered = entered
        self.released = released

    async def prepare(self) -> None:
        self.entered.set()
        await self.released.wait()


class Site:
    """Running server."""

    def __init__(self, bounds: Bounds, certificate: Certificate | None) -> None:
        self.entered = asyncio.Event()
        self.released = asyncio.Event()
        held = {"entered": self.entered, "released": self.released}
        routes = [("/quick", Quick), ("/held", Held, held), ("/begun", Begun, held), ("/counted", Counted)]
        routes += [("/big", Big), ("/socket", Handshake, held)]
        sockets = bind(0, "127.0.0.1", None)
        self.port = sockets[0].getsockname()[1]
        self.server = listen(Application(routes), sockets, certificate=certificate, bounds=bounds)

    async def request(self, path: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(GET % path)
        return reader, writer


@contextlib.contextmanager
def serving(bounds: Bounds = Bounds(), certificate: Certificate | None = None):  # noqa: B008
    site = Site(bounds, certificate)
    try:
        yield site
    finally:
        site.server.stop()


async def header_of(reader: asyncio.StreamReader) -> bytes:
    return (await reader.readuntil(b"\r\n\r\n")).lower()


@pytest.mark.gen_test
async def test_request_in_progress_finishes_and_announces_the_end_of_its_connection():
    with serving() as site:
        reader, writer = await site.request(b"/held")
        await site.entered.wait()
        draining = asyncio.create_task(site.server.drain(10.0))
        await asyncio.sleep(0.1)
        assert not draining.done()
        site.released.set()

        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n") and answer.endswith(b"held")
        assert b"\r\nconnection: close\r\n" in answer.lower()
        assert await draining == 0
        writer.close()


@pytest.mark.gen_test
async def test_handshake_in_progress_becomes_a_websocket_that_the_server_leaves_alone():
    with serving() as site:
        connecting = asyncio.ensure_future(websocket_connect(f"ws://127.0.0.1:{site.port}/socket"))
        await site.entered.wait()
        draining = asyncio.create_task(site.server.drain(10.0))
        await asyncio.sleep(0.1)
        site.released.set()

        connection = await connecting
        assert await draining == 0
        connection.close()
        assert await connection.read_message() is None


@pytest.mark.gen_test
async def test_body_that_arrives_meanwhile_is_received():
    with serving() as site:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(b"POST /held HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n" + b"x" * 50)
        await asyncio.sleep(0.1)
        draining = asyncio.create_task(site.server.drain(10.0))
        await asyncio.sleep(0.1)
        writer.write(b"x" * 50)

        assert (await reader.read()).endswith(b"100 bytes")
        assert await draining == 0
        writer.close()


async def idle_connection(site: Site) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return a connection that has had an answer."""
    reader, writer = await site.request(b"/quick")
    assert b"connection: close" not in await header_of(reader)
    assert await reader.readexactly(5) == b"quick"
    return reader, writer


@pytest.mark.gen_test
@pytest.mark.parametrize("seconds", [0.0, IDLE_SECONDS / 2], ids=["on its way", "a moment later"])
async def test_next_request_of_an_idle_connection_is_answered(seconds):
    with serving() as site:
        reader, writer = await idle_connection(site)
        if not seconds:
            writer.write(GET % b"/quick")  # in the buffer of the kernel when the server stops
        draining = asyncio.create_task(site.server.drain(10.0))
        if seconds:
            await asyncio.sleep(seconds)
            writer.write(GET % b"/quick")

        assert b"connection: close" in await header_of(reader)
        assert await reader.read() == b"quick"
        assert await draining == 0
        writer.close()


@pytest.mark.gen_test
@pytest.mark.parametrize("method", ["stop", "drain"])
async def test_idle_connection_is_closed_after_a_moment(method):
    with serving() as site:
        reader, writer = await idle_connection(site)
        before = time.monotonic()
        if method == "stop":
            site.server.stop()
        else:
            assert await site.server.drain(60.0) == 0

        assert await reader.read() == b""
        assert IDLE_SECONDS * 0.9 < time.monotonic() - before < IDLE_SECONDS * 3
        writer.close()


@pytest.mark.gen_test
async def test_request_after_a_response_that_has_announced_no_end_is_answered():
    with serving() as site:
        reader, writer = await site.request(b"/begun")
        assert b"connection: close" not in await header_of(reader)
        draining = asyncio.create_task(site.server.drain(10.0))
        await asyncio.sleep(0)
        writer.write(GET % b"/quick")
        site.released.set()

        assert await reader.readuntil(b"0\r\n\r\n") == b"5\r\nbegun\r\n5\r\nended\r\n0\r\n\r\n"
        assert b"connection: close" in await header_of(reader)
        assert await reader.read() == b"quick"
        assert await draining == 0
        writer.close()


@pytest.mark.gen_test
@pytest.mark.parametrize("cause", ["the end of the server", "the client"])
async def test_requests_after_the_announced_end_of_their_connection_are_not_executed(cause):
    with serving() as site:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        closing = b"Connection: close\r\n" if cause == "the client" else b""
        writer.write(b"GET /held HTTP/1.1\r\nHost: a\r\n%s\r\n" % closing + GET % b"/counted" * 2)
        await site.entered.wait()
        if cause != "the client":
            site.server.stop()
        site.released.set()

        assert b"connection: close" in await header_of(reader)
        assert await reader.read() == b"held"
        assert await site.server.drain(10.0) == 0
        assert Counted.requests == 0
        writer.close()


@pytest.mark.gen_test
@pytest.mark.parametrize("when", ["in progress", "later"])
async def test_http_1_0_client_is_not_promised_another_request(when):
    request = b"GET %s HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    with serving() as site:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(request % b"/quick")
        assert b"connection: keep-alive" in await header_of(reader)
        assert await reader.readexactly(5) == b"quick"
        if when == "in progress":
            writer.write(request % b"/held")
            await site.entered.wait()
        site.server.stop()
        if when == "later":
            writer.write(request % b"/held")
        site.released.set()

        header = await header_of(reader)
        assert b"connection: close" in header and b"keep-alive" not in header
        assert await reader.read() == b"held"
        writer.close()


@pytest.mark.gen_test
async def test_first_request_of_a_new_connection_is_answered():
    with serving() as site:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        await asyncio.sleep(0.1)
        draining = asyncio.create_task(site.server.drain(10.0))
        await asyncio.sleep(0.1)
        writer.write(GET % b"/quick")

        assert b"connection: close" in await header_of(reader)
        assert await reader.read() == b"quick"
        assert await draining == 0
        writer.close()


@pytest.mark.gen_test
async def test_connection_without_a_request_does_not_delay_the_end():
    with serving() as site:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        await asyncio.sleep(0.1)

        async with asyncio.timeout(IDLE_SECONDS * 3):
            assert await site.server.drain(60.0) == 0
        assert await reader.read() == b""
        writer.close()


@pytest.mark.gen_test
@pytest.mark.parametrize("ending", ["time is over", "cancelled"])
async def test_request_that_does_not_finish_is_disconnected(ending, caplog):
    with serving() as site:
        reader, writer = await site.request(b"/held")
        await site.entered.wait()
        if ending == "time is over":
            assert await site.server.drain(0.2) == 1
        else:
            draining = asyncio.create_task(site.server.drain(60.0))
            await asyncio.sleep(0.1)
            draining.cancel()

        assert await reader.read() == b""
        assert "requests that did not end in time: 1" in caplog.text
        writer.close()
        site.released.set()


@pytest.mark.gen_test
async def test_stopped_server_accepts_no_connection():
    with serving() as site:
        site.server.stop()
        site.server.stop()

        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", site.port)


async def read_slowly(connection: socket.socket, count: int) -> None:
    loop = asyncio.get_running_loop()
    while count > 0:
        data = await loop.sock_recv(connection, 256 << 10)
        assert data, f"expected {count} more bytes"
        count -= len(data)
        await asyncio.sleep(0.05)


async def request_big(port: int) -> socket.socket:
    """Request a response with a small window."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 10)
    connection.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(connection, ("127.0.0.1", port))
    await loop.sock_sendall(connection, GET % b"/big")
    return connection


@pytest.mark.gen_test
async def test_client_that_reads_nothing_is_disconnected(caplog):
    caplog.set_level(logging.INFO, "tornado_ws.connection")
    with serving(Bounds(write_timeout=0.4)) as site, await request_big(site.port) as connection:
        await asyncio.sleep(1.5)

        assert "has read nothing of its response for 0.4 s" in caplog.text
        with pytest.raises((AssertionError, ConnectionResetError)):
            await read_slowly(connection, BIG)


@pytest.mark.gen_test
async def test_client_that_reads_nothing_of_an_encrypted_response_is_disconnected(tmp_path, caplog):
    caplog.set_level(logging.INFO, "tornado_ws.connection")
    chain, key = make_certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=chain)
    with serving(Bounds(write_timeout=0.4), Certificate(chain, key)) as site:
        _, writer = await asyncio.open_connection("localhost", site.port, ssl=trusting, limit=1)
        writer.write(GET % b"/big")
        await asyncio.sleep(2.0)
        writer.transport.abort()

    assert "has read nothing of its response for 0.4 s" in caplog.text


@pytest.mark.gen_test
async def test_client_of_a_unix_socket_has_the_timeouts_of_its_proxy(tmp_path):
    path = tmp_path / "socket"
    bounds = Bounds(write_timeout=0.2)
    server = listen(Application([("/big", Big)]), bind(None, "", path), certificate=None, bounds=bounds)
    reader, writer = await asyncio.open_unix_connection(path, limit=1)
    writer.write(GET % b"/big")
    await asyncio.sleep(1.0)

    assert len(await reader.readexactly(BIG)) == BIG
    writer.close()
    server.stop()


@pytest.mark.gen_test
async def test_client_that_reads_slowly_receives_everything():
    with serving(Bounds(write_timeout=0.4)) as site, await request_big(site.port) as connection:
        before = time.monotonic()
        await read_slowly(connection, BIG)

        assert time.monotonic() - before > 0.8


@pytest.mark.gen_test
async def test_handler_that_writes_nothing_yet_is_not_disconnected():
    with serving(Bounds(write_timeout=0.2)) as site:
        reader, writer = await site.request(b"/held")
        await asyncio.sleep(1.0)
        site.released.set()

        await header_of(reader)
        assert await reader.readexactly(4) == b"held"
        writer.close()
