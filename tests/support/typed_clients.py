"""Clients of the endpoints of :mod:`.lab` and :mod:`.orders`, as codegen writes them."""

from __future__ import annotations

import asyncio
import collections.abc
import contextlib
import typing
from collections.abc import AsyncIterator

from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

import tornado_ws
from tests.support.lab import (
    JOB,
    LAB,
    Confirm,
    Count,
    Done,
    Echo,
    LabParams,
    Limited,
    Noise,
    Note,
    Nudge,
    Price,
    Said,
    Stop,
)
from tests.support.lab import Say as LabSay
from tests.support.orders import ORDERS, CancelAll, Order, Status
from tests.support.orders import Note as OrdersNote
from tornado_ws import WebSocketController
from tornado_ws.client import Backoff

__all__ = ["FAST", "ROOM", "JobClient", "LabClient", "OrdersClient", "Restartable", "lab"]

FAST = Backoff(base=0.01, cap=0.02)
ROOM = LabParams(room="a")
"""Delays for tests."""

_LabEvent = typing.TypeVar("_LabEvent", bound="Said | Note | Noise | Price | tornado_ws.ClientEvent")


class LabClient(tornado_ws.PersistentClientWithParams[LabParams, Said | Note | Noise | Price]):
    endpoint = LAB

    def on(
        self, event: type[_LabEvent], function: collections.abc.Callable[[_LabEvent], object], /
    ) -> collections.abc.Callable[[], None]:
        return self._on(event, function)

    async def send(self, message: LabSay | Nudge | Limited, /) -> None:
        await self._send(message)

    async def request(self, message: Echo, /, *, timeout: float | None = None) -> str:  # noqa: ASYNC109
        return await self._request(message, timeout)

    def stream(self, message: Count, /) -> collections.abc.AsyncGenerator[int, None]:
        return self._stream(message)

    def answer(
        self,
        request: type[Confirm],
        function: collections.abc.Callable[[Confirm], bool | collections.abc.Awaitable[bool]],
        /,
    ) -> collections.abc.Callable[[], None]:
        return self._answer(request, function)


class OrdersClient(tornado_ws.PersistentClient[Status]):
    endpoint = ORDERS

    async def send(self, message: OrdersNote, /) -> None:
        await self._send(message)

    async def deliver(self, message: Order | CancelAll, /, *, timeout: float | None = None) -> None:  # noqa: ASYNC109
        await self._deliver(message, timeout)


class JobClient(tornado_ws.EphemeralClient[Done]):
    endpoint = JOB

    async def send(self, message: Stop, /) -> None:
        await self._send(message)


class Restartable:
    """Server on one port, which a test stops and starts. Its controller stays, unless it is replaced."""

    def __init__(self, sockets: WebSocketController) -> None:
        self.sockets = sockets
        self.application = Application()
        listening, self.port = bind_unused_port()
        listening.close()
        self.url = f"http://127.0.0.1:{self.port}"
        self._server: HTTPServer | None = None

    def start(self) -> None:
        self._server = HTTPServer(self.application)
        self._server.listen(self.port, "127.0.0.1")

    async def stop(self) -> None:
        """Stop, and cut all connections without close frames."""
        if self._server is not None:
            self._server.stop()
            self.cut()
            await self._server.close_all_connections()
            self._server = None

    def cut(self) -> None:
        """Cut all connections without close frames."""
        for connection in list(self.sockets.connections):
            connection.abort()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Restartable]:
        self.start()
        try:
            yield self
        finally:
            await self.stop()
            await asyncio.sleep(0)


def lab(server: Restartable, **options: typing.Any) -> LabClient:
    """Return a client of the lab that reconnects at once."""
    return LabClient(server.url, ROOM, backoff=FAST, **options)
