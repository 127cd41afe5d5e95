"""Presence in two processes that share a Redis server."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator

import pytest

from tests.support.board import Rename
from tests.support.board_server import BoardServer
from tests.support.redis_server import RedisServer

pytestmark = pytest.mark.slow  # needs redis-server, which `make quick` does not install

LEASE = 1.5


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def servers(redis: RedisServer) -> Iterator[tuple[BoardServer, BoardServer]]:
    servers = BoardServer(redis.url, "presence", LEASE), BoardServer(redis.url, "presence", LEASE)
    yield servers
    for server in servers:
        server.kill()


@pytest.mark.gen_test(timeout=60)
async def test_devices_move_between_processes_that_stop_and_die(servers, redis, until):
    one, two = servers
    async with two.client() as eve, two.client("bob") as bob:
        async with one.client("ann") as ann:
            for client in (ann, bob, eve):
                await client.expect_presence("ann", "bob")
            await ann.request(Rename("Ann"))
            await until(lambda: eve.presence["ann"][0].name == "Ann")
            before = eve._presence.changes

        async with two.client("ann") as ann:  # in the grace time, in another process
            await ann.request(Rename("Ann"))
            await eve.ping()
            assert eve._presence.changes <= before + 2  # the name of the connection, and that of the request
            assert len(eve.presence["ann"]) == 1
            await ann.request(Rename(""))
            await eve.expect_presence("bob")

        async with one.client("dan") as dan:
            await eve.expect_presence("bob", "dan")
            one.signal(signal.SIGSTOP)
            await eve.expect_presence("bob")  # its lease has ended
            one.signal(signal.SIGCONT)
            await eve.expect_presence("bob", "dan")
            await dan.expect_presence("bob", "dan")

            redis.pause()
            await asyncio.sleep(0.5)
            redis.resume()
            await bob.request(Rename("Bob"))
            await until(lambda: dan.presence["bob"][0].name == "Bob")
            assert eve.presence.keys() == dan.presence.keys() == {"bob", "dan"}

            began = time.monotonic()
            one.kill()
            await eve.expect_presence("bob")
            assert time.monotonic() - began < 4 * LEASE
