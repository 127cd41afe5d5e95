"""Notification of coroutines that wait for a condition of a client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["Changes"]


class Changes:
    """Event after which all conditions are checked again."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.notify = self._event.set
        """Check the conditions again."""

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition is true."""
        while not condition():
            self._event.clear()
            await self._event.wait()
