"""Health of the connections to Redis."""

from __future__ import annotations

import time
from collections.abc import Callable

from ...loggers import BACKPLANE

__all__ = ["RedisHealth"]


class RedisHealth:
    """Problems of the connections. A change between healthy and unhealthy is one line in the log."""

    def __init__(self, place: str, *, on_down: Callable[[], None] = lambda: None) -> None:
        """Create an unhealthy state, without a problem.

        Args:
            place: Name of the servers, for the log.
            on_down: Function that is called when a problem begins.
        """
        self._on_down = on_down
        self._place = place
        self._problems: dict[str, str | None] = {}
        """Problem of each part; None if it has none; empty before its first connection."""
        self._since: float | None = None
        """Time of the change to unhealthy, in seconds; None while healthy."""
        self._reported = False
        self.outages = 0
        """Number of changes to unhealthy."""

    @property
    def healthy(self) -> bool:
        """True if every part is connected."""
        return bool(self._problems) and all(problem is None for problem in self._problems.values())

    @property
    def down(self) -> bool:
        """True after a problem, until every part is connected."""
        return self._reported

    def expect(self, part: str) -> None:
        """Add a part that is not connected yet."""
        self._problems.setdefault(part, "")

    def remove(self, part: str) -> None:
        """Remove a part that is not used any more."""
        self._problems.pop(part, None)
        self._report(part, None)

    def set(self, part: str, problem: str | None) -> None:
        """Set the problem of a part; None if it has none."""
        self._problems[part] = problem
        self._report(part, problem)

    def _report(self, part: str, problem: str | None) -> None:
        now = time.monotonic()
        if problem is not None and not self._reported:
            self._reported = True
            self._since = now
            self.outages += 1
            BACKPLANE.warning("the backplane is down: Redis at %s, %s: %s", self._place, part, problem)
            self._on_down()
        elif self._reported and self._since is not None and self.healthy:
            self._reported = False
            BACKPLANE.warning("the backplane is back after %.1f s: Redis at %s", now - self._since, self._place)
