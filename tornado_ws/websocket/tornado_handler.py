"""A Tornado WebSocket handler on the strict connection."""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable

from tornado.websocket import WebSocketHandler, WebSocketProtocol, WebSocketProtocol13

from ..errors import CloseCode
from .connection import Connection
from .settings import ConnectionSettings
from .tornado_private import missing
from .tornado_protocol import StrictProtocol

__all__ = ["StrictWebSocketHandler"]

logger = logging.getLogger("tornado_ws")

MESSAGE_BYTES = 1 << 20


class StrictWebSocketHandler(WebSocketHandler):
    """Use it as Tornado's: override `open`, `on_message`, `on_close`, call `write_message`, `ping`, `close`.

    What differs: an exception in `on_message` closes with 1011, a client that does not read is closed with 3008, and
    once `open` was called `on_close` is, too. The application setting ``websocket_connection="tornado"`` makes it run
    on Tornado's own frame loop.
    """

    connection_settings: ConnectionSettings = ConnectionSettings()
    """Limits of the connections of this class, or of one of them if set before the upgrade."""

    @property
    def strict(self) -> bool:
        """Whether it runs on the strict connection."""
        return bool(self.settings.get("websocket_connection", "strict") != "tornado")

    @property
    def max_message_size(self) -> int:
        """Bytes that a message may have; the setting is Tornado's ``websocket_max_message_size``, by default 1 MiB."""
        size: int = self.settings.get("websocket_max_message_size", MESSAGE_BYTES)
        return size

    @property
    def connection(self) -> Connection | None:
        """The strict connection while it is open; None on Tornado's own."""
        return self.ws_connection.connection if isinstance(self.ws_connection, StrictProtocol) else None

    def get_websocket_protocol(self) -> WebSocketProtocol | None:
        """Return the connection that Tornado hands the socket over to."""
        stock = super().get_websocket_protocol()
        if not isinstance(stock, WebSocketProtocol13) or not self.strict or not _tornado_is_known():
            return stock
        return StrictProtocol(self, stock.params, self.connection_settings)

    def on_text(self, data: bytes) -> Awaitable[object] | None:
        """Take a text message, valid UTF-8; by default `on_message` does."""
        return self.on_message(data.decode())

    def on_binary(self, data: bytes) -> Awaitable[object] | None:
        """Take a binary message; by default `on_message` does."""
        return self.on_message(data)

    def on_failure(self, error: BaseException) -> None:
        """Take what handling a message raised: log it, and close with 1011."""
        self.log_exception(type(error), error, error.__traceback__)
        if self.connection is not None:
            self.connection.fail(CloseCode.INTERNAL, "internal error")

    def on_heartbeat(self) -> None:
        """Send what the client answers: a ping."""
        if self.ws_connection is not None:
            self.ws_connection.write_ping(b"")


@functools.cache
def _tornado_is_known() -> bool:
    names = missing()
    if names:
        logger.warning("this Tornado lacks %s; connections run on its own frame loop", ", ".join(names))
    return not names
