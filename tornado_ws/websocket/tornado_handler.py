"""Tornado WebSocket handler on a strict connection."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, final

from tornado.websocket import WebSocketHandler, WebSocketProtocol, WebSocketProtocol13

from ..errors import CloseCode
from .connection import Connection
from .settings import ConnectionSettings
from .tornado_private import require_supported_tornado
from .tornado_protocol import StrictProtocol
from .upgrade_request import send_upgrade_error, upgrade_error

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
    @final
    def connection(self) -> Connection | None:
        """Connection from the handshake to its end; else None."""
        return self.ws_connection.connection if isinstance(self.ws_connection, StrictProtocol) else None

    @final
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

    async def get(self, *args: Any, **kwargs: Any) -> None:  # Any: groups of the route's pattern
        """Answer the request; Tornado's :meth:`check_origin` decides about the origin."""
        if (error := upgrade_error(self.request)) is not None:
            send_upgrade_error(self, error)
            return
        self.request.headers["Upgrade"] = "websocket"  # may be one of several; Tornado compares the whole header
        await super().get(*args, **kwargs)

    @final
    async def accept_handshake(self) -> None:
        """Accept a handshake whose request and origin have been checked.

        Tornado's ``get`` would check the origin by rules of its own, which differ between versions.
        """
        self.open_args, self.open_kwargs = (), {}
        self.ws_connection = self.get_websocket_protocol()
        if self.ws_connection is not None:
            await self.ws_connection.accept_connection(self)

    def receive_text(self, data: bytes) -> Awaitable[object] | None:
        """Handle a text message, which is valid UTF-8. Calls `on_message` by default."""
        return self.on_message(data.decode())

    def receive_binary(self, data: bytes) -> Awaitable[object] | None:
        """Handle a binary message. Calls `on_message` by default."""
        return self.on_message(data)

    @final
    def handle_failure(self, error: BaseException) -> None:
        """Handle an exception of a message handler: log it, and close with 1011."""
        self.log_exception(type(error), error, error.__traceback__)
        if self.connection is not None:
            self.connection.fail(CloseCode.INTERNAL, "internal error")

    def log_attributes(self) -> dict[str, object]:
        """Return the attributes of log records about the connection (:data:`.loggers.LOG_ATTRIBUTES`)."""
        return {"address": self.request.remote_ip}

    @final
    def send_heartbeat(self) -> None:
        """Send a ping frame."""
        if self.ws_connection is not None:
            self.ws_connection.write_ping(b"")
