"""Send over the strict connection."""

from __future__ import annotations

from .connection import Connection
from .errors import CloseCode

__all__ = ["StrictWire"]


class StrictWire:
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
    def told_at(self) -> float:
        """When the last broadcast went."""
        return self._connection.told_at

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
