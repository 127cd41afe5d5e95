"""Backplane in the memory of one process."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..config_checks import require_number
from ..endpoint import Replay
from .backplane import Backplane
from .channel import Channel, KeptMessage, Position, new_epoch, new_mark
from .channel_log import ChannelLog, Unknown
from .history_budget import HISTORY_BYTES, HistoryBudget
from .memory_deliveries import MemoryDeliveryStore
from .memory_tickets import MemoryTicketStore
from .publication import Publication

__all__ = ["MemoryBackplane"]


@dataclass(kw_only=True, slots=True)
class _History:
    log: ChannelLog
    seconds: float
    """Time for which a message is kept, in seconds."""
    followed: bool
    used_at: float
    """Time of the last message, or of the last follower, in seconds."""


class MemoryBackplane(Backplane):
    """Backplane of one process. Messages and keys are lost when the process ends."""

    def __init__(self, *, history_bytes: int = HISTORY_BYTES, clock: Callable[[], float] = time.monotonic) -> None:
        """Create an empty backplane.

        Args:
            history_bytes: Maximum memory of the kept messages of all channels, in bytes. Above it, the least recently
                used channels lose theirs.
            clock: Current time, in seconds; it never decreases.

        Raises:
            ConfigurationError: If ``history_bytes`` is invalid.
        """
        require_number("history_bytes", history_bytes, integer=True)
        super().__init__(tickets=MemoryTicketStore(clock=clock), deliveries=MemoryDeliveryStore(clock=clock))
        self._clock = clock
        self._histories: dict[Channel, _History] = {}
        self._budget = HistoryBudget(history_bytes, self._discard)

    @property
    def local(self) -> bool:
        """True."""
        return True

    # Channels.

    async def follow(self, channel: Channel, history: Replay | None) -> None:
        """Receive the messages of a channel; never waits."""
        if history is not None:
            kept = self._history(channel, history)
            kept.followed = True
            self._use(channel, kept)

    def unfollow(self, channel: Channel) -> None:
        """Stop receiving the messages of a channel. Its history stays for clients that return."""
        if (kept := self._histories.get(channel)) is not None:
            kept.followed = False
            self._use(channel, kept)

    def position(self, channel: Channel) -> Position | None:
        """Return the position of a channel; None if it has no history."""
        kept = self._histories.get(channel)
        return None if kept is None else kept.log.position

    async def publish(self, publication: Publication) -> Position | None:
        """Deliver a message immediately. A message to keep is numbered and kept first."""
        if publication.history is None:
            self._receiver.deliver(publication)
            return None
        channel = publication.channel
        kept = self._history(channel, publication.history)
        epoch, seq, mark = kept.log.position
        position = Position(epoch, seq + 1, new_mark())
        expires_at = self._clock() + publication.history.seconds
        kept.log.append(KeptMessage(channel, position, mark, publication.text, publication.exclude, expires_at))
        self._use(channel, kept)
        return position

    def recent(self, channel: Channel, position: Position) -> Sequence[KeptMessage] | None:
        """Return the messages after a position; None if some are not kept, or the position is of another sequence."""
        if (kept := self._histories.get(channel)) is None:
            return None
        kept.log.discard_expired(self._clock())
        missed = kept.log.missed(position)
        return None if isinstance(missed, Unknown) else missed

    async def missed(self, channel: Channel, position: Position) -> Sequence[KeptMessage] | None:
        """Return the result of :meth:`recent`: there is no other history."""
        return self.recent(channel, position)

    # End.

    def close(self) -> None:
        """Discard all messages and keys, so that new epochs begin."""
        super().close()
        for channel in tuple(self._histories):
            self._budget.remove(channel)
        self._histories.clear()

    def _history(self, channel: Channel, bounds: Replay) -> _History:
        kept = self._histories.get(channel)
        if kept is None:
            log = ChannelLog(Position(new_epoch(), 0, ""), self._deliver_kept, count=bounds.count)
            kept = _History(log=log, seconds=bounds.seconds, followed=False, used_at=self._clock())
            self._histories[channel] = kept
        return kept

    def _deliver_kept(self, message: KeptMessage) -> None:
        self._receiver.deliver_kept(message)

    def _use(self, channel: Channel, kept: _History) -> None:
        kept.used_at = now = self._clock()
        kept.log.discard_expired(now)
        self._budget.update(channel, kept.log.bytes)
        self._discard_unused(now)

    def _discard_unused(self, now: float) -> None:
        """Discard the histories whose messages have expired, beginning with the least recently used."""
        while (channel := self._budget.oldest) is not None:
            kept = self._histories[channel]
            if kept.used_at + kept.seconds > now:
                return
            self._budget.discard(channel)

    def _discard(self, channel: Channel) -> None:
        kept = self._histories[channel]
        if kept.followed:
            kept.log.forget()
        else:
            del self._histories[channel]
