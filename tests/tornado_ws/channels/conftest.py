"""Fixtures for tests of backplanes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.redis_server import RedisServer


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """Start a Redis server for all tests; each test uses its own key prefix."""
    server = RedisServer()
    server.start()
    yield server
    server.stop()
