"""Backplane in the memory of one process."""

from __future__ import annotations

import dataclasses
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence

from .backplane import Backplane
from .bus import Bus, Publication
from .history import History, KeptMessage, Position
from .memory_deliveries import MemoryDeliveryStore
from .memory_tickets import MemoryTicketStore
from .replay_log import ReplayLog

__all__ = ["MemoryBackplane", "MemoryBus", "MemoryHistory"]


class MemoryHistory(History):
    """Replay logs, one for each endpoint."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._logs: defaultdict[str, ReplayLog] = defaultdict(lambda: ReplayLog(clock=clock))

    def append(self, publication: Publication) -> int:
        """Keep a message and return its sequence number."""
        log = self._logs[publication.endpoint]
        return log.append(publication.room, publication.name, publication.text, size=publication.replay)

    async def position(self, endpoint: str) -> Position:
        """Return the position of an endpoint; its epoch is unique to this process."""
        return self._logs[endpoint].position

    async def messages_after(
        self, endpoint: str, rooms: Collection[str], position: Position
    ) -> Sequence[KeptMessage] | None:
        """Return the messages after a position; None if some are no longer kept."""
        return self._logs[endpoint].messages_after(rooms, position)

    def close(self) -> None:
        """Discard all messages, so that a new epoch begins."""
        self._logs.clear()


class MemoryBus(Bus):
    """Direct delivery to the connections of this process."""

    def __init__(self, history: MemoryHistory) -> None:
        super().__init__()
        self._history = history

    @property
    def local(self) -> bool:
        """True."""
        return True

    async def publish(self, publication: Publication) -> None:
        """Deliver a message immediately. A message with ``replay`` is numbered and kept first."""
        if publication.replay:
            publication = dataclasses.replace(publication, seq=self._history.append(publication))
        self._deliver(publication)


class MemoryBackplane(Backplane):
    """Backplane of one process. Messages and keys are lost when the process ends."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Create an empty backplane.

        Args:
            clock: Current time, in seconds; it never decreases.
        """
        history = MemoryHistory(clock=clock)
        super().__init__(
            bus=MemoryBus(history),
            history=history,
            tickets=MemoryTicketStore(clock=clock),
            deliveries=MemoryDeliveryStore(clock=clock),
        )
