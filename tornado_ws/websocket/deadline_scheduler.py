"""Scheduler that serves the deadlines of many connections with one timer."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from math import inf
from time import monotonic
from typing import Final, Protocol

__all__ = ["DeadlineOwner", "DeadlineScheduler", "Timer"]

_MIN_DELAY: Final = 0.001
"""Minimum time between two calls of the same owner, in seconds."""
_SLICE_SECONDS: Final = 0.005
"""Time for calls in one iteration of the event loop, in seconds."""


class DeadlineOwner(Protocol):
    """Object with a deadline, such as a connection."""

    def _on_deadline(self, now: float) -> float | None:
        """Handle the deadline; return the next one, or None."""
        ...


class Timer(Protocol):
    """Handle of a delayed call, such as `asyncio.TimerHandle`."""

    def cancel(self) -> None:
        """Cancel the call."""
        ...


class _Entry:
    __slots__ = ("deadline", "number", "owner")

    def __init__(self, deadline: float, number: int, owner: DeadlineOwner) -> None:
        self.deadline = deadline
        self.number = number
        self.owner: DeadlineOwner | None = owner

    def __lt__(self, other: _Entry) -> bool:
        return (self.deadline, self.number) < (other.deadline, other.number)


class DeadlineScheduler:
    """Scheduler that calls each owner at its deadline. The timer runs only while there are owners."""

    def __init__(self, clock: Callable[[], float], call_later: Callable[[float, Callable[[], None]], Timer]) -> None:
        """Create a scheduler without owners.

        Args:
            clock: Current time, in seconds.
            call_later: Function that schedules a call after a delay, in seconds.
        """
        self._clock = clock
        self._call_later = call_later
        self._entries: list[_Entry] = []
        self._by_owner: dict[int, _Entry] = {}
        self._numbers = itertools.count()
        self._timer: Timer | None = None
        self._timer_deadline = 0.0

    def __len__(self) -> int:
        return len(self._by_owner)

    def add(self, owner: DeadlineOwner, deadline: float) -> None:
        """Call ``owner`` at ``deadline``, a time of the clock."""
        entry = _Entry(deadline, next(self._numbers), owner)
        self._by_owner[id(owner)] = entry
        heapq.heappush(self._entries, entry)
        self._start_timer()

    def remove(self, owner: DeadlineOwner) -> None:
        """Cancel the deadline of ``owner``, if it has one."""
        entry = self._by_owner.pop(id(owner), None)
        if entry is not None:
            entry.owner = None  # the entry stays in the heap until its deadline; the connection must not
        if not self._by_owner:
            self.stop()

    def stop(self) -> None:
        """Cancel all deadlines."""
        self._entries.clear()
        self._by_owner.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def run_due(self, seconds: float = inf) -> None:
        """Call each owner with a deadline in the past, as the timer does.

        Args:
            seconds: Time after which the other owners are called in a later iteration of the event loop.
        """
        now = self._clock()
        ends_at = monotonic() + seconds
        while self._entries and self._entries[0].deadline <= now and monotonic() < ends_at:
            entry = heapq.heappop(self._entries)
            owner = entry.owner
            if owner is None:
                continue
            deadline = owner._on_deadline(now)
            if entry.owner is None:
                continue  # removed by the call
            if deadline is None:
                del self._by_owner[id(owner)]
                continue
            entry.deadline = max(deadline, now + _MIN_DELAY)
            heapq.heappush(self._entries, entry)
        if self._entries:
            self._start_timer()

    def _start_timer(self) -> None:
        deadline = self._entries[0].deadline
        if self._timer is not None:
            if self._timer_deadline <= deadline:
                return
            self._timer.cancel()
        self._timer_deadline = deadline
        self._timer = self._call_later(max(0.0, deadline - self._clock()), self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self.run_due(_SLICE_SECONDS)
