"""History of kept messages, for clients that reconnect."""

from __future__ import annotations

import abc
from collections.abc import Collection, Sequence
from typing import NamedTuple

__all__ = ["History", "KeptMessage", "Position", "with_seq"]


class Position(NamedTuple):
    """Position in the sequence of kept messages."""

    epoch: str
    """Name of the sequence. Only numbers of the same epoch can be compared."""
    seq: int
    """Number of the newest message; 0 before the first message."""


class KeptMessage(NamedTuple):
    """Published message with a sequence number."""

    seq: int
    """Sequence number."""
    text: bytes
    """JSON text of the frame, without the sequence number."""


class History(abc.ABC):
    """Access to the messages that the bus has numbered and kept."""

    @abc.abstractmethod
    async def position(self, endpoint: str) -> Position:
        """Return the position of an endpoint. A client that connects now receives every later message."""

    @abc.abstractmethod
    async def messages_after(
        self, endpoint: str, rooms: Collection[str], position: Position
    ) -> Sequence[KeptMessage] | None:
        """Return the messages after a position; None if some of them may be missing.

        Args:
            endpoint: Name of the endpoint.
            rooms: Rooms of the client. Messages for all connections are included.
            position: Position of the client.

        Returns:
            Messages in the order of their numbers.
        """

    def close(self) -> None:
        """Discard the messages in the memory of this process."""
        return None


def with_seq(text: bytes, seq: int) -> bytes:
    """Return the JSON text of a frame with its sequence number as the first member."""
    return b'{"seq":%d,%b' % (seq, text[1:])
