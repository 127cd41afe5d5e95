"""End of a process in a bounded time after its first signal, whatever still runs in it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Final

from ..loggers import SERVER
from ..server.shutdown import SIGNALS

__all__ = ["Deadline"]

MARGIN_SECONDS: Final = 1.0
"""Seconds beyond the time to shut down, in which aborted connections and the backplane end."""
LAST_SECONDS: Final = 2.0
"""Seconds to shut down after a second signal."""
REPORT_SECONDS: Final = 0.1
"""Seconds for the last line of the log, since another thread may hold its lock for ever."""

WAITING: Final = frozenset({"selectors.py", "threading.py"})
"""Modules in which the main thread only waits."""


class Deadline:
    """Timer that begins with a signal.

    It needs neither the event loop, which a method may block, nor the interpreter, which waits for threads.
    """

    def __init__(self, seconds: float, status: Callable[[], int]) -> None:
        """Prepare; the time begins with a signal.

        Args:
            seconds: Time to shut down.
            status: Function that returns the exit status.
        """
        self._seconds = seconds
        self._status = status
        self._received = 0
        self._begun = 0

    def watch(self) -> None:
        """Begin at the next SIGTERM or SIGINT; call it in the main thread, after the event loop handles them."""
        for number in SIGNALS:  # the event loop receives them from the descriptor of signal.set_wakeup_fd
            signal.signal(number, self._on_signal)

    def begin(self, signals: int) -> None:
        """Begin the time, or shorten it.

        Args:
            signals: Number of signals so far. A terminal sends each to the parent process and to this one.
        """
        while self._begun < signals:
            self._begun += 1
            seconds = MARGIN_SECONDS + (self._seconds if self._begun == 1 else LAST_SECONDS)
            for delay, function in ((seconds - REPORT_SECONDS, self._report), (seconds, self._end)):
                timer = threading.Timer(delay, function)
                timer.daemon = True
                timer.start()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._received += 1
        self.begin(self._received)

    def _report(self) -> None:
        SERVER.warning("process %d is cut off in %s", os.getpid(), ", ".join(_running()))
        self._end()

    def _end(self) -> None:
        os._exit(self._status())


def _running() -> list[str]:
    """Return the places at which threads keep the process alive."""
    found = []
    for thread in threading.enumerate():
        frame = sys._current_frames().get(thread.ident or 0)
        if frame is not None and not thread.daemon and not _is_waiting(thread, frame):
            found.append(f"{frame.f_code.co_qualname} ({frame.f_code.co_filename}:{frame.f_lineno}) in {thread.name}")
    return found or ["tasks that suppress their cancellation"]


def _is_waiting(thread: threading.Thread, frame: FrameType) -> bool:
    """Return True for the event loop, the end of the interpreter, and threads of a pool without work."""
    if thread is threading.main_thread():
        return Path(frame.f_code.co_filename).name in WAITING
    return frame.f_code.co_name == "_worker" or thread.name.endswith("(_do_shutdown)")
