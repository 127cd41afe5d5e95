"""Predicate handlers with pytest: real connections, typed messages.

Put ``addopts = "-p tornado_ws.testing"`` into the settings of pytest, or ``pytest_plugins = ["tornado_ws.testing"]``
into your topmost ``conftest.py``; and there a fixture ``app`` that returns the application, as pytest-tornado wants.

Imports: ``errors``, ``endpoint``, ``validation``, ``session``, ``server``.

Entry points: the fixtures of this module.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urljoin

import msgspec
import pytest
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop

from ..endpoint import Endpoint
from ..server.handler import SocketHandler
from ..server.handshake import SUBPROTOCOL
from ..server.path_template import PathTemplate
from ..validation.json_values import encode, read
from .client import Client, Closed
from .quiet import modernise, pytest_sessionfinish

__all__ = ["Client", "Closed", "Connect", "connect", "io_loop", "pytest_sessionfinish"]


class Connect:
    """Makes clients of the server under test."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        """Of the server."""

    def __call__(
        self,
        endpoint: Endpoint | type[SocketHandler[Any]],
        params: object | None = None,
        *,
        url: str | None = None,
        headers: Mapping[str, str] | None = None,
        subprotocols: Sequence[str] = (SUBPROTOCOL,),
        timeout: float = 1.0,
    ) -> Client:
        """Return a client, to be entered with ``async with``.

        Args:
            endpoint: Of a generated module, or a handler of it.
            params: Of a persistent endpoint, typed or a mapping: fill its path; the rest goes into the query.
            url: Instead: path or URL, such as a one-time URL.
            headers: Of the handshake.
            subprotocols: What is offered.
            timeout: Seconds that everything may take that does not say otherwise.
        """
        protocol = endpoint if isinstance(endpoint, Endpoint) else endpoint.endpoint
        target = urljoin(self.origin, url or self._path(protocol, params))
        target = "ws" + target.removeprefix("http")
        return Client(protocol, target, headers=headers, subprotocols=subprotocols, timeout=timeout)

    def _path(self, endpoint: Endpoint, params: object | None) -> str:
        if endpoint.path is None:
            raise TypeError(f"{endpoint.name} is ephemeral: give the url that an action has answered")
        values: dict[str, Any] = read(encode(params or {}))
        route = PathTemplate.parse(endpoint.path)
        place = {name: _text(values.pop(name)) for name in route.names}
        query = {name: [_text(item) for item in _list(value)] for name, value in values.items()}
        return route.fill(place) + (f"?{urlencode(query, doseq=True)}" if query else "")


@pytest.fixture
def io_loop() -> Iterator[IOLoop]:
    """Return pytest-tornado's loop, made as Python wants it today; what still runs when a test ends is cancelled."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    made = IOLoop(asyncio_loop=loop, make_current=False)
    yield made
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    asyncio.set_event_loop(None)
    made.close(all_fds=True)


@pytest.fixture
def connect(http_server: HTTPServer, http_port: int) -> Connect:
    """Return what makes clients of the application under test."""
    return Connect(http_port)


modernise(io_loop=io_loop)


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
