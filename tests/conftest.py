"""What the tests of the runtime share: an application that each test mounts its own handlers in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tornado.web import Application

from tornado_ws import WebSocketController

@pytest.fixture(params=["strict", "tornado"])
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
