"""Processes that serve one port, started by Tornado's process module."""

from __future__ import annotations

import mmap
import os
import signal
import sys
from types import FrameType
from typing import Final

from tornado.process import fork_processes

from ..server.shutdown import SIGNALS

__all__ = ["ProcessGroup"]

_SIGNALS, _FAILED = 0, 1
"""Places of the numbers that all processes share."""
MAX_COUNT: Final = 255


class ProcessGroup:
    """Parent and its equal children, which share two numbers.

    The parent restarts a child that crashes. A signal to the parent reaches all children once, also if the terminal or
    the service manager sends it to them as well; and they shut down if the parent is killed.
    """

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 2)
        self._parent = os.getpid()

    def fork(self, processes: int) -> None:
        """Start the children; returns in each of them.

        Raises:
            SystemExit: If all children have ended, in the parent: 1 if one of them could not start, else 0.
        """
        for number in SIGNALS:
            signal.signal(number, self._on_signal)
        try:
            fork_processes(processes)
        except SystemExit:
            sys.exit(self._shared[_FAILED])
        if self.signals:  # it replaces a child that has ended during the shutdown
            os._exit(0)

    @property
    def signals(self) -> int:
        """Number of signals that the parent has received; at least one if it was killed."""
        orphaned = os.getpid() != self._parent != os.getppid()
        return max(self._shared[_SIGNALS], orphaned)

    @property
    def failed(self) -> bool:
        """True if a child could not start."""
        return bool(self._shared[_FAILED])

    def fail(self) -> None:
        """Stop all processes, because one could not start, and restarting it would not help."""
        self._shared[_FAILED] = 1
        self._shared[_SIGNALS] = max(self._shared[_SIGNALS], 1)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if os.getpid() == self._parent:
            self._shared[_SIGNALS] = min(self._shared[_SIGNALS] + 1, MAX_COUNT)
