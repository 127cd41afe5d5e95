"""Delays of callbacks of the event loop."""

from __future__ import annotations

import asyncio
from typing import Final

from ..histogram import Histogram

__all__ = ["INTERVAL", "LoopLag"]

INTERVAL: Final = 0.25
"""Seconds between two measurements."""


class LoopLag:
    """Histogram of the delays of a timer: other work of the event loop causes them."""

    def __init__(self) -> None:
        """Create an empty histogram; :meth:`start` begins."""
        self.times = Histogram()
        """Delays, in seconds."""
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Measure in the running event loop, until it ends. A second call has no effect."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            self._schedule(loop)

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        due = loop.time() + INTERVAL
        loop.call_at(due, self._measure, loop, due)

    def _measure(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        self.times.observe(max(loop.time() - due, 0.0))
        self._schedule(loop)
