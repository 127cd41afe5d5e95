"""Clock that a test moves, for the timers of the event loop and for controllers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from tornado.ioloop import IOLoop

__all__ = ["Clock", "run_in_real_time"]

STEPS = 3600
"""Maximum number of steps of one advance."""
TURNS = 12
"""Iterations of the event loop after each step: enough for an answer from a client and the reaction to it."""


class Clock:
    """Clock of an event loop: the real time, and all that :meth:`advance` has added.

    Pass it to the controller: ``WebSocketController(clock=clock)``. It then drives heartbeats, idle timeouts, the
    lifetime of one-time URLs and of kept messages, rates, and all timeouts of asyncio in the loop: of requests to
    clients, of ``asyncio.timeout`` and ``asyncio.sleep`` in handlers, and of the test itself.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Become the clock of a loop.

        Args:
            loop: Event loop of asyncio; other implementations, such as uvloop, have clocks that cannot be replaced.
        """
        self._loop = loop
        self._real = loop.time
        self._added = 0.0
        vars(loop)["time"] = self

    def __call__(self) -> float:
        """Return the time, in seconds."""
        return self._real() + self._added

    async def advance(self, seconds: float) -> None:
        """Move the clock forward, and let everything happen that is due by then, in the order of its times.

        Clients in the same loop answer pings meanwhile, so that only a client that does not is disconnected.

        Args:
            seconds: Time to add, in seconds.

        Raises:
            ValueError: If it is negative.
        """
        if seconds < 0:
            raise ValueError(f"expected at least 0 seconds, got {seconds:g}")
        left, step = seconds, max(1.0, seconds / STEPS)
        await self._settle()
        while left > 0:
            self._added += min(step, left)
            left -= step
            await self._settle()

    def close(self) -> None:
        """Give the loop its own clock back."""
        vars(self._loop).pop("time", None)

    async def _settle(self) -> None:
        for _ in range(TURNS):
            await asyncio.sleep(0)


def run_in_real_time(io_loop: IOLoop, real: Callable[[], float]) -> None:
    """Let the timeout of a test of pytest-tornado pass in real time, which :meth:`Clock.advance` does not move.

    Args:
        io_loop: Loop of the test.
        real: Real time, in seconds.
    """
    run: Callable[..., Any] = io_loop.run_sync

    def run_sync(function: Callable[[], Awaitable[object]], timeout: float | None = None) -> Any:
        return run(partial(_until, function, timeout, real))

    vars(io_loop)["run_sync"] = run_sync


async def _until(function: Callable[[], Awaitable[object]], timeout: float | None, real: Callable[[], float]) -> object:  # noqa: ASYNC109
    """Await the result of a function for a real time."""
    loop = asyncio.get_running_loop()
    running = asyncio.ensure_future(function())
    deadline = real() + (timeout or 0.0)
    timer: asyncio.TimerHandle | None = None

    def check() -> None:
        nonlocal timer
        left = deadline - real()
        if left <= 0:
            running.cancel(f"operation timed out after {timeout:g} s")
        else:
            timer = loop.call_later(left, check)

    if timeout is not None:
        check()
    try:
        return await running
    except asyncio.CancelledError:
        if timeout is None or real() < deadline:
            raise
        raise TimeoutError(f"operation timed out after {timeout:g} s") from None
    finally:
        if timer is not None:
            timer.cancel()
