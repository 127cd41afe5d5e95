"""Sending half of a connection, for the session."""

from __future__ import annotations

from collections.abc import Awaitable, Hashable
from typing import Protocol

from ..errors import CloseCode
from .connection import Connection
from .frames import PreparedFrame

__all__ = ["Sender", "StrictSender"]


class Sender(Protocol):
    """Sending half of one connection. On a closed connection its methods do nothing."""

    @property
    def closed(self) -> bool:
        """True once nothing can be sent: the connection is closed or closing."""
        ...

    @property
    def was_clean(self) -> bool:
        """True if the connection closed cleanly (RFC 6455 section 7.1.4), so received messages are still handled."""
        ...

    @property
    def last_received_at(self) -> float:
        """Time of the last sign of life of the client, in seconds (:func:`time.monotonic`)."""
        ...

    @property
    def last_broadcast_at(self) -> float:
        """Time of the last broadcast by :class:`.WriteBatch` to this connection, in seconds."""
        ...

    def send(self, text: bytes, volatile: bool = False, latest: Hashable = None) -> Awaitable[None] | None:
        """Send a text message, or queue it while the client does not read. Never blocks.

        Above the limit of the queue, the oldest volatile messages are dropped. If that is not enough, the connection is
        closed with 3008; see :meth:`.WriteQueue.put`.

        Args:
            text: Message in UTF-8.
            volatile: True if the message may be dropped.
            latest: Key; the message replaces the queued message with the same key.

        Returns:
            Awaitable for back-pressure; None if the next message can be sent now.
        """
        ...

    def send_prepared(self, frame: PreparedFrame) -> None:
        """Send a frame that was prepared for many connections, like :meth:`send`."""
        ...

    def wait_writable(self) -> Awaitable[None] | None:
        """Return an awaitable for back-pressure; None if the next message can be sent now."""
        ...

    def ping(self) -> None:
        """Send a ping frame (RFC 6455 section 5.5.2)."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Start the closing handshake: send a close frame after all queued messages."""
        ...

    def fail(self, code: int, reason: str) -> None:
        """Send a close frame instead of queued messages, and close without waiting for the client's close frame."""
        ...

    def abort(self) -> None:
        """Close the socket without a close frame."""
        ...


class StrictSender:
    """Sender on the strict connection, which has its own write queue."""

    __slots__ = ("_connection", "send", "send_prepared", "wait_writable")

    def __init__(self, connection: Connection) -> None:
        """Create the sender of ``connection``."""
        self._connection = connection
        self.send = connection.send_text
        self.send_prepared = connection.send_prepared
        self.wait_writable = connection.wait_writable

    @property
    def closed(self) -> bool:
        """True once nothing can be sent."""
        return self._connection.closing

    @property
    def was_clean(self) -> bool:
        """True if the connection closed cleanly."""
        return self._connection.was_clean

    @property
    def last_received_at(self) -> float:
        """Time of the last sign of life of the client, in seconds."""
        return self._connection.last_received_at

    @property
    def last_broadcast_at(self) -> float:
        """Time of the last broadcast to this connection, in seconds."""
        return self._connection.last_broadcast_at

    def ping(self) -> None:
        """Send a ping frame."""
        self._connection.ping(b"")

    def close(self, code: int, reason: str) -> None:
        """Start the closing handshake."""
        self._connection.close(code, reason)

    def fail(self, code: int, reason: str) -> None:
        """Send a close frame instead of queued messages, and close."""
        if code == CloseCode.UNRESPONSIVE:
            self._connection.close_unresponsive()
        else:
            self._connection.fail(CloseCode(code), reason)

    def abort(self) -> None:
        """Close the socket without a close frame."""
        self._connection.abort()
