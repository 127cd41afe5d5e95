"""Fixtures of the runtime: an application, its controller and clients."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.web import Application

from tests.support.coverage import unmeasured as unmeasured
from tornado_ws import WebSocketController
from tornado_ws.testing import Client, Connect


@pytest.hookimpl(tryfirst=True)  # before the option -m selects tests
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use a browser."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


class SlowConnect(Connect):
    """Factory of clients with a long timeout, since the machine may be busy."""

    def __call__(self, *args: Any, timeout: float = 15.0, **settings: Any) -> Client:
        return super().__call__(*args, timeout=timeout, **settings)


@pytest.fixture
def connect(http_server: HTTPServer, http_port: int) -> SlowConnect:
    """Return the factory of clients of the application under test."""
    return SlowConnect(http_port)


@pytest.fixture
def until() -> Callable[[Callable[[], object]], Awaitable[None]]:
    """Return a function that waits until a condition holds, up to 15 seconds."""

    async def wait(condition: Callable[[], object]) -> None:
        async with asyncio.timeout(15):
            while not condition():  # noqa: ASYNC110, since a condition has no event
                await asyncio.sleep(0.005)

    return wait


@pytest.fixture
def app() -> Application:
    """Return an application without handlers, for ``add_handlers``."""
    return Application()


@pytest.fixture
def make_sockets() -> Iterator[Callable[..., WebSocketController]]:
    """Return a factory of controllers, which are closed when the test ends."""
    made: list[WebSocketController] = []

    def make(controller: type[WebSocketController] = WebSocketController, **settings: Any) -> WebSocketController:
        made.append(controller(**settings))
        return made[-1]

    yield make
    for sockets in made:
        sockets.close()


@pytest.fixture
def sockets(make_sockets: Callable[..., WebSocketController]) -> WebSocketController:
    """Return a controller with the default settings."""
    return make_sockets()
