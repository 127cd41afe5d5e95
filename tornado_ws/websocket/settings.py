"""Limits of a connection, and counters of their effects."""

from __future__ import annotations

import dataclasses

from ..rate_limited_log import RateLimitedLog

__all__ = ["ConnectionSettings", "Counters"]


@dataclasses.dataclass(kw_only=True, slots=True)
class Counters:
    """Numbers of messages and connections that a limit affected, and of resumed channels. They never decrease."""

    dropped: int = 0
    """Volatile messages not sent because the client read too slowly; see :meth:`.WriteQueue.put`."""
    coalesced: int = 0
    """Messages replaced by a newer one with the same key before they were sent; see :meth:`.WriteQueue.put`."""
    too_slow: int = 0
    """Connections closed with 3008 because the client read too slowly; see :meth:`.Connection.on_overflow`."""
    unresponsive: int = 0
    """Connections closed with 4508; see :meth:`.Connection.close_unresponsive`."""
    protocol_errors: int = 0
    """Connections closed because the client violated RFC 6455; see :meth:`.Connection.on_protocol_error`."""
    recovered: int = 0
    """Channels whose missed messages were sent to a returning client; see :class:`.Resumption`."""
    unrecovered: int = 0
    """Channels with missed messages that are no longer kept; see :class:`.Resumption`."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionSettings:
    """Limits of a connection. Sizes are in bytes, times in seconds."""

    write_queue_bytes: int = 1 << 20
    """Maximum size of queued frames for a slow client; one frame may be larger. Enforced by :meth:`.WriteQueue.put`."""
    write_queue_age: float = 60.0
    """Maximum time of a frame in the write queue. Enforced by :meth:`.Connection._check_deadlines`."""
    receive_queue_messages: int = 64
    """Number of queued messages at which reading pauses. Enforced by :meth:`.MessageDelivery._enqueue`."""
    receive_queue_bytes: int = 1 << 20
    """Size of queued messages at which reading pauses. Enforced by :meth:`.MessageDelivery._enqueue`."""
    close_timeout: float = 5.0
    """Maximum time to wait for the client's close frame after ours. Set by :meth:`.Connection.close`."""
    handler_timeout: float = 5.0
    """Maximum time to handle messages received before the client's close frame. Set by :meth:`.Connection._finish`."""
    linger: float = 2.0
    """Time to keep reading after a failure, so that the client receives the close frame. Set by
    :meth:`.Connection.fail`."""
    discard_timeout: float = 10.0
    """Maximum time to discard the rest of a message that is too big, so that the client receives the close frame. Set
    by :meth:`.Connection.on_protocol_error`."""
    slow_linger: float = 30.0
    """Time for a slow client to receive the close frame with 3008. Set by :meth:`.Connection.on_overflow`."""
    counters: Counters = dataclasses.field(default_factory=Counters)
    """Counters shared by all connections with these settings."""
    log: RateLimitedLog = dataclasses.field(default_factory=RateLimitedLog)
    """Log of connections that the server closes."""
