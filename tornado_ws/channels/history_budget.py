"""Memory limit of the recent messages of all channels in this process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from .channel import Channel

__all__ = ["CHANNEL_BYTES", "HISTORY_BYTES", "HistoryBudget"]

CHANNEL_BYTES: Final = 1500
"""Memory of a channel in addition to its recent messages, in bytes (measured by ``test_history_budget``)."""
HISTORY_BYTES: Final = 64 << 20
"""Default of the limit, in bytes."""


class HistoryBudget:
    """Memory of the recent messages of each channel. Above the limit, the least recently used channels lose theirs."""

    def __init__(self, limit: int, discard: Callable[[Channel], None]) -> None:
        """Begin without channels.

        Args:
            limit: Maximum memory of all channels, in bytes.
            discard: Function that drops the recent messages of a channel, or the whole channel if it has no followers.
                It must not call :meth:`update`; the budget has already removed the channel.
        """
        self._limit = limit
        self._discard = discard
        self._sizes: OrderedDict[Channel, int] = OrderedDict()
        self.bytes = 0
        """Memory of all channels, in bytes."""

    def __len__(self) -> int:
        """Return the number of channels."""
        return len(self._sizes)

    @property
    def oldest(self) -> Channel | None:
        """Least recently used channel; None if there are no channels."""
        return next(iter(self._sizes), None)

    def update(self, channel: Channel, size: int) -> None:
        """Record the use of a channel, then discard others, or this one, while the limit is exceeded.

        Args:
            channel: Channel.
            size: Memory of its recent messages, in bytes.
        """
        sizes = self._sizes
        total = size + CHANNEL_BYTES
        self.bytes += total - sizes.get(channel, 0)
        sizes[channel] = total
        sizes.move_to_end(channel)
        while self.bytes > self._limit and sizes:
            self.discard(next(iter(sizes)))

    def discard(self, channel: Channel) -> None:
        """Discard the recent messages of a channel."""
        self.remove(channel)
        self._discard(channel)

    def remove(self, channel: Channel) -> None:
        """Remove a channel, whose messages were dropped; does nothing if it is unknown."""
        self.bytes -= self._sizes.pop(channel, 0)
