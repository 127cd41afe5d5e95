"""The limits of a connection, and the counts of what they did."""

from __future__ import annotations

import dataclasses

__all__ = ["ConnectionSettings", "Counters"]


@dataclasses.dataclass(kw_only=True, slots=True)
class Counters:
    """What the limits did to connections; numbers only grow."""

    dropped: int = 0
    """Volatile messages that were not sent because the client did not read fast enough."""
    coalesced: int = 0
    """Messages replaced by a newer one of the same key before they were sent."""
    cut: int = 0
    """Connections closed because the client did not read fast enough."""
    unresponsive: int = 0
    """Connections closed because nothing was heard from the client."""
    refused: int = 0
    """Connections closed because the client broke the protocol."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionSettings:
    """Limits of a connection. Sizes are in bytes, times in seconds."""

    outbox_bytes: int = 1 << 20
    """What may wait for a client that does not read; a single larger message may go out when nothing waits."""
    outbox_age: float = 60.0
    """How long a message may wait."""
    inbox_messages: int = 64
    """Messages that may wait for the handler before reading stops."""
    inbox_bytes: int = 1 << 20
    """Bytes that may wait for the handler before reading stops; a single larger message may wait alone."""
    close_timeout: float = 5.0
    """How long to wait for the client's answer to a close frame."""
    handler_timeout: float = 5.0
    """How long what the client sent before it closed may still be handled."""
    linger: float = 2.0
    """How long to read on after a failure, so that the client gets to see the close frame."""
    cut_linger: float = 30.0
    """How long a client that did not read fast enough may take to see the close frame."""
    counters: Counters = dataclasses.field(default_factory=Counters)
    """Shared by all connections with these settings."""
