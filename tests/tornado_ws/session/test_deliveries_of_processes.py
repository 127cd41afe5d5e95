"""Acknowledged messages in several processes that share a Redis server, and that die."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from tornado.testing import bind_unused_port

from tests.support.orders import ORDERS, Order
from tests.support.orders_server import SLOW, OrdersServer
from tests.support.redis_server import RedisServer
from tornado_ws.channels.redis.redis_client import RedisClient
from tornado_ws.testing import Client

pytestmark = pytest.mark.slow  # needs redis-server, which `make quick` does not install

LEASE = 1.5
NUT, SLOW_ORDER = Order(item="nut"), Order(item="slow")


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def start(redis: RedisServer, journal: Path) -> Iterator[Callable[[], OrdersServer]]:
    """Return a function that starts a process."""
    servers: list[OrdersServer] = []

    def start_server() -> OrdersServer:
        socket, port = bind_unused_port()
        socket.close()
        servers.append(OrdersServer(port, redis.url, journal.parent.name, LEASE, journal))
        return servers[-1]

    yield start_server
    for server in servers:
        server.kill()


def client(server: OrdersServer, session: str | None = None) -> Client:
    found = Client(ORDERS, server.url, timeout=15)
    found.delivery_session = session or found.delivery_session
    return found


@contextlib.asynccontextmanager
async def disconnected(server: OrdersServer, order: Order, began: Awaitable[None]) -> AsyncIterator[str]:
    """Send an order, lose the connection while its method runs, and return the session."""
    async with client(server) as ann:
        lost = asyncio.ensure_future(ann.deliver(order))
        await began
        ann.abort()
        await asyncio.gather(lost, return_exceptions=True)
        yield ann.delivery_session


@pytest.mark.gen_test(timeout=30)
async def test_page_gets_the_outcome_in_another_process(start, journal, until):
    one, other = start(), start()

    async with disconnected(one, SLOW_ORDER, until(journal.read_text)) as session, client(other, session) as ann:
        began = time.monotonic()
        repeated, next_order = (ann.deliver(SLOW_ORDER, id=1), ann.deliver(NUT, id=2))
        await asyncio.gather(repeated, next_order)

        assert time.monotonic() - began > SLOW - 1

    lines = journal.read_text().splitlines()
    assert ["begin slow", "end slow"] == [line for line in lines if line.endswith("slow")]
    assert ["begin nut", "end nut"] == [line for line in lines if line.endswith("nut")]


@pytest.mark.gen_test(timeout=30)
async def test_message_is_handled_again_if_its_process_dies_in_the_method(start, journal, until):
    one, other = start(), start()

    async with disconnected(one, SLOW_ORDER, until(journal.read_text)) as session, client(other, session) as ann:
        one.kill()
        began = time.monotonic()
        await ann.deliver(SLOW_ORDER, id=1)

        assert time.monotonic() - began > SLOW

    assert ["begin slow", "begin slow", "end slow"] == journal.read_text().splitlines()


@pytest.mark.gen_test(timeout=30)
async def test_message_is_handled_again_if_its_process_is_interrupted_in_the_method(start, journal, until):
    one, other = start(), start()

    async with (
        disconnected(one, SLOW_ORDER, until(journal.read_text)) as session,
        client(other, session) as ann,
    ):
        assert b"" == one.interrupt()
        await ann.deliver(SLOW_ORDER, id=1)

    assert ["begin slow", "begin slow", "end slow"] == journal.read_text().splitlines()


@pytest.mark.gen_test(timeout=30)
async def test_outcome_outlives_the_process(start, journal, redis):
    one = start()

    async with client(one) as ann:
        await ann.deliver(NUT)
    store = RedisClient(redis.url, prefix=journal.parent.name)
    async with asyncio.timeout(10):
        while b"null" not in await outcomes(store):  # noqa: ASYNC110, since another process writes it
            await asyncio.sleep(0.01)
    await store.stop()
    one.kill()
    async with client(start(), ann.delivery_session) as again:
        await again.deliver(NUT, id=1)

    assert ["begin nut", "end nut"] == journal.read_text().splitlines()


async def outcomes(store: RedisClient) -> list[bytes]:
    return [await store.execute("GET", key) for key in await store.execute("KEYS", "*:delivery:*")]
