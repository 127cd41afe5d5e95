"""Fixtures for tests of backplanes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.receivers import Receiver
from tests.support.redis_server import RedisServer
from tornado_ws.channels import Backplane


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """Start a Redis server for all tests; each test uses its own key prefix."""
    server = RedisServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def receiver() -> Receiver:
    """Return the receiver of the messages of this process."""
    return Receiver()


@pytest.fixture
def stopped(io_loop) -> Iterator[list[Backplane]]:
    """Return a list of backplanes to stop when the test ends."""
    backplanes: list[Backplane] = []
    yield backplanes
    for backplane in backplanes:
        io_loop.run_sync(backplane.stop)
