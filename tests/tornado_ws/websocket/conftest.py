"""Fixtures that serve one handler and connect raw clients to it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from tests.support.peer import Peer
from tornado_ws.websocket import StrictWebSocketHandler

Serve = Callable[..., Callable[..., Awaitable[Peer]]]


@pytest.fixture
def serve(io_loop: Any) -> Iterator[Serve]:
    """Return a function that serves a handler, and returns a function that connects to it."""
    servers: list[HTTPServer] = []

    def start(
        handler: type[StrictWebSocketHandler], *, ssl_options: ssl.SSLContext | None = None, **settings: Any
    ) -> Callable[..., Awaitable[Peer]]:
        socket, port = bind_unused_port()
        server = HTTPServer(Application([("/.*", handler)], **settings), ssl_options=ssl_options)
        server.add_socket(socket)
        servers.append(server)

        async def connect(**options: Any) -> Peer:
            return await Peer.connect(port, **options)

        connect.port = port
        return connect

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def settled() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    """Return a function that waits until a condition is true."""

    async def wait(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110, because conditions have no events
                await asyncio.sleep(0.002)

    return wait
