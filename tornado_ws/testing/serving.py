"""Server of an application under test, in any event loop of asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from ..server.lifecycle import controllers_of
from .client_factory import Connect

__all__ = ["serving"]


@asynccontextmanager
async def serving(application: Application) -> AsyncIterator[Connect]:
    """Serve an application in the running event loop, for ``async with``.

    For tests of pytest-asyncio, anyio (with asyncio) and :class:`unittest.IsolatedAsyncioTestCase`. At the end, the
    controllers of the application are closed.

    Args:
        application: Application with the routes of its controllers.

    Returns:
        Factory for clients.
    """
    listening, port = bind_unused_port()
    server = HTTPServer(application)
    server.add_sockets([listening])
    try:
        yield Connect(port, asyncio.get_running_loop())
    finally:
        server.stop()
        await server.close_all_connections()
        for controller in controllers_of(application):
            controller.close()
