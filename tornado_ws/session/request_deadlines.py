"""Timer for the deadlines of the open requests of one session."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .state import SessionState

__all__ = ["RequestDeadlines"]


class RequestDeadlines:
    """Timer for the next deadline (:attr:`.SessionState.deadlines`): one for all requests, also if there are many."""

    __slots__ = ("_clock", "_due", "_loop", "_state", "_time_out", "_timer")

    def __init__(self, state: SessionState, clock: Callable[[], float], time_out: Callable[[int], None]) -> None:
        """Prepare; the timer does not run.

        Args:
            state: State of the session.
            clock: Current time, in seconds.
            time_out: Function that ends the request with an id, whose deadline has passed.
        """
        self._state = state
        self._clock = clock
        self._time_out = time_out
        self._loop = asyncio.get_running_loop()
        self._due = 0.0
        """Time at which the timer runs, if there is one."""
        self._timer: asyncio.TimerHandle | None = None

    def watch(self) -> None:
        """Start the timer, or advance it to the deadline of the newest request."""
        deadlines = self._state.deadlines
        if self._timer is None and deadlines:
            self._start(min(deadlines.values()))
        elif deadlines and (newest := next(reversed(deadlines.values()))) < self._due:
            self.close()
            self._start(newest)

    def close(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _start(self, due: float) -> None:
        self._due = due
        self._timer = self._loop.call_later(max(due - self._clock(), 0.0), self._expire)

    def _expire(self) -> None:
        self._timer = None
        for id in self._state.take_expired():
            self._time_out(id)
        self.watch()
