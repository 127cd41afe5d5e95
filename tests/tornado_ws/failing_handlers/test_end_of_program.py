"""Exceptions that end the program, and the end of a program with busy connections."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from tests.support.lab import CountingLab, Echo, Line
from tests.support.peer import handshake_request, masked
from tests.tornado_ws.failing_handlers.failing_lab import (
    EVIL,
    GOOD,
    HOOKS,
    failing_class,
    talk,
)
from tornado_ws import CloseCode, WebSocketController
from tornado_ws.testing import Client, Connect
from tornado_ws.websocket.frames import TEXT


@pytest.mark.parametrize("late", [False, True], ids=["at once", "late"])
@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt])
@pytest.mark.parametrize("hook", HOOKS)
def test_exception_that_ends_the_program_affects_no_other_connection(hook, error, late, caplog):
    async def leave() -> None:
        raise error(3)

    cls = failing_class(hook, leave, late)
    loop = asyncio.new_event_loop()
    unhandled: list[Any] = []
    loop.set_exception_handler(lambda _, context: unhandled.append(context))
    sockets = WebSocketController()
    listening, port = bind_unused_port()
    clients: list[Client] = []

    async def start() -> tuple[Any, Any]:
        server = HTTPServer(Application(list(sockets.persistent(cls))))
        server.add_socket(listening)
        return server, await Connect(port)(cls, GOOD, timeout=10).__aenter__()

    async def cause() -> None:
        evil = await Connect(port)(cls, EVIL, timeout=10).__aenter__()
        clients.append(evil)
        await talk(evil, hook)
        if hook == "on_disconnect":
            evil.close()
        await asyncio.sleep(10)

    async def go_on() -> None:
        async with Connect(port)(cls, GOOD, timeout=10) as newcomer:
            assert ["a", "b"] == await asyncio.gather(good.request(Echo("a")), newcomer.request(Echo("b")))
        for client in (good, *clients):
            await client.__aexit__(None, None, None)
        server.stop()
        await server.close_all_connections()
        async with asyncio.timeout(10):
            while len(cls.connected) != len(cls.disconnected) or len(sockets.context.quota):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    try:
        server, good = loop.run_until_complete(start())
        causing = loop.create_task(cause())
        with pytest.raises(error):
            loop.run_until_complete(causing)
        loop.run_until_complete(go_on())
        causing.cancel()
        loop.run_until_complete(asyncio.wait([causing]))
    finally:
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.wait(tasks))
        loop.close()
    gc.collect(1)

    assert 3 == len(cls.connected)
    assert [] == unhandled
    assert [] == [record.getMessage() for record in caplog.records if record.name == "asyncio"]


def test_end_of_the_program_runs_on_disconnect_of_busy_connections(caplog):
    class Busy(CountingLab):
        async def on_say(self, say: Line, /) -> None:
            await asyncio.sleep(60)

    async def program() -> None:
        sockets = WebSocketController()
        listening, port = bind_unused_port()
        server = HTTPServer(Application(list(sockets.persistent(Busy))))
        server.add_socket(listening)
        client.connect(("127.0.0.1", port))
        say = masked(TEXT, b'{"type": "say", "data": {"text": "hi"}}')
        client.sendall(handshake_request(port, "/lab/good") + say * 3)
        await asyncio.sleep(0.3)
        server.stop()

    with socket.socket() as client:
        asyncio.run(program())  # cancels all tasks and waits for them

    assert [(CloseCode.GOING_AWAY, "the server is shutting down")] == Busy.ends
    assert [] == [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
