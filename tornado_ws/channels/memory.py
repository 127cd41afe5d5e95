"""The backplane of one process."""

from __future__ import annotations

import dataclasses
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence

from .base import Backplane, Publication
from .replay import KeptMessage, Position, ReplayLog
from .tickets import Grant, Tickets

__all__ = ["MemoryBackplane"]


class MemoryBackplane(Backplane):
    """Keeps everything in this process; what is not delivered when it ends is lost."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._tickets = Tickets(clock=clock)
        self._logs: defaultdict[str, ReplayLog] = defaultdict(lambda: ReplayLog(clock=clock))

    @property
    def local(self) -> bool:
        """True."""
        return True

    def close(self) -> None:
        """Forget all keys and messages."""
        self._tickets.clear()
        self._logs.clear()

    async def publish(self, publication: Publication) -> None:
        """Deliver at once."""
        if publication.replay:
            seq = self._logs[publication.endpoint].append(
                publication.room, publication.name, publication.text, size=publication.replay
            )
            publication = dataclasses.replace(publication, seq=seq)
        self._deliver(publication)

    async def head(self, endpoint: str) -> Position:
        """Return the name of a run that no other process has, and its newest number."""
        log = self._logs[endpoint]
        return Position(log.epoch, log.seq)

    async def missed(self, endpoint: str, rooms: Collection[str], epoch: str, seq: int) -> Sequence[KeptMessage] | None:
        """Return what this process has kept."""
        return self._logs[endpoint].missed(rooms, epoch, seq)

    async def issue(self, grant: Grant, *, client: str, ttl: float, most: int) -> str:
        """Make a key that this process knows."""
        return self._tickets.issue(grant, client=client, ttl=ttl, most=most)

    async def peek(self, key: str) -> Grant | None:
        """Look a key up."""
        return self._tickets.peek(key)

    async def redeem(self, key: str) -> Grant | None:
        """Look a key up and forget it."""
        return self._tickets.redeem(key)
