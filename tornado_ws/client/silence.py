"""Detection of a dead connection: a silent server must answer ``$ping``."""

from __future__ import annotations

from collections.abc import Callable

from .timers import Timer, Timers

__all__ = ["Silence"]


class Silence:
    """Timer that pings a server which is silent for the interval of heartbeats, and reports one without an answer."""

    def __init__(self, *, ping: Callable[[], None], fail: Callable[[], None], timers: Timers) -> None:
        """Create a timer without a connection.

        Args:
            ping: Function that sends ``$ping``.
            fail: Function that ends the connection.
            timers: Clock and timers.
        """
        self._ping = ping
        self._fail = fail
        self._timers = timers
        self._interval = 0.0
        self._received_at = 0.0
        self._is_pinged = False
        self._timer: Timer | None = None

    def open(self, interval: float) -> None:
        """Begin on a new connection; ``interval`` is that of heartbeats, in seconds."""
        self.close()
        self._interval = interval
        self.receive()
        if interval > 0:
            self._watch_after(interval)

    def receive(self) -> None:
        """Note a frame from the server."""
        self._received_at, self._is_pinged = self._timers.time(), False

    def close(self) -> None:
        """End with the connection."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _watch(self) -> None:
        left = self._received_at + self._interval - self._timers.time()
        if left > 0:
            self._watch_after(left)
        elif self._is_pinged:
            self._timer = None
            self._fail()
        else:
            self._is_pinged = True
            self._watch_after(self._interval)
            self._ping()

    def _watch_after(self, delay: float) -> None:
        self._timer = self._timers.call_later(delay, self._watch)
