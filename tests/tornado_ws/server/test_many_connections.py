"""Fairness with many connections: both ends of them are in this process."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.web import Application

from tests.support.crowd import Crowd
from tests.support.lab import Lab, Note, Said
from tests.support.loop_lag import LoopLag
from tornado_ws import Limits, WebSocketController
from tornado_ws.websocket import WriteBatch

pytestmark = [pytest.mark.slow, pytest.mark.gen_test(timeout=120), pytest.mark.usefixtures("unmeasured")]

COUNT = 3000


@pytest.fixture
def crowded(app: Application, make_sockets: Any, http_server: HTTPServer, http_port: int, until: Any) -> Any:
    """Return a context manager with a controller and its clients."""

    @asynccontextmanager
    async def connect() -> AsyncIterator[tuple[WebSocketController, Crowd]]:
        sockets = make_sockets(limits=Limits(handshakes=None))
        app.add_handlers(".*", sockets.persistent(Lab))
        async with Crowd(http_port, "/lab/a", COUNT) as crowd:
            await until(lambda: len(sockets.connections) == COUNT)
            yield sockets, crowd
            sockets.close()
            await until(lambda: not sockets.connections)

    return connect


async def test_broadcast_to_many_connections_and_their_close_are_fair(crowded, until):
    async with crowded() as (sockets, crowd):
        crowd.received()
        with LoopLag() as lag:
            await sockets.broadcast(Lab, Note("a"))
            await sockets.room(Lab, "a").send(Said(text="b"))
            for connection in sockets.connections[::50]:
                await connection.send(Note("c"))
            await asyncio.sleep(0)
            await sockets.broadcast(Lab, Note("d"))
            await until(lambda: not WriteBatch.current().broadcasts)
        received = [b""] * COUNT
        while not all(b'"d"' in data for data in received):
            await asyncio.sleep(0.1)
            received = [before + data for before, data in zip(received, crowd.received(), strict=True)]
        with LoopLag() as lag_of_close:
            sockets.close()
            await until(lambda: not sockets.connections)

    texts = {b"".join(re.findall(rb'"([abcd])"', data)) for data in received}
    assert texts == {b"abd", b"abcd"}
    assert lag.longest < 0.025
    assert lag_of_close.longest < 0.025


async def test_drain_of_many_connections_is_fair(crowded, until):
    async with crowded() as (sockets, _):
        with LoopLag() as lag:
            await sockets.drain(0.5)
            await until(lambda: not sockets.connections)

    assert lag.longest < 0.025
