"""Clock and timers of a client, which an event loop of asyncio provides."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

__all__ = ["LoopTimers", "Timer", "Timers"]


class Timer(Protocol):
    """Call in the future."""

    def cancel(self) -> object:
        """Prevent the call."""
        ...


class Timers(Protocol):
    """Clock, and calls in the future."""

    def time(self) -> float:
        """Return the time of a monotonic clock, in seconds."""
        ...

    def call_later(self, delay: float, callback: Callable[[], object], /) -> Timer:
        """Call a function after a number of seconds."""
        ...


class LoopTimers:
    """Clock and timers of the event loop that runs."""

    def time(self) -> float:
        """Return the time of a monotonic clock, in seconds."""
        return asyncio.get_running_loop().time()

    def call_later(self, delay: float, callback: Callable[[], object], /) -> Timer:
        """Call a function after a number of seconds."""
        return asyncio.get_running_loop().call_later(delay, callback)
