"""Log of events that clients cause, at a bounded rate."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

__all__ = ["LINES_PER_SECOND", "RateLimitedLog"]

LINES_PER_SECOND = 10
"""Maximum number of lines of one kind in one second."""

_logger = logging.getLogger("tornado_ws")


class _Window:
    __slots__ = ("ends_at", "lines", "suppressed")

    def __init__(self, ends_at: float) -> None:
        self.ends_at = ends_at
        self.lines = 0
        self.suppressed = 0


class RateLimitedLog:
    """Log with at most :data:`LINES_PER_SECOND` lines of each kind in a second.

    One line at the end of that second states the number of suppressed lines.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Create a log that writes to the logger ``tornado_ws``.

        Args:
            clock: Current time, in seconds.
        """
        self._clock = clock
        self._windows: dict[str, _Window] = {}

    def log(self, level: int, kind: str, text: str, *args: object, error: BaseException | None = None) -> None:
        """Log a line, unless too many lines of its kind were logged in this second.

        Args:
            level: Level of :mod:`logging`.
            kind: Name of the kind. It must not depend on data from clients, because each kind takes memory.
            text: Line, with placeholders of :mod:`logging`.
            args: Values of the placeholders.
            error: Exception whose traceback follows the line.
        """
        now = self._clock()
        window = self._windows.get(kind)
        if window is None or now >= window.ends_at:
            if window is not None:
                self._close(kind, window)
            window = self._windows[kind] = _Window(now + 1.0)
        if window.lines < LINES_PER_SECOND:
            window.lines += 1
            _logger.log(level, text, *args, exc_info=error)
            return
        window.suppressed += 1
        if window.suppressed == 1:
            self._close_later(kind, window, window.ends_at - now)

    def _close_later(self, kind: str, window: _Window, delay: float) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # the next line of this kind closes the window
        loop.call_later(delay, self._close, kind, window)

    def _close(self, kind: str, window: _Window) -> None:
        suppressed, window.suppressed = window.suppressed, 0
        if suppressed:
            _logger.warning("suppressed %d more lines within a second: %s", suppressed, kind)
