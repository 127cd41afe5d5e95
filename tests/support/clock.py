"""Clock that tests control."""

from __future__ import annotations


class Clock:
    """Callable that returns the time in seconds; tests add to :attr:`now`."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
