"""Pytest fixtures for tests of handlers over real connections, with typed messages.

Put ``addopts = "-p tornado_ws.testing"`` into the settings of pytest, or ``pytest_plugins = ["tornado_ws.testing"]``
into the topmost ``conftest.py``. Define a fixture ``app`` that returns the application, as pytest-tornado requires. In
tests of other plugins, such as pytest-asyncio and anyio, use :func:`.serving` instead of the fixtures.

Imports: ``loggers``, ``errors``, ``messages``, ``endpoint``, ``channels``, ``validation``, ``client``, ``server``.

Entry points: the fixtures of this module.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop

from .captured_messages import Captured, capture
from .client import Client
from .client_factory import Connect
from .failing_backplane import FailingBackplane
from .fake_clock import Clock, run_in_real_time
from .faulty_link import Link, faulty
from .fuzz import fuzz
from .inbox import CloseInfo
from .pytest_tornado_compat import patch_pytest_tornado, pytest_sessionfinish
from .serving import serving

__all__ = [
    "Captured",
    "Client",
    "Clock",
    "CloseInfo",
    "Connect",
    "FailingBackplane",
    "Link",
    "capture",
    "clock",
    "connect",
    "faulty",
    "fuzz",
    "io_loop",
    "pytest_sessionfinish",
    "serving",
]


@pytest.fixture
def io_loop() -> Iterator[IOLoop]:
    """Return an event loop; tasks that still run at the end of the test are cancelled.

    It replaces the fixture of pytest-tornado, which uses deprecated functions of asyncio.
    """
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    tornado_loop = IOLoop(asyncio_loop=loop, make_current=False)
    yield tornado_loop
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    asyncio.set_event_loop(None)
    tornado_loop.close(all_fds=True)


@pytest.fixture
def clock(io_loop: IOLoop) -> Iterator[Clock]:
    """Return the clock of the test, for ``WebSocketController(clock=clock)`` and ``await clock.advance(30)``."""
    loop = asyncio.get_event_loop()
    real = loop.time
    clock = Clock(loop)
    run_in_real_time(io_loop, real)
    yield clock
    clock.close()


@pytest.fixture
def connect(io_loop: IOLoop, http_server: HTTPServer, http_port: int) -> Connect:
    """Return a factory for clients of the application under test."""
    return Connect(http_port, asyncio.get_event_loop())


patch_pytest_tornado(io_loop=io_loop)
