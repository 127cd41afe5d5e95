"""Delivery store in the memory of one process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from .delivery_store import NOTE_SECONDS, DeliveryOutcome, DeliveryState, DeliveryStore

__all__ = ["MemoryDeliveryStore"]


class MemoryDeliveryStore(DeliveryStore):
    """Notes of one process. They are lost when the process ends."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Create an empty store.

        Args:
            clock: Current time, in seconds; it never decreases.
        """
        self._clock = clock
        self._running: dict[str, asyncio.Future[None]] = {}
        """Futures that resolve when the method has ended."""
        self._finished: dict[str, tuple[DeliveryOutcome, float]] = {}
        """Outcomes and their expiry times, oldest first."""

    def __len__(self) -> int:
        """Return the number of notes."""
        self._expire()
        return len(self._running) + len(self._finished)

    def is_running(self, key: str) -> bool:
        """Return True if the method for a message runs."""
        return key in self._running

    async def begin(self, key: str) -> DeliveryOutcome | DeliveryState:
        """Note that the method for a message begins, unless the message is noted already."""
        self._expire()
        if (finished := self._finished.get(key)) is not None:
            return finished[0]
        if key in self._running:
            return DeliveryState.RUNNING
        self._running[key] = asyncio.get_running_loop().create_future()
        return DeliveryState.NEW

    def finish(self, key: str, outcome: DeliveryOutcome, *, limit: int) -> None:
        """Note the outcome of a message."""
        self.note(key, outcome, limit=limit)

    def note(self, key: str, outcome: DeliveryOutcome, *, limit: int) -> list[str]:
        """Note an outcome, and return the keys of the outcomes that are dropped for it."""
        self._expire()
        self._finished[key] = (outcome, self._clock() + NOTE_SECONDS)
        dropped = []
        while len(self._finished) > limit:
            dropped.append(oldest := next(iter(self._finished)))
            del self._finished[oldest]
        self.abandon(key)
        return dropped

    def abandon(self, key: str) -> None:
        """Delete the note of a message whose method has not run."""
        future = self._running.pop(key, None)
        if future is not None and not future.done():
            future.set_result(None)

    async def wait(self, key: str, seconds: float) -> None:
        """Wait until the method for a message has ended."""
        if (future := self._running.get(key)) is not None:
            await asyncio.wait((future,), timeout=seconds)

    def close(self) -> None:
        """Discard all notes."""
        for key in tuple(self._running):
            self.abandon(key)
        self._finished.clear()

    def _expire(self) -> None:
        now = self._clock()
        while self._finished:
            oldest = next(iter(self._finished))
            if self._finished[oldest][1] > now:
                return
            del self._finished[oldest]
