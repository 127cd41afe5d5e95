"""Contract of a delivery store. Every backplane passes these tests."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tornado_ws.channels import Backplane, MemoryBackplane
from tornado_ws.channels.delivery_store import DeliveryOutcome, DeliveryState, DeliveryStore
from tornado_ws.errors import ErrorData

LIMIT = 100
DONE = DeliveryOutcome()
SOLD_OUT = DeliveryOutcome(ErrorData(code="sold_out", message="sold out", retryable=True))
NEW, RUNNING = DeliveryState.NEW, DeliveryState.RUNNING


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.slow)])
def store(request: pytest.FixtureRequest, io_loop) -> Iterator[DeliveryStore]:
    backplane: Backplane
    if request.param == "memory":
        backplane = MemoryBackplane()
    else:
        from tornado_ws.channels.redis import RedisBackplane

        backplane = RedisBackplane(request.getfixturevalue("redis_server").url, prefix=request.node.name)
    yield backplane.deliveries
    io_loop.run_sync(backplane.stop)


@pytest.mark.gen_test
@pytest.mark.parametrize("outcome", [DONE, SOLD_OUT])
async def test_message_begins_once_and_its_outcome_stays(store, outcome):
    assert NEW is await store.begin("a")
    assert RUNNING is await store.begin("a")

    store.finish("a", outcome, limit=LIMIT)

    assert [outcome] * 2 == [await store.begin("a"), await store.begin("a")]
    assert NEW is await store.begin("b")


@pytest.mark.gen_test
async def test_one_of_many_concurrent_repetitions_begins(store):
    found = await asyncio.gather(*(store.begin("a") for _ in range(50)))

    assert [NEW] == [state for state in found if state is not RUNNING]


@pytest.mark.gen_test
async def test_waiting_ends_with_the_method(store):
    await store.begin("a")
    waiting = asyncio.ensure_future(store.wait("a", 30))
    await asyncio.sleep(0.01)
    assert not waiting.done()

    store.finish("a", DONE, limit=LIMIT)
    await asyncio.wait_for(waiting, 5)

    assert DONE == await store.begin("a")


@pytest.mark.gen_test
async def test_waiting_ends_with_its_time_and_for_unknown_messages(store):
    await store.begin("a")

    await asyncio.wait_for(store.wait("a", 0.01), 5)
    await asyncio.wait_for(store.wait("unknown", 30), 5)

    assert RUNNING is await store.begin("a")


@pytest.mark.gen_test
async def test_cancelled_wait_does_not_end_the_waiting_of_others(store):
    await store.begin("a")
    first, second = (asyncio.ensure_future(store.wait("a", 30)) for _ in range(2))
    await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.wait((first,))

    store.finish("a", DONE, limit=LIMIT)
    await asyncio.wait_for(second, 5)


@pytest.mark.gen_test
async def test_oldest_outcomes_are_dropped_at_the_limit_and_running_methods_never(store):
    await store.begin("running")
    for key in ("a", "b", "c"):
        await store.begin(key)
        store.finish(key, DONE, limit=2)

    assert RUNNING is await store.begin("running")
    assert [DONE, DONE] == [await store.begin("b"), await store.begin("c")]
    await eventually_new(store, "a")


async def eventually_new(store: DeliveryStore, key: str) -> None:
    """Begin a message until the deletion of its note has reached Redis."""
    async with asyncio.timeout(5):
        while await store.begin(key) is not NEW:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
