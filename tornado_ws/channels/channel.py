"""Channels, and positions of their kept messages."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import NamedTuple

__all__ = ["Channel", "KeptMessage", "Position", "new_epoch", "new_mark"]


class Channel(NamedTuple):
    """Destination of publications: a room of an endpoint, or the endpoint itself."""

    endpoint: str
    """Name of the endpoint."""
    room: str | None = None
    """Name of the room; None for all connections of the endpoint."""

    @property
    def id(self) -> str:
        """Stable opaque identifier of 22 characters, for clients. It does not contain the name of the room."""
        name = self.endpoint if self.room is None else f"{self.endpoint}\0{self.room}"
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
        return base64.urlsafe_b64encode(digest)[:22].decode()


class Position(NamedTuple):
    """Position in the kept messages of one channel."""

    epoch: str
    """Random name of the sequence. Only numbers of one epoch can be compared."""
    seq: int
    """Number of the newest message; 0 before the first message. Numbers have no gaps."""
    mark: str
    """Random name of the message with this number; empty before the first message."""


class KeptMessage(NamedTuple):
    """Kept message of a channel."""

    channel: Channel
    position: Position
    """Epoch, number and mark of the message."""
    previous: str
    """Mark of the message before it."""
    text: bytes
    """JSON text of the frame, without number and mark."""
    exclude: frozenset[str]
    """Ids of connections that do not receive it. For them, the number is skipped."""
    expires_at: float
    """Time from which it is no longer kept, in seconds (:func:`time.monotonic` of this process)."""


def new_epoch() -> str:
    """Return a random name for a sequence, of 16 characters."""
    return secrets.token_urlsafe(12)


def new_mark() -> str:
    """Return a random name for a message, of 6 characters."""
    return base64.urlsafe_b64encode(secrets.token_bytes(5))[:6].decode()
