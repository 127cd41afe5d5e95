"""Tornado WebSocket handler on a strict connection."""

from __future__ import annotations

from collections.abc import Awaitable

from tornado.websocket import WebSocketHandler, WebSocketProtocol, WebSocketProtocol13

from ..errors import CloseCode
from .connection import Connection
from .settings import ConnectionSettings
from .tornado_private import require_supported_tornado
from .tornado_protocol import StrictProtocol

__all__ = ["StrictWebSocketHandler"]

MESSAGE_BYTES = 1 << 20
"""Default maximum size of a message."""


class StrictWebSocketHandler(WebSocketHandler):
    """Handler with Tornado's interface: override `open`, `on_message` and `on_close`; call `write_message`.

    Differences: an exception in `on_message` closes the connection with 1011, and a client that reads too slowly is
    disconnected with 3008. `on_close` is called after each `open`, even if `open` raised.
    """

    connection_settings: ConnectionSettings = ConnectionSettings()
    """Limits of the connections; set it on an instance, before the handshake, for one connection."""

    @property
    def max_message_size(self) -> int:
        """Maximum size of a message, in bytes: Tornado's setting ``websocket_max_message_size``, or 1 MiB."""
        size: int = self.settings.get("websocket_max_message_size", MESSAGE_BYTES)
        return size

    @property
    def connection(self) -> Connection | None:
        """Connection from the handshake to its end; else None."""
        return self.ws_connection.connection if isinstance(self.ws_connection, StrictProtocol) else None

    def get_websocket_protocol(self) -> WebSocketProtocol | None:
        """Return the protocol that Tornado runs.

        Raises:
            ConfigurationError: If this version of Tornado is not supported.
        """
        require_supported_tornado()
        protocol = super().get_websocket_protocol()
        if not isinstance(protocol, WebSocketProtocol13):
            return protocol
        return StrictProtocol(self, protocol.params, self.connection_settings)

    def on_text(self, data: bytes) -> Awaitable[object] | None:
        """Handle a text message, which is valid UTF-8. Calls `on_message` by default."""
        return self.on_message(data.decode())

    def on_binary(self, data: bytes) -> Awaitable[object] | None:
        """Handle a binary message. Calls `on_message` by default."""
        return self.on_message(data)

    def on_failure(self, error: BaseException) -> None:
        """Handle an exception of a message handler: log it, and close with 1011."""
        self.log_exception(type(error), error, error.__traceback__)
        if self.connection is not None:
            self.connection.fail(CloseCode.INTERNAL, "internal error")

    def on_heartbeat(self) -> None:
        """Send a ping frame."""
        if self.ws_connection is not None:
            self.ws_connection.write_ping(b"")
