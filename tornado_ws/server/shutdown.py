"""Graceful shutdown."""

from __future__ import annotations

import asyncio
import math
import random
import signal
from collections.abc import Coroutine, Iterable
from types import TracebackType
from typing import Any, Protocol, Self

from ..errors import CloseCode

__all__ = ["DrainableConnection", "ShutdownSignals", "abort_all", "drain"]

SIGNALS = (signal.SIGTERM, signal.SIGINT)
REASON = "the server is shutting down"
"""Close reason of connections that are aborted."""
ABORT_SECONDS = 1.0
"""Seconds to wait for aborted connections, and again for their ``on_disconnect``, without methods that suppress their
cancellation."""


class DrainableConnection(Protocol):
    """Connection that can be drained (:class:`.ConnectedClient`)."""

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
    closing = {asyncio.create_task(_close_when_idle(connection, spread)): connection for connection in connections}
    if not closing:
        return 0
    try:
        _, pending = await asyncio.wait(closing, timeout=timeout)
        await abort_all([closing[task] for task in pending])
    finally:
        for task in closing:
            task.cancel()
    return len(pending)


async def abort_all(connections: Iterable[DrainableConnection]) -> None:
    """Abort connections with :attr:`.CloseCode.GOING_AWAY`, and wait a moment until ``on_disconnect`` has returned."""
    ending = {asyncio.create_task(connection.wait_closed()): connection for connection in connections}
    for connection in ending.values():
        connection.abort(CloseCode.GOING_AWAY, REASON)
    if ending:
        _, stubborn = await asyncio.wait(ending, timeout=ABORT_SECONDS)
        for task in stubborn:
            ending[task].abandon()
        if stubborn:
            await asyncio.wait(stubborn, timeout=ABORT_SECONDS)
    for task in ending:
        task.cancel()


class ShutdownSignals:
    """Counter of SIGTERM and SIGINT, used as a context manager. Afterwards, the signals have their default effects."""

    def __init__(self) -> None:
        self._received: asyncio.Queue[None] = asyncio.Queue()

    def __enter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._received.put_nowait, None)
        return self

    def __exit__(
        self, type_: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.remove_signal_handler(number)

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


async def _close_when_idle(connection: DrainableConnection, spread: float) -> None:
    await connection.wait_idle()
    seconds = random.randint(0, math.ceil(spread))
    connection.close(CloseCode.GOING_AWAY, f"retry after {seconds}")
    await connection.wait_closed()
