"""What a conversation needs of the socket under it."""

from __future__ import annotations

from collections.abc import Awaitable, Hashable
from typing import Protocol

from ..errors import CloseCode
from . import Connection, PreparedFrame

__all__ = ["StrictSender", "Sender"]


class Sender(Protocol):
    """The sending half of one connection. No method raises because the connection is closed."""

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more: it is closed, or closing."""
        ...

    @property
    def clean(self) -> bool:
        """Whether, now that it is over, what the client sent before should still be handled."""
        ...

    @property
    def heard(self) -> float:
        """When the last sign of life came, by :func:`time.monotonic`."""
        ...

    @property
    def last_broadcast_at(self) -> float:
        """When the last frame went that the wire was not given by :meth:`send` or :meth:`send_prepared`."""
        ...

    def send(self, text: bytes, volatile: bool = False, latest: Hashable = None) -> Awaitable[None] | None:
        """Send a text frame, or let it wait for the client to read; never blocks.

        Past the limit of what may wait: a volatile frame is dropped, one with ``latest`` replaces the one that has the
        same, and for any other the connection is closed with 3008.

        Args:
            text: UTF-8.
            volatile: Whether it may be dropped.
            latest: What it tells the newest of.

        Returns:
            What to await before the next is sent; None: there is room.
        """
        ...

    def send_prepared(self, frame: PreparedFrame) -> None:
        """Send a frame that goes to many, as :meth:`send` does."""
        ...

    def room(self) -> Awaitable[None] | None:
        """Return what to await until the client has read enough; None: it has."""
        ...

    def ping(self) -> None:
        """Send a ping of RFC 6455."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Send a close frame after what was sent before."""
        ...

    def hang_up(self, code: int, reason: str) -> None:
        """Send a close frame if the client takes it at once, and drop the connection."""
        ...

    def abort(self) -> None:
        """Drop the connection."""
        ...


class StrictSender:
    """Passes on: the connection itself keeps what a client does not read, within its limits."""

    __slots__ = ("_connection", "room", "send", "send_prepared")

    def __init__(self, connection: Connection) -> None:
        """Send over ``connection``."""
        self._connection = connection
        self.send = connection.send_text
        self.send_prepared = connection.send_prepared
        self.room = connection.room

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._connection.closing

    @property
    def clean(self) -> bool:
        """Whether the client said good-bye."""
        return self._connection.clean

    @property
    def heard(self) -> float:
        """When the last sign of life came."""
        return self._connection.heard

    @property
    def last_broadcast_at(self) -> float:
        """When the last broadcast went."""
        return self._connection.last_broadcast_at

    def ping(self) -> None:
        """Send a ping."""
        self._connection.ping(b"")

    def close(self, code: int, reason: str) -> None:
        """Send a close frame after what was sent before."""
        self._connection.close(code, reason)

    def hang_up(self, code: int, reason: str) -> None:
        """Send a close frame if the client takes it at once, and drop the connection."""
        if code == CloseCode.UNRESPONSIVE:
            self._connection.give_up_client()
        else:
            self._connection.fail(CloseCode(code), reason)

    def abort(self) -> None:
        """Drop the connection."""
        self._connection.abort()
