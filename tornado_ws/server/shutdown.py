"""Graceful shutdown."""

from __future__ import annotations

import asyncio
import math
import random
import signal
from collections.abc import Iterable
from typing import Protocol

from ..errors import CloseCode

__all__ = ["DrainableConnection", "drain", "until_signal"]

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
    _, pending = await asyncio.wait(closing, timeout=timeout)
    for task in pending:
        closing[task].abort(CloseCode.GOING_AWAY, "the server is shutting down")
    if pending:
        _, stubborn = await asyncio.wait(pending, timeout=ABORT_SECONDS)
        for task in stubborn:
            closing[task].abandon()
        if stubborn:
            await asyncio.wait(stubborn, timeout=ABORT_SECONDS)
    for task in pending:
        task.cancel()
    return len(pending)


async def until_signal() -> None:
    """Wait for SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    received = asyncio.Event()
    signals = (signal.SIGTERM, signal.SIGINT)
    for number in signals:
        loop.add_signal_handler(number, received.set)
    try:
        await received.wait()
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


async def _close_when_idle(connection: DrainableConnection, spread: float) -> None:
    await connection.wait_idle()
    seconds = random.randint(0, math.ceil(spread))
    connection.close(CloseCode.GOING_AWAY, f"retry after {seconds}")
    await connection.wait_closed()
