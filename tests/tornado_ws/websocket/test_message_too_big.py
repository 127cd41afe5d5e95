"""Messages above the maximum size: the client receives the close frame, also through a proxy."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from tests.support.chromium import browser
from tests.support.nginx import free_port, run_nginx
from tests.support.peer import CLOSE, TEXT, Peer, masked, masked_close
from tests.support.socket_handlers import Recording
from tornado_ws.websocket import ConnectionSettings

SITE = """
server {
    listen 127.0.0.1:%d;
    location / {
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection upgrade;
        proxy_pass http://127.0.0.1:%d;
    }
}
"""

__all__ = ["browser"]


class Limited(Recording):
    """Handler with Tornado's default maximum size of a message: 1 MiB."""


def fragments(size: int) -> list[bytes]:
    """Return a message in the fragments that Chromium sends."""
    step = 128 << 10
    parts = [bytes(min(step, size - at)) for at in range(0, size, step)]
    last = len(parts) - 1
    return [masked(0 if n else TEXT, part, fin=n == last) for n, part in enumerate(parts)]


async def converse(peer: Peer, frames: list[bytes]) -> tuple[int | None, bool]:
    """Send frames, and answer a close frame between two of them, as a browser does.

    Returns:
        Received close code, None without one; and True if the connection ended without a reset.
    """
    receiving = asyncio.create_task(close_code(peer))
    try:
        for frame in frames:
            await peer.send(frame)
            if receiving.done():
                break
        code = await receiving
        await peer.send(masked_close(code))
        return code, await peer.reader.read() == b""
    except OSError:
        return await receiving, False


async def close_code(peer: Peer) -> int | None:
    with suppress(OSError, asyncio.IncompleteReadError):
        while (received := await peer.receive()).opcode != CLOSE:
            pass
        return received.code
    return None


@pytest.mark.parametrize("size", [2 << 20, 8 << 20])
@pytest.mark.parametrize("fragmented", [False, True])
@pytest.mark.gen_test
async def test_client_receives_1009_and_a_clean_end(serve, size, fragmented):
    connect = serve(Limited)
    frames = fragments(size) if fragmented else [masked(TEXT, bytes(size))]

    async with await connect() as peer:
        began = asyncio.get_running_loop().time()
        assert (1009, True) == await converse(peer, frames)
        assert asyncio.get_running_loop().time() - began < 0.9  # its close frame ends the waiting


@pytest.mark.slow
@pytest.mark.parametrize("size", [2 << 20, 8 << 20])
@pytest.mark.parametrize("fragmented", [False, True])
@pytest.mark.gen_test
async def test_client_behind_nginx_receives_1009(serve, tmp_path: Path, size: int, fragmented: bool):
    connect = serve(Limited)
    port = free_port()
    frames = fragments(size) if fragmented else [masked(TEXT, bytes(size))]

    with run_nginx(tmp_path, SITE % (port, connect.port), port):
        for _ in range(8):
            async with await Peer.connect(port) as peer:
                assert 1009 == (await converse(peer, frames))[0]


@pytest.mark.slow
@pytest.mark.gen_test
async def test_client_behind_nginx_that_sends_everything_before_it_reads_receives_1009(serve, tmp_path):
    connect = serve(Limited)
    port = free_port()

    with run_nginx(tmp_path, SITE % (port, connect.port), port):
        for _ in range(8):
            async with await Peer.connect(port) as peer:
                await peer.send(masked(TEXT, bytes(8 << 20)) * 2)
                assert 1009 == await close_code(peer)


@pytest.mark.gen_test
async def test_client_that_sends_without_end_is_disconnected(serve, settled):
    class Flooded(Recording):
        connection_settings = ConnectionSettings(discard_timeout=0.5, linger=0.1)

    connect = serve(Flooded)

    async with await connect() as peer:
        with pytest.raises(OSError):
            async with asyncio.timeout(10):
                while True:
                    await peer.send(masked(TEXT, bytes(2 << 20))[: 1 << 20])
                    await asyncio.sleep(0.05)

    await settled(lambda: bool(Flooded.ends))
    assert [(1009, "message too big")] == Flooded.ends


@pytest.mark.gen_test
async def test_client_that_falls_silent_is_disconnected(serve):
    class Silent(Recording):
        connection_settings = ConnectionSettings(linger=0.1)

    connect = serve(Silent)

    async with await connect() as peer:
        await peer.send(masked(TEXT, bytes(2 << 20))[: 1 << 20])

        assert 1009 == await peer.receive_close()


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[int]:
    """Serve the handler behind nginx, in another thread, and return the port of nginx."""
    started: queue.Queue[int] = queue.Queue()
    stop = threading.Event()

    class Open(Limited):
        def check_origin(self, origin: str) -> bool:
            return True

    async def run() -> None:
        listening, port = bind_unused_port()
        server = HTTPServer(Application([("/.*", Open)]))
        server.add_socket(listening)
        started.put(port)
        await asyncio.get_running_loop().run_in_executor(None, stop.wait)
        server.stop()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    port = free_port()
    with run_nginx(tmp_path, SITE % (port, started.get(timeout=10)), port):
        yield port
    stop.set()
    thread.join()


@pytest.mark.browser
@pytest.mark.parametrize("size", [2 << 20, 8 << 20])
def test_chromium_behind_nginx_receives_1009(browser, proxied, size):
    page = browser.new_page()
    codes = [
        page.evaluate(
            """([port, size]) => new Promise((resolve) => {
                const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
                socket.onopen = () => socket.send('x'.repeat(size));
                socket.onclose = (event) => resolve(event.code);
            })""",
            [proxied, size],
        )
        for _ in range(8)
    ]

    assert codes == [1009] * 8
