"""History of kept messages, in Redis."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ...errors import BackplaneDown
from ..history import History, KeptMessage, Position
from .redis_bus import RedisBus
from .redis_log import RedisLog

__all__ = ["RedisHistory"]


class RedisHistory(History):
    """Positions up to which this process has delivered messages, and kept messages of all processes."""

    def __init__(self, bus: RedisBus, log: RedisLog) -> None:
        self._bus = bus
        self._log = log

    async def position(self, endpoint: str) -> Position:
        """Return the shared epoch, and the number of the newest message that this process has delivered.

        While Redis is unreachable, the position has an epoch from which no client can resume.
        """
        await self._bus.start()
        try:
            await self._log.ensure_epoch(endpoint)
            epoch, newest = await self._log.position(endpoint)
        except BackplaneDown:
            return Position(f"alone-{self._bus.process_id}", 0)
        return Position(epoch, self._bus.delivered_seq(endpoint, newest))

    async def messages_after(
        self, endpoint: str, rooms: Collection[str], position: Position
    ) -> Sequence[KeptMessage] | None:
        """Return the messages after a position; None if some are not kept or Redis is unreachable."""
        try:
            epoch, newest = await self._log.position(endpoint)
            messages = await self._log.messages(endpoint, after=position.seq, last=newest)
        except BackplaneDown:
            return None
        if messages is None or epoch != position.epoch or not self._bus.is_complete(endpoint):
            return None
        return [
            KeptMessage(message.seq, message.text.encode())
            for message in messages
            if message.seq is not None and (message.room is None or message.room in rooms)
        ]
