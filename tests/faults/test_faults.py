"""Invariants of delivery under real faults.

Allowed: nothing lost, repeated or reordered; or a loss that the page reports; or a publication that raises.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from .redis_faults import FaultyRedis
from .world import Build, World

FAULTS = pytest.mark.faults
SLOW = pytest.mark.slow
"""Mark of the tests that are also part of `make test`."""

Fault: TypeAlias = Callable[[World, FaultyRedis], Awaitable[None]]


def run(build: Build, folder: Path, fault: Fault, *options: str, lossless: bool = False, pages: int = 6) -> World:
    """Publish in two processes while a fault happens; check the pages after it."""

    async def scenario() -> World:
        redis = FaultyRedis(folder / "redis", *options)
        redis.start()
        world = World(build, folder, redis.port, pages=pages)
        try:
            await world.start()
            async with world.talking():
                await fault(world, redis)
            await world.settle()
            world.check(lossless=lossless)
        finally:
            await world.stop()
            redis.kill()
        return world

    return asyncio.run(scenario())


async def repeat(seconds: float, action: Callable[[], object], period: float = 0.1) -> None:
    """Call a function again and again."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        await asyncio.to_thread(action)
        await asyncio.sleep(period)


async def no_fault(world: World, redis: FaultyRedis) -> None:
    await asyncio.sleep(1)


async def reconnects(world: World, redis: FaultyRedis) -> None:
    for _ in range(25):
        await world.pages.do("reconnect")
        await asyncio.sleep(0.1)


async def cut_links(world: World, redis: FaultyRedis) -> None:
    for _ in range(10):
        world.front.cut()
        await asyncio.sleep(0.3)


async def kill_subscriptions(world: World, redis: FaultyRedis) -> None:
    await repeat(4, lambda: redis.run("CLIENT", "KILL", "TYPE", "pubsub"))


async def kill_commands(world: World, redis: FaultyRedis) -> None:
    await repeat(4, lambda: redis.run("CLIENT", "KILL", "TYPE", "normal"))


async def stop_shortly(world: World, redis: FaultyRedis) -> None:
    assert redis.process is not None
    await world.signal_redis(redis.process, 4)


async def stop_long(world: World, redis: FaultyRedis) -> None:
    assert redis.process is not None
    await world.signal_redis(redis.process, 10)


async def kill_and_start(world: World, redis: FaultyRedis) -> None:
    redis.kill()
    await asyncio.sleep(1)
    await asyncio.to_thread(redis.start)


async def flush(world: World, redis: FaultyRedis) -> None:
    for _ in range(3):
        redis.run("FLUSHALL")
        await asyncio.sleep(1)


async def delete_keys(world: World, redis: FaultyRedis) -> None:
    for key in redis.key_names():
        redis.run("DEL", key)
        await asyncio.sleep(0.5)


async def fill_memory(world: World, redis: FaultyRedis) -> None:
    redis.run("CONFIG", "SET", "maxmemory", "1mb")
    await asyncio.sleep(2)
    redis.run("CONFIG", "SET", "maxmemory", "0")


async def cut_output(world: World, redis: FaultyRedis) -> None:
    redis.run("CONFIG", "SET", "client-output-buffer-limit", "pubsub 32kb 16kb 1")
    await world.do(burst=200, filler=20_000)
    redis.run("CONFIG", "SET", "client-output-buffer-limit", "pubsub 32mb 8mb 60")


async def silence_answers(world: World, redis: FaultyRedis) -> None:
    world.redis.silent = {"down"}
    await asyncio.sleep(5)
    world.redis.silent = set()


async def silence_commands(world: World, redis: FaultyRedis) -> None:
    world.redis.silent = {"up"}
    await asyncio.sleep(5)
    world.redis.silent = set()


async def small_latency(world: World, redis: FaultyRedis) -> None:
    world.redis.latency = 0.1
    await asyncio.sleep(3)
    world.redis.latency = 0.0


async def large_latency(world: World, redis: FaultyRedis) -> None:
    world.redis.latency = 0.6
    await asyncio.sleep(4)
    world.redis.latency = 0.0


async def kill_process(world: World, redis: FaultyRedis) -> None:
    await world.apps[1].kill()
    await asyncio.sleep(1)
    await world.apps[1].start()


@pytest.mark.parametrize(
    "fault",
    [pytest.param(no_fault, marks=FAULTS), pytest.param(reconnects, marks=SLOW), pytest.param(cut_links, marks=FAULTS)],
)
def test_everything_arrives_without_a_loss(build: Build, tmp_path: Path, fault: Fault) -> None:
    run(build, tmp_path, fault, lossless=True)


@pytest.mark.parametrize(
    "fault", [pytest.param(kill_subscriptions, marks=SLOW), pytest.param(small_latency, marks=FAULTS)]
)
def test_hiccups_of_redis_cost_no_message(build: Build, tmp_path: Path, fault: Fault) -> None:
    run(build, tmp_path, fault, lossless=True)


@FAULTS
@pytest.mark.parametrize(
    "fault",
    [
        kill_commands,
        stop_shortly,
        stop_long,
        kill_and_start,
        flush,
        delete_keys,
        fill_memory,
        cut_output,
        silence_answers,
        silence_commands,
        large_latency,
        kill_process,
    ],
)
def test_no_fault_loses_a_message_in_silence(build: Build, tmp_path: Path, fault: Fault) -> None:
    run(build, tmp_path, fault)


@FAULTS
@pytest.mark.parametrize("fsync", ["always", "everysec"])
def test_a_killed_redis_with_a_log_continues(build: Build, tmp_path: Path, fsync: str) -> None:
    run(build, tmp_path, kill_and_start, "--appendonly", "yes", "--appendfsync", fsync, "--save", "")


@FAULTS
def test_absent_redis_is_used_as_soon_as_it_is_there(build: Build, tmp_path: Path) -> None:
    async def scenario() -> None:
        redis = FaultyRedis(tmp_path / "redis")
        world = World(build, tmp_path, redis.port)
        try:
            await world.start()
            async with world.talking():
                await asyncio.to_thread(redis.start)
            await world.settle()
            world.check()
        finally:
            await world.stop()
            redis.kill()

    asyncio.run(scenario())


@FAULTS
def test_300_publications_at_once_all_arrive(build: Build, tmp_path: Path) -> None:
    async def burst(world: World, redis: FaultyRedis) -> None:
        await world.do(burst=300)

    world = run(build, tmp_path, burst, lossless=True)
    assert all(600 <= len(record.items) and 0 == record.losses for record in world.pages.records.values())


@FAULTS
def test_1000_pages_that_return_at_once_recover_from_the_ring(build: Build, tmp_path: Path) -> None:
    async def scenario() -> None:
        redis = FaultyRedis(tmp_path / "redis")
        redis.start()
        world = World(build, tmp_path, redis.port, pages=1000)
        try:
            await world.start()
            await world.do(burst=20)
            readings = redis.calls("xrange")
            await world.pages.do("reconnect")
            await world.do(burst=20)
            await world.settle()
            world.check(lossless=True)
            assert redis.calls("xrange") - readings < 10, "pages that return at once cost Redis nothing"
            assert all(record.recoveries for record in world.pages.records.values())
        finally:
            await world.stop()
            redis.kill()

    asyncio.run(scenario())
