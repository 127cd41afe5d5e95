"""Graceful shutdown."""

from __future__ import annotations

import asyncio
import math
import random
import signal
from collections import Counter, deque
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Protocol, Self

from ..config_checks import require_number
from ..errors import CloseCode
from ..websocket.time_slice import TimeSlice

__all__ = ["DrainableConnection", "ShutdownSignals", "abort_all", "abort_and_wait", "drain", "unfinished"]

SIGNALS = (signal.SIGTERM, signal.SIGINT)

REASON = "the server is shutting down"
"""Close reason of connections that are aborted."""
SLICE_SECONDS = 0.004
"""Time to close or abort connections in one iteration of the event loop, in seconds."""

ABORT_SECONDS = 1.0
"""Seconds to wait for aborted connections, and again for their ``on_disconnect``, without methods that suppress their
cancellation."""


class DrainableConnection(Protocol):
    """Connection that can be drained (:class:`.ConnectedClient`)."""

    @property
    def idle(self) -> bool:
        """True if no method runs and no message waits."""
        ...

    @property
    def closed(self) -> bool:
        """True once ``on_disconnect`` has returned."""
        ...

    @property
    def running_method(self) -> str:
        """Name of the running method with its class; empty if none runs."""
        ...

    async def wait_idle(self) -> None:
        """Wait until no method runs and no message waits."""
        ...

    async def wait_closed(self) -> None:
        """Wait until ``on_disconnect`` has returned."""
        ...

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close the connection."""
        ...

    def abort(self, code: CloseCode, reason: str) -> None:
        """Drop the connection and cancel the running method."""
        ...

    def abandon(self) -> None:
        """Stop waiting for a method that suppresses its cancellation."""
        ...


async def drain(connections: Iterable[DrainableConnection], timeout: float, spread: float) -> int:  # noqa: ASYNC109
    """Close connections with :attr:`.CloseCode.GOING_AWAY` once they are idle; abort the others after a timeout.

    Args:
        connections: Connections to close.
        timeout: Seconds until the remaining connections are aborted.
        spread: Seconds over which clients reconnect, each at a random time.

    Returns:
        Number of aborted connections.
    """
    require_number("timeout", timeout)
    require_number("spread", spread)
    draining = list(connections)
    busy: list[asyncio.Task[None]] = []
    try:
        async with asyncio.timeout(timeout):
            async for connection in _in_slices(draining):
                if connection.idle:
                    _close(connection, spread)
                else:
                    busy.append(asyncio.create_task(_close_when_idle(connection, spread)))
            await _wait_closed(draining)
    except TimeoutError:
        pass
    finally:
        for task in busy:
            task.cancel()
    remaining = [connection for connection in draining if not connection.closed]
    await abort_and_wait(remaining)
    return len(remaining)


def unfinished(connections: Iterable[DrainableConnection], requests: int) -> str:
    """Return the work for which a shutdown waits, such as ``Chat.on_say (2), HTTP requests (1)``; empty for none.

    Args:
        connections: Connections of all controllers.
        requests: Number of HTTP requests in progress.
    """
    found = Counter(connection.running_method or "connections" for connection in connections if not connection.closed)
    found["HTTP requests"] = requests
    return ", ".join(f"{name} ({count})" for name, count in found.most_common() if count)


def abort_all(connections: Iterable[DrainableConnection]) -> None:
    """Abort connections with :attr:`.CloseCode.GOING_AWAY`.

    Many connections take several iterations of the event loop, if it is running.
    """
    _abort_in_slices(deque(connections))


async def abort_and_wait(connections: Sequence[DrainableConnection]) -> None:
    """Abort connections, and wait a moment until ``on_disconnect`` has returned."""
    async for connection in _in_slices(connections):
        connection.abort(CloseCode.GOING_AWAY, REASON)
    stubborn = await _still_open(connections)
    for connection in stubborn:
        connection.abandon()
    await _still_open(stubborn)


class ShutdownSignals:
    """Counter of SIGTERM and SIGINT, used as a context manager. Afterwards, the signals have their default effects."""

    def __init__(self) -> None:
        self._received: asyncio.Queue[None] = asyncio.Queue()
        self._count = 0

    def __enter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._receive)
        return self

    def __exit__(
        self, type_: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.remove_signal_handler(number)

    def raise_to(self, count: int) -> None:
        """Receive further signals, until there were as many as another process has received."""
        while self._count < count:
            self._receive()

    def _receive(self) -> None:
        self._count += 1
        self._received.put_nowait(None)

    async def wait(self) -> None:
        """Wait for the next signal."""
        await self._received.get()

    async def interrupt(self, work: Coroutine[Any, Any, object]) -> bool:
        """Run a coroutine until it ends, or until the next signal cancels it.

        Returns:
            True if a signal has cancelled it.
        """
        working = asyncio.create_task(work)
        tasks = (working, asyncio.create_task(self.wait()))
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            interrupted = not working.done()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        if not interrupted:
            working.result()
        return interrupted


def _abort_in_slices(connections: deque[DrainableConnection]) -> None:
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        loop = None
    while connections:
        connections.popleft().abort(CloseCode.GOING_AWAY, REASON)  # not kept: freeing all of them at once takes long
        if loop is not None and TimeSlice.current("shutdown", SLICE_SECONDS).used_up:
            loop.call_soon(_abort_in_slices, connections)
            return


async def _still_open(connections: Sequence[DrainableConnection]) -> list[DrainableConnection]:
    """Wait for the end of connections, up to :data:`ABORT_SECONDS`, and return those that are open."""
    with suppress(TimeoutError):
        async with asyncio.timeout(ABORT_SECONDS):
            await _wait_closed(connections)
    return [connection for connection in connections if not connection.closed]


async def _wait_closed(connections: Sequence[DrainableConnection]) -> None:
    async for connection in _in_slices(connections):
        await connection.wait_closed()


async def _in_slices(connections: Sequence[DrainableConnection]) -> AsyncIterator[DrainableConnection]:
    """Iterate over connections in as many iterations of the event loop as the work with them takes."""
    turn = TimeSlice.current("shutdown", SLICE_SECONDS)
    for connection in connections:
        yield connection
        if turn.used_up:
            await asyncio.sleep(0)


async def _close_when_idle(connection: DrainableConnection, spread: float) -> None:
    await connection.wait_idle()
    _close(connection, spread)


def _close(connection: DrainableConnection, spread: float) -> None:
    seconds = random.randint(0, math.ceil(spread))
    connection.close(CloseCode.GOING_AWAY, f"retry after {seconds}")
