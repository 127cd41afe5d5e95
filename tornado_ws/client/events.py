"""State of a client, and the events that its listeners receive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..errors import ConnectionClosed, ErrorData

__all__ = [
    "ChannelReset",
    "ChannelResumed",
    "ClientEvent",
    "ClientState",
    "Invalid",
    "PresenceChanged",
    "Refused",
    "Status",
    "Unconfirmed",
]

Status: TypeAlias = Literal["idle", "connecting", "open", "waiting", "closed"]
"""``idle``: not opened; ``waiting``: until the next attempt; ``closed``: by this client, or after a final error."""


@dataclass(frozen=True, kw_only=True)
class ClientState:
    """State of a client; each change replaces it."""

    status: Status = "idle"
    error: ConnectionClosed | None = None
    """Error that ended the last connection or prevented it; None while open."""
    attempt: int = 0
    """Number of failed attempts since the last stable connection."""
    retry_in: float | None = None
    """Seconds from the last failure to the next attempt, while ``waiting``."""
    outdated: bool | None = None
    """True if the server uses a different version of the protocol than this client; None until it is known."""
    recovered: bool | None = None
    """After a reconnect: True if every missed message was sent again, False if some are lost. None until it is known,
    and for endpoints without kept messages."""
    unconfirmed: int = 0
    """Number of messages sent on the current or last connection that the server has not confirmed, without volatile
    ones."""


@dataclass(frozen=True, kw_only=True)
class ChannelResumed:
    """End of the resumption of a channel."""

    channel: str
    """Stable identifier of the channel."""
    recovered: bool
    """False if messages are lost."""


@dataclass(frozen=True, kw_only=True)
class ChannelReset:
    """New position of a channel while connected: messages are lost."""

    channel: str
    """Stable identifier of the channel."""


@dataclass(frozen=True, kw_only=True)
class Unconfirmed:
    """Messages that may not have arrived, when their connection ends, or when the client closes before it sent them."""

    messages: tuple[object, ...]
    """Instances of message classes, oldest first."""


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Error of the server that answers no request, such as an invalid message."""

    error: ErrorData


@dataclass(frozen=True, kw_only=True)
class Invalid:
    """Invalid frame from the server, which was dropped."""

    error: ErrorData


@dataclass(frozen=True, kw_only=True)
class PresenceChanged:
    """Change of the users in the rooms of the client; its property ``presence`` has their metadata."""

    joined: frozenset[str]
    """Keys of users with their first device."""
    left: frozenset[str]
    """Keys of users without a device."""
    updated: frozenset[str]
    """Keys of users with other devices or other metadata."""


ClientEvent: TypeAlias = ClientState | ChannelResumed | ChannelReset | PresenceChanged | Unconfirmed | Refused | Invalid
"""Events of the connection, for the method ``on`` of clients."""
