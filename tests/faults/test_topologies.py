"""Invariants of delivery with a sentinel and with a cluster."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from .topologies import Cluster, Replicated
from .world import Build, World

pytestmark = pytest.mark.faults


def test_a_failover_that_loses_writes_is_reported(build: Build, tmp_path: Path) -> None:
    async def scenario() -> None:
        redis = Replicated(tmp_path)
        redis.start()
        world = World(build, tmp_path, redis.primary.port, url=redis.url)
        try:
            await world.start()
            async with world.talking(after=3):
                await redis.fail_over(stopped=1.5)
            await world.settle()
            world.check()
            assert all(record.losses for record in world.pages.records.values()), "the lost writes were not noticed"
        finally:
            await world.stop()
            redis.stop()

    asyncio.run(scenario())


def test_a_cluster_serves_while_slots_move(build: Build, tmp_path: Path) -> None:
    async def scenario() -> None:
        redis = Cluster(tmp_path)
        redis.start()
        world = World(build, tmp_path, redis.nodes[0].port, url=redis.url)
        try:
            await world.start()
            async with world.talking():
                assert await redis.move_slots()
                await asyncio.sleep(2)
            await world.settle()
            world.check()
        finally:
            await world.stop()
            redis.stop()

    asyncio.run(scenario())
