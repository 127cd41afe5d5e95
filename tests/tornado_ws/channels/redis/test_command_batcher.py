"""Pipelines and the breaker, with a server that the test makes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from redis.exceptions import ConnectionError, ResponseError, TryAgainError

from tests.support.redis_driver import ScriptedDriver
from tests.support.two_processes import until
from tornado_ws.channels.redis import command_batcher
from tornado_ws.channels.redis.command import Command
from tornado_ws.channels.redis.command_batcher import CommandBatcher
from tornado_ws.errors import BackplaneDown


class Publication(Command):
    """Command that is sent in order."""

    in_order = True


@pytest.fixture
def driver() -> ScriptedDriver:
    """Return a driver without servers."""
    return ScriptedDriver()


@pytest.fixture
def changes() -> list[str | None]:
    """Return the changes of the breaker."""
    return []


@pytest.fixture
def batcher(driver, changes, io_loop) -> Iterator[CommandBatcher]:
    """Return a batcher; the test starts it."""
    batcher = CommandBatcher(driver, None, on_change=changes.append)
    yield batcher
    batcher.close()
    io_loop.run_sync(batcher.stop)


def send(batcher: CommandBatcher, *names: str, **settings: Any) -> list[asyncio.Future[Any]]:
    commands = [Publication((name,), key="", **settings) for name in names]
    for command in commands:
        batcher.send(command)
    return [command.future for command in commands]


@pytest.mark.gen_test
async def test_commands_of_one_turn_travel_in_one_pipeline(driver, batcher):
    batcher.start()
    await until(lambda: batcher.up)

    assert ["a", "b", "c"] == await asyncio.gather(*send(batcher, "a", "b", "c"))
    assert [["a", "b", "c"]] == driver.pipelines


@pytest.mark.gen_test
@pytest.mark.parametrize("repeatable", [True, False])
async def test_moving_keys_are_waited_for(driver, batcher, repeatable: bool):
    driver.answers["a"] = [TryAgainError("x"), TryAgainError("x")]
    batcher.start()

    assert "a" == await send(batcher, "a", repeatable=repeatable)[0]
    assert [["a"]] * 3 == driver.pipelines


@pytest.mark.gen_test
async def test_keys_that_move_for_too_long_are_given_up(driver, batcher, changes, monkeypatch):
    monkeypatch.setattr(command_batcher, "DEADLINE", 0.2)
    driver.answers["a"] = [TryAgainError("x")] * 1000
    batcher.start()

    with pytest.raises(BackplaneDown, match="no answer in time"):
        await send(batcher, "a")[0]
    assert [None] == changes


@pytest.mark.gen_test
async def test_lost_connection_repeats_only_what_may_be_executed_twice(driver, batcher, changes):
    driver.answers["a"] = [ConnectionError("lost")]
    driver.answers["b"] = [ConnectionError("lost")]
    batcher.start()

    (first,) = send(batcher, "a", repeatable=True)
    (second,) = send(batcher, "b")

    assert "a" == await first
    with pytest.raises(BackplaneDown, match="lost"):
        await second
    assert [None] == changes
    assert 1 == batcher.reconnects


@pytest.mark.gen_test
async def test_refused_command_does_not_affect_others(driver, batcher, changes):
    driver.answers["a"] = [ResponseError("wrong")]
    batcher.start()

    first, second = send(batcher, "a", "b")

    with pytest.raises(BackplaneDown, match="wrong"):
        await first
    assert "b" == await second
    assert [None] == changes


@pytest.mark.gen_test
async def test_silent_server_opens_the_breaker_at_once(driver, batcher, changes):
    batcher.start()
    await until(lambda: batcher.up)
    driver.problem = TimeoutError()

    sent, repeatable = send(batcher, "a")[0], send(batcher, "b", repeatable=True)[0]
    with pytest.raises(BackplaneDown, match="no answer within"):
        await sent
    assert [None, "no answer within 1.5 s"] == changes
    with pytest.raises(BackplaneDown):
        await asyncio.wait_for(send(batcher, "c", repeatable=True)[0], 0.01)
    driver.problem = None

    assert "b" == await repeatable
    assert [None, "no answer within 1.5 s", None] == changes


@pytest.mark.gen_test
async def test_repeatable_command_fails_at_its_deadline_while_probes_hang(driver, batcher, monkeypatch):
    monkeypatch.setattr(command_batcher, "DEADLINE", 0.3)
    batcher.start()
    await until(lambda: batcher.up)
    driver.problem = TimeoutError()
    driver.hanging = True
    (future,) = send(batcher, "b", repeatable=True)
    began = time.monotonic()

    with pytest.raises(BackplaneDown):
        await future
    assert time.monotonic() - began < 1


@pytest.mark.gen_test
async def test_waiting_commands_can_be_handed_over(driver, changes):
    batcher = CommandBatcher(driver, None, on_change=changes.append)
    futures = send(batcher, "a", "b")
    handed: list[Command] = []

    batcher.close(hand_over=handed.append)
    await batcher.stop()

    assert futures == [command.future for command in handed]


@pytest.mark.gen_test
async def test_commands_fail_at_the_end(driver, batcher):
    batcher.start()
    (waiting,) = send(batcher, "a")
    batcher.close()

    for future in (waiting, *send(batcher, "b")):
        with pytest.raises(BackplaneDown, match="the backplane is closed"):
            await future


@pytest.mark.gen_test
async def test_unexpected_exception_is_logged_and_not_the_end(driver, batcher, caplog):
    batcher.start()
    await until(lambda: batcher.up)
    driver.problem = ZeroDivisionError("x")
    (future,) = send(batcher, "a")

    with pytest.raises(BackplaneDown, match="x"):
        await future
    driver.problem = None
    await until(lambda: batcher.up)

    assert "b" == await send(batcher, "b")[0]
    assert "unexpected failure at Redis" in caplog.text
