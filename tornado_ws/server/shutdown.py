"""Stop in order."""

from __future__ import annotations

import asyncio
import math
import random
import signal
from collections.abc import Iterable
from typing import Protocol

from ..errors import CloseCode

__all__ = ["DrainableConnection", "drain", "until_signal"]


class DrainableConnection(Protocol):
    """What is sent away: a handler."""

    async def _quiet(self) -> None:
        """Wait until no method runs and no message waits."""
        ...

    async def _over(self) -> None:
        """Wait until all is over."""
        ...

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close the connection."""
        ...

    def _hang_up(self, code: int, reason: str) -> None:
        """Drop the connection, cancelling what runs."""
        ...


async def drain(connections: Iterable[DrainableConnection], patience: float, spread: float) -> int:
    """Send connections away, and drop those who are not gone after ``patience`` seconds.

    Returns:
        How many were dropped.
    """
    going = {asyncio.create_task(_send_away(connection, spread)): connection for connection in connections}
    if not going:
        return 0
    _, staying = await asyncio.wait(going, timeout=patience)
    for task in staying:
        going[task]._hang_up(CloseCode.GOING_AWAY, "the server stops")
    if staying:
        # Dropped connections end by themselves; a method that does not let itself be cancelled is left behind.
        await asyncio.wait(staying, timeout=1.0)
    for task in staying:
        task.cancel()
    return len(staying)


async def until_signal() -> None:
    """Wait until the process is told to stop, by SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    signals = (signal.SIGTERM, signal.SIGINT)
    for number in signals:
        loop.add_signal_handler(number, told.set)
    try:
        await told.wait()
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


async def _send_away(connection: DrainableConnection, spread: float) -> None:
    await connection._quiet()
    seconds = random.randint(0, math.ceil(spread))
    connection.close(CloseCode.GOING_AWAY, f"retry after {seconds}")
    await connection._over()
