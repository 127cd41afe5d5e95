"""Notes that processes share in Redis; test_delivery_store.py tests the rest. A store stands for a process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.support.redis_server import RedisServer
from tornado_ws.channels.delivery_store import DeliveryOutcome, DeliveryState
from tornado_ws.channels.redis import redis_deliveries
from tornado_ws.channels.redis.redis_client import RedisClient
from tornado_ws.channels.redis.redis_deliveries import RedisDeliveryStore
from tornado_ws.errors import BackplaneDown

pytestmark = pytest.mark.slow  # needs redis-server, which `make quick` does not install

NEW, RUNNING = DeliveryState.NEW, DeliveryState.RUNNING
DONE = DeliveryOutcome()
LIMIT = 100
LEASE = 0.4


@pytest.fixture(autouse=True)
def short_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_deliveries, "LEASE", LEASE)
    monkeypatch.setattr(redis_deliveries, "RENEWAL", LEASE / 4)


class UnansweredClient(RedisClient):
    """Client that executes a script and loses its answer, once."""

    lost = False

    async def run_script(self, script: str, keys: tuple[str, ...], *arguments: object) -> Any:
        answer = await super().run_script(script, keys, *arguments)
        if not self.lost:
            self.lost = True
            raise BackplaneDown("no answer")
        return answer


@asynccontextmanager
async def processes(
    server: RedisServer, prefix: str, *, client: type[RedisClient] = RedisClient
) -> AsyncIterator[tuple[RedisDeliveryStore, RedisDeliveryStore]]:
    clients = client(server.url, prefix=prefix), RedisClient(server.url, prefix=prefix)
    stores = RedisDeliveryStore(clients[0]), RedisDeliveryStore(clients[1])
    yield stores
    for store, connection in zip(stores, clients, strict=True):
        await store.stop()
        await connection.stop()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@pytest.mark.gen_test
async def test_repetition_in_another_process_waits_for_the_outcome(redis_server):
    async with processes(redis_server, "wait") as (one, two):
        assert NEW is await one.begin("a")
        assert RUNNING is await two.begin("a")
        waiting = asyncio.ensure_future(two.wait("a", 30))
        await asyncio.sleep(2 * LEASE)  # the lease is renewed while the method runs
        assert not waiting.done()

        one.finish("a", DONE, limit=LIMIT)
        await asyncio.wait_for(waiting, 5)

        assert DONE == await two.begin("a")


@pytest.mark.gen_test
async def test_message_begins_again_only_if_its_process_is_dead(redis_server):
    async with processes(redis_server, "dead") as (one, two):
        assert NEW is await one.begin("a")
        assert NEW is await one.begin("b")
        one.finish("b", DONE, limit=LIMIT)
        await one._flush()
        one.close()  # the lease is not renewed, as after a crash

        assert RUNNING is await two.begin("a")
        await asyncio.wait_for(two.wait("a", 30), 5)
        found = await asyncio.gather(*(two.begin("a") for _ in range(5)))

        assert [NEW, *[RUNNING] * 4] == sorted(found, key=lambda state: state is not NEW)
        assert DONE == await two.begin("b")


@pytest.mark.gen_test
async def test_process_takes_over_a_message_once(redis_server):
    async with processes(redis_server, "once") as (dead, two):
        await dead.begin("a")
        dead.close()
        await asyncio.sleep(2 * LEASE)
        client = RedisClient(redis_server.url, prefix="once")
        three = RedisDeliveryStore(client)

        found = await asyncio.gather(two.begin("a"), three.begin("a"))

        assert {NEW, RUNNING} == set(found)
        await three.stop()
        await client.stop()


@pytest.mark.gen_test
async def test_waiting_in_another_process_ends_with_its_time(redis_server):
    async with processes(redis_server, "time") as (one, two):
        await one.begin("a")

        await asyncio.wait_for(two.wait("a", 0.05), 5)

        assert RUNNING is await two.begin("a")


@pytest.mark.gen_test
async def test_claim_without_an_answer_is_released(redis_server):
    async with processes(redis_server, "claim", client=UnansweredClient) as (one, two):
        with pytest.raises(BackplaneDown):
            await one.begin("a")
        assert NEW is await one.begin("busy")  # so that the lease of the process is renewed

        async def begins() -> bool:
            return await two.begin("a") is NEW

        await until(begins)


@pytest.mark.gen_test
async def test_claim_without_an_answer_is_repeated_by_the_same_process(redis_server):
    async with processes(redis_server, "repeat", client=UnansweredClient) as (one, two):
        with pytest.raises(BackplaneDown):
            await one.begin("a")

        assert NEW is await one.begin("a")
        await asyncio.sleep(LEASE / 2)  # the release of the first claim has no effect on the second
        assert RUNNING is await two.begin("a")


@pytest.mark.gen_test
async def test_outcome_survives_an_outage():
    server = RedisServer()
    server.start()
    async with processes(server, "outage") as (one, two):
        await one.begin("a")
        server.stop()
        one.finish("a", DONE, limit=LIMIT)

        assert DONE == await one.begin("a")
        with pytest.raises(BackplaneDown):
            await two.begin("a")
        with pytest.raises(BackplaneDown):
            await one.begin("b")

        server.start()

        async def saved() -> bool:
            try:
                return await two._client.execute("GET", "outage:delivery:a") == b"null"
            except BackplaneDown:
                return False

        await until(saved)
        assert DONE == await two.begin("a")
        assert NEW is await one.begin("b")
    server.stop()


@pytest.mark.gen_test
async def test_nothing_stays_in_redis_but_outcomes_that_expire(redis_server):
    async with processes(redis_server, "rest") as (one, two):
        await one.begin("a")
        one.finish("a", DONE, limit=LIMIT)
        await one.stop()

        assert [b"rest:delivery:a"] == await two._client.execute("KEYS", "rest:*")
        assert 110 < await two._client.execute("TTL", "rest:delivery:a") <= 120


@pytest.mark.gen_test
async def test_idle_process_runs_no_task(redis_server):
    async with processes(redis_server, "idle") as (one, _):
        await one.begin("a")
        one.finish("a", DONE, limit=LIMIT)

        async def ended() -> bool:
            return one._maintenance is not None and one._maintenance.done()

        await until(ended)


@pytest.mark.gen_test
@pytest.mark.parametrize("turns", range(4))
async def test_maintenance_ends_if_it_is_cancelled_when_there_is_something_to_write(redis_server, turns):
    async with processes(redis_server, f"cancel {turns}") as (one, _):
        await one.begin("busy")
        await asyncio.sleep(0.03)  # the maintenance waits
        maintenance = one._maintenance
        one.finish("other", DeliveryOutcome(), limit=10)
        for _ in range(turns):
            await asyncio.sleep(0)
        maintenance.cancel()

        done, _ = await asyncio.wait((maintenance,), timeout=1)
        assert done
