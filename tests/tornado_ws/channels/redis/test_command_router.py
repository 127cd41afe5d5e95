"""Batchers of the servers of a cluster, with servers that the test makes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.support.redis_driver import ScriptedDriver
from tests.support.two_processes import until
from tornado_ws.channels.redis.command import Command
from tornado_ws.channels.redis.command_router import CommandRouter
from tornado_ws.channels.redis.redis_health import RedisHealth
from tornado_ws.errors import BackplaneDown

A, B, C = ("a", 1), ("b", 2), ("c", 3)


@pytest.fixture
def driver() -> ScriptedDriver:
    """Return a driver of a cluster with two servers."""
    driver = ScriptedDriver()
    driver.places, driver.layout = (A, B), 1
    return driver


@pytest.fixture
def health() -> RedisHealth:
    """Return a health."""
    return RedisHealth("h:1")


@pytest.fixture
def layouts() -> list[object]:
    """Return the servers after each change."""
    return []


@pytest.fixture
def router(driver, health, layouts, io_loop) -> Iterator[CommandRouter]:
    """Return a router."""
    router = CommandRouter(
        driver, health, on_up=lambda: None, on_layout=lambda: layouts.append((driver.layout, driver.places))
    )
    yield router
    io_loop.run_sync(router.stop)


def send(router: CommandRouter, name: str) -> asyncio.Future[object]:
    command = Command((name,), key=name, repeatable=True)
    router.send(command)
    return command.future


@pytest.mark.gen_test
async def test_server_that_does_not_answer_delays_no_other(driver, router, health):
    driver.problems[B] = TimeoutError()
    router.start()
    await until(lambda: health.down)

    assert "a" == await send(router, "a")
    with pytest.raises(BackplaneDown, match="no answer"):
        await asyncio.wait_for(send(router, "b"), 0.1)
    assert not router.up

    driver.problems.clear()
    await until(lambda: router.up)
    assert health.healthy
    assert "b" == await send(router, "b")


@pytest.mark.gen_test
async def test_commands_of_a_server_that_left_go_to_the_new_one(driver, router, health, layouts):
    router.start()
    await until(lambda: health.healthy)
    driver.held.add("b")
    waiting = send(router, "b")
    await until(lambda: driver.pipelines)

    driver.places, driver.layout = (A, C), 2
    router.look()

    assert "b" == await waiting
    assert [["b"], ["b"]] == driver.pipelines
    assert [(1, (A, B)), (2, (A, C))] == [*dict.fromkeys(layouts)]
    assert health.healthy


@pytest.mark.gen_test
async def test_channels_are_assigned_again_although_the_slots_seem_unchanged(router, layouts):
    router.start()
    await until(lambda: router.up)

    before = len(layouts)
    router.look(moved=True)

    await until(lambda: before + 1 == len(layouts))


@pytest.mark.gen_test
async def test_commands_after_the_end_fail(router):
    await router.stop()

    with pytest.raises(BackplaneDown, match="the backplane is closed"):
        await send(router, "a")
