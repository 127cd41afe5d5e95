"""What the tests of the runtime share: an application that each test mounts its own handlers in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.web import Application

from tornado_ws import WebSocketController
from tornado_ws.testing import Client, Connect


class Patient(Connect):
    """Clients that wait: the machine may be busy with something else."""

    def __call__(self, *args: Any, timeout: float = 15.0, **settings: Any) -> Client:
        return super().__call__(*args, timeout=timeout, **settings)


@pytest.fixture
def connect(http_server: HTTPServer, http_port: int) -> Patient:
    """Return what makes clients of the application under test."""
    return Patient(http_port)


@pytest.fixture
def until() -> Callable[[Callable[[], object]], Awaitable[None]]:
    """Return what waits until something is so."""

    async def wait(condition: Callable[[], object]) -> None:
        async with asyncio.timeout(15):
            while not condition():  # noqa: ASYNC110, because nothing tells that it is
                await asyncio.sleep(0.005)

    return wait


@pytest.fixture(params=["strict", pytest.param("tornado", marks=pytest.mark.slow)])
def connection(request: pytest.FixtureRequest) -> str:
    """Return what reads and writes frames; every test passes on both."""
    return str(request.param)


@pytest.fixture
def app() -> Application:
    """Return an application without handlers; tests add theirs with ``add_handlers``."""
    return Application()


@pytest.fixture
def make_sockets(connection: str) -> Iterator[Callable[..., WebSocketController]]:
    """Return what makes a controller; all of them are closed when the test ends."""
    made: list[WebSocketController] = []

    def make(controller: type[WebSocketController] = WebSocketController, **settings: Any) -> WebSocketController:
        made.append(controller(**{"connection": connection, **settings}))
        return made[-1]

    yield make
    for sockets in made:
        sockets.close()


@pytest.fixture
def sockets(make_sockets: Callable[..., WebSocketController]) -> WebSocketController:
    """Return a controller with the default settings."""
    return make_sockets()
