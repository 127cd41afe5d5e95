"""Share of long work in each iteration of the event loop."""

from __future__ import annotations

import asyncio
import weakref
from time import monotonic
from typing import Final

__all__ = ["TimeSlice"]


class TimeSlice:
    """Time that one kind of work may take in one iteration of the event loop.

    The work checks :attr:`used_up` after each step and continues in the next iteration, so that other work runs.
    """

    def __init__(self, seconds: float) -> None:
        """Create a slice that starts with the first check of an iteration.

        Args:
            seconds: Time in each iteration, in seconds.
        """
        self._seconds = seconds
        self._ends_at = 0.0

    @classmethod
    def current(cls, work: str, seconds: float) -> TimeSlice:
        """Return the slice of the running event loop for a kind of work; it is created once for each name."""
        slices = _slices.setdefault(asyncio.get_running_loop(), {})
        found = slices.get(work)
        if found is None:
            found = slices[work] = cls(seconds)
        return found

    @property
    def used_up(self) -> bool:
        """True if the work must continue in the next iteration."""
        now = monotonic()
        if not self._ends_at:
            self._ends_at = now + self._seconds
            asyncio.get_running_loop().call_soon(self._reset)
        return now >= self._ends_at

    def _reset(self) -> None:
        self._ends_at = 0.0


# A slice must not reference its loop, otherwise neither is freed.
_slices: Final[weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, TimeSlice]]] = weakref.WeakKeyDictionary()
