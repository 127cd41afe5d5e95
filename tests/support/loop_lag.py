"""Measurement of the turns of the event loop."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from types import TracebackType
from typing import Self


class LoopLag:
    """Longest turn of the running event loop while the context is active."""

    def __init__(self) -> None:
        self.longest = 0.0
        """CPU time of the longest turn, in seconds: other processes do not count."""
        self._turn_started = 0.0
        self._handle: asyncio.Handle | None = None

    def __enter__(self) -> Self:
        gc.collect()
        gc.freeze()  # otherwise a collection of all objects of the test run may be part of a turn
        self._turn_started = time.thread_time()
        self._handle = asyncio.get_running_loop().call_soon(self._measure)
        return self

    def __exit__(
        self, type_: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._handle is not None
        self._handle.cancel()
        gc.unfreeze()

    def _measure(self) -> None:
        now = time.thread_time()
        self.longest = max(self.longest, now - self._turn_started)
        self._turn_started = now
        self._handle = asyncio.get_running_loop().call_soon(self._measure)


def allowed(seconds: float) -> float:
    """Return a limit of time, multiplied while coverage traces each line."""
    return seconds if sys.gettrace() is None else 4 * seconds
