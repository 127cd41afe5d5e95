"""Publication: a message for many connections."""

from __future__ import annotations

from dataclasses import dataclass

from ..endpoint import Replay
from .channel import Channel

__all__ = ["Publication"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Publication:
    """Message for many connections, encoded once. All fields are plain data, so that other processes can receive it."""

    channel: Channel
    """Channel of the recipients."""
    name: str
    """Name of the message."""
    text: bytes
    """JSON text of the frame, without number and mark."""
    to: str | None = None
    """Id of the connection that receives it; None for all connections in ``channel``. Such a message is never kept."""
    exclude: frozenset[str] = frozenset()
    """Ids of connections that do not receive it."""
    volatile: bool = False
    """True if it may be dropped for a slow client."""
    latest: str | None = None
    """Key for coalescing: a slow client receives only the newest message with the same key."""
    history: Replay | None = None
    """Bounds of the channel's history; None if the message is not kept."""
