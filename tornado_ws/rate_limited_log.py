"""Log of events that clients cause, at a bounded rate."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping

__all__ = ["LINES_PER_SECOND", "RateLimitedLog"]

LINES_PER_SECOND = 10
"""Maximum number of lines of one kind in one second."""


class _Window:
    __slots__ = ("ends_at", "level", "lines", "logger", "suppressed")

    def __init__(self, logger: logging.Logger, level: int, ends_at: float) -> None:
        self.logger = logger
        self.level = level
        self.ends_at = ends_at
        self.lines = 0
        self.suppressed = 0


class RateLimitedLog:
    """Log with at most :data:`LINES_PER_SECOND` lines of each kind in a second.

    One line at the end of that second states the number of suppressed lines.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Create a log.

        Args:
            clock: Current time, in seconds.
        """
        self._clock = clock
        self._windows: dict[str, _Window] = {}

    def log(
        self,
        logger: logging.Logger,
        level: int,
        kind: str,
        text: str,
        *args: object,
        error: BaseException | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> bool:
        """Log a line, unless too many lines of its kind were logged in this second.

        Args:
            logger: Logger of the line.
            level: Level of :mod:`logging`.
            kind: Name of the kind. It must not depend on data from clients, because each kind takes memory.
            text: Line, with placeholders of :mod:`logging`.
            args: Values of the placeholders.
            error: Exception whose traceback follows the line.
            extra: Attributes of the record (:data:`.loggers.LOG_ATTRIBUTES`).

        Returns:
            True if the line was logged.
        """
        if not logger.isEnabledFor(level):
            return False
        now = self._clock()
        window = self._windows.get(kind)
        if window is None or now >= window.ends_at:
            if window is not None:
                self._close(kind, window)
            window = self._windows[kind] = _Window(logger, level, now + 1.0)
        if window.lines < LINES_PER_SECOND:
            window.lines += 1
            logger.log(level, text, *args, exc_info=error, extra=extra, stacklevel=2)
            return True
        window.suppressed += 1
        if window.suppressed == 1:
            self._close_later(kind, window, window.ends_at - now)
        return False

    def _close_later(self, kind: str, window: _Window, delay: float) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # the next line of this kind closes the window
        loop.call_later(delay, self._close, kind, window)

    def _close(self, kind: str, window: _Window) -> None:
        suppressed, window.suppressed = window.suppressed, 0
        if suppressed:
            text = "suppressed %d more lines within a second: %s"
            window.logger.log(window.level, text, suppressed, kind, extra={"suppressed": suppressed})
