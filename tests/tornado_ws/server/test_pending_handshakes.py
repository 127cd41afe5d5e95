from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from tornado_ws.server.pending_handshakes import PendingHandshakes, require_time

pytestmark = pytest.mark.gen_test


async def handshake(pending: PendingHandshakes, seconds: float, id: str = "a") -> str:
    """Run checks for some seconds, and return the result of the handshake."""
    with pending.track():
        try:
            async with pending.interruptible(id):
                await asyncio.sleep(seconds)
        except TimeoutError:
            return "interrupted"
        return "complete"


async def test_checks_end_when_they_are_interrupted():
    pending = PendingHandshakes()
    handshakes = [asyncio.create_task(handshake(pending, 60, str(number))) for number in range(100)]
    await asyncio.sleep(0)
    assert len(pending) == 100

    await pending.interrupt(5.0)

    assert len(pending) == 0
    assert ["interrupted"] * 100 == [task.result() for task in handshakes]


async def test_complete_handshakes_are_not_interrupted():
    pending = PendingHandshakes()

    assert "complete" == await handshake(pending, 0)
    await pending.interrupt(5.0)

    assert "complete" == await handshake(pending, 0)


async def test_checks_that_suppress_their_cancellation_are_abandoned():
    pending = PendingHandshakes()
    go_on = asyncio.Event()

    async def stubborn() -> None:
        with pending.track():
            async with pending.interruptible("a"):
                while not go_on.is_set():
                    with suppress(asyncio.CancelledError):
                        await go_on.wait()

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)

    pending.interrupt_one("a")
    await pending.interrupt(0.01)
    await pending.interrupt(0.01)
    assert len(pending) == 1

    go_on.set()
    await task
    assert len(pending) == 0


async def test_one_handshake_can_be_interrupted():
    pending = PendingHandshakes()
    tasks = [asyncio.create_task(handshake(pending, 0.05, id)) for id in ("a", "b")]
    await asyncio.sleep(0)

    pending.interrupt_one("a")
    pending.interrupt_one("unknown")

    assert ["interrupted", "complete"] == await asyncio.gather(*tasks)


async def test_suppressed_interruption_is_found_afterwards():
    pending = PendingHandshakes()

    async with pending.interruptible("a") as interruption:
        require_time(interruption)
        pending.interrupt_one("a")
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        with pytest.raises(TimeoutError):
            require_time(interruption)
