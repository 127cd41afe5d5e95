"""Processes that serve one port, started by Tornado's process module."""

from __future__ import annotations

import mmap
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Final

from tornado.process import fork_processes

from ..server.shutdown import SIGNALS

__all__ = ["POLL_SECONDS", "ProcessGroup"]

_SIGNALS, _FAILED, _LISTENED, _STARTED = range(4)
"""Places of the shared numbers: signals, status of a process that failed, 1 if one has listened, starts."""
MAX_COUNT: Final = 255
PAUSE_SECONDS: Final = 1.0
"""Seconds until a process that has ended is replaced."""
POLL_SECONDS: Final = 0.25
"""Seconds between two looks at the signals of the parent."""


class ProcessGroup:
    """Parent and its equal children, which share some numbers.

    The parent replaces each child that ends, until it receives a signal. A signal to the parent reaches all children
    once, also if the terminal or the service manager sends it to them as well; and they shut down if the parent is
    killed.
    """

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 4)
        self._parent = os.getpid()
        self._on_signals: Callable[[int], None] | None = None
        self.index = 0
        """Number of this process; those of the running processes are 0, 1, 2 and so on."""

    def fork(self, processes: int) -> None:
        """Start the children; returns in each of them.

        Raises:
            SystemExit: If all children have ended, in the parent, with the status of one that could not start, else 0.
        """
        for number in SIGNALS:
            signal.signal(number, self._on_signal)
        try:
            self.index = fork_processes(processes, max_restarts=sys.maxsize)
        except SystemExit:
            sys.exit(self._shared[_FAILED])
        for number in SIGNALS:  # until the event loop handles them
            signal.signal(number, signal.SIG_DFL)
        threading.Thread(target=self._follow_parent, daemon=True).start()
        if os.getppid() == self._parent and self._is_replacement(processes):
            time.sleep(PAUSE_SECONDS)

    @property
    def signals(self) -> int:
        """Number of signals that the parent has received; at least one if it was killed."""
        orphaned = os.getpid() != self._parent != os.getppid()
        return max(self._shared[_SIGNALS], orphaned)

    @property
    def exit_status(self) -> int:
        """Exit status of a child that ends in order: 0 if the group ends, else 1, since Tornado replaces it then."""
        return 0 if self.signals else 1

    @property
    def failed(self) -> bool:
        """True if a child could not start."""
        return bool(self._shared[_FAILED])

    def listens(self, on_signals: Callable[[int], None]) -> None:
        """Note that this process listens, and handles signals itself.

        Args:
            on_signals: Function of another thread for the number of signals that the parent has received.
        """
        self._shared[_LISTENED] = 1
        self._on_signals = on_signals

    def fail(self, status: int) -> int:
        """Stop all processes if none has listened yet, since replacing this one would not help.

        Args:
            status: Exit status of the group.

        Returns:
            Exit status of this process.
        """
        if self._shared[_LISTENED]:
            return 1
        self._shared[_FAILED] = status
        self._shared[_SIGNALS] = max(self._shared[_SIGNALS], 1)
        return 0

    def _is_replacement(self, processes: int) -> bool:
        started = self._shared[_STARTED] = min(self._shared[_STARTED] + 1, MAX_COUNT)
        return started > processes

    def _follow_parent(self) -> None:
        """Pass on signals to the parent, or end this process if it does not listen yet."""
        while True:
            time.sleep(POLL_SECONDS)
            if not self.signals:
                continue
            if self._on_signals is None:
                os._exit(0)
            self._on_signals(self.signals)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if os.getpid() == self._parent:
            self._shared[_SIGNALS] = min(self._shared[_SIGNALS] + 1, MAX_COUNT)
