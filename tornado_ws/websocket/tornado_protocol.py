"""Adapter between Tornado's WebSocket protocol and a strict connection."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import tornado.escape
from tornado.httputil import HTTPHeaders
from tornado.websocket import WebSocketClosedError, WebSocketHandler, WebSocketProtocol13

from ..errors import CloseCode
from .connection import Connection
from .keepalive import Heartbeat
from .message_delivery import ConnectionHandler
from .permessage_deflate import DeflateParams, negotiate
from .settings import ConnectionSettings

__all__ = ["StrictProtocol"]

NO_TIMEOUT: Final = 1e9
"""Default ping timeout, in seconds."""


class StrictProtocol(WebSocketProtocol13):
    """Protocol with Tornado's handshake, and a :class:`.Connection` after it."""

    __slots__ = ("_deflate", "_settings", "client_terminated", "connection", "server_terminated", "stream")
    # Includes some attributes of Tornado: an instance dictionary with more than 30 attributes does not share its keys
    # with other instances, and takes ten times the memory.

    def __init__(self, handler: Any, params: Any, settings: ConnectionSettings) -> None:
        """Create the protocol of a handshake.

        Args:
            handler: :class:`.ConnectionHandler` that is also Tornado's handler.
            params: Tornado's parameters, of a private type.
            settings: Limits of the connection.
        """
        super().__init__(handler, False, params)
        self.connection: Connection | None = None
        """Connection; None until the response to the handshake is sent."""
        self._settings = settings
        self._deflate: DeflateParams | None = None

    async def accept_connection(self, handler: WebSocketHandler) -> None:
        """Respond to the handshake and call the handler's `open`."""
        options = self.params.compression_options
        offers = handler.request.headers.get("Sec-WebSocket-Extensions")
        if options is not None and offers is not None and (deflate := negotiate(offers, options)) is not None:
            self._deflate = deflate
            handler.set_header("Sec-WebSocket-Extensions", deflate.header)
        try:
            await super().accept_connection(handler)
        except Exception:
            raise
        except BaseException as error:  # Tornado handles only exceptions and cancellations of `open`
            if self.connection is None and not isinstance(error, SystemExit | KeyboardInterrupt):
                raise RuntimeError("the handshake was not completed") from error
            self._abort()
            if isinstance(error, SystemExit | KeyboardInterrupt):
                raise
            handler.log_exception(type(error), error, error.__traceback__)

    def _parse_extensions_header(self, headers: HTTPHeaders) -> list[tuple[str, dict[str, str]]]:
        return []  # extensions are negotiated in `accept_connection`

    def start_pinging(self) -> None:
        """Open the connection; Tornado calls this between its response and `open`."""
        handler: ConnectionHandler = self.handler  # type: ignore[assignment]
        self.connection = Connection(
            handler, self.stream, self._settings, max_size=self.params.max_message_size, deflate=self._deflate
        )
        interval, timeout = self.ping_interval, self.ping_timeout
        self.connection.open(Heartbeat(interval=interval, timeout=timeout or NO_TIMEOUT) if interval > 0 else None)

    async def _receive_frame_loop(self) -> None:
        if self.connection is not None:
            self.connection.start_delivery()

    def _abort(self) -> None:
        connection = self.connection
        if connection is None:
            return
        if connection.opening:
            connection.fail(CloseCode.INTERNAL, "the connection could not be opened")
            connection.start_delivery()
        else:
            connection.abort()

    def on_connection_close(self) -> None:
        """Abort the connection, unless the handler has been notified of the end."""
        if self.connection is not None:
            self.connection.abort_if_attached()

    def write_message(self, message: str | bytes | dict[str, Any], binary: bool = False) -> asyncio.Future[None]:
        """Send a message.

        Returns:
            Future for back-pressure; awaiting it is optional.

        Raises:
            WebSocketClosedError: If the connection is closed or closing.
        """
        connection = self.connection
        if connection is None or connection.closing:
            raise WebSocketClosedError
        data = tornado.escape.utf8(tornado.escape.json_encode(message) if isinstance(message, dict) else message)
        if binary:
            connection.send_binary(data)
        else:
            connection.send_text(data)
        writable = connection.wait_writable()
        if writable is None:
            writable = asyncio.get_running_loop().create_future()
            writable.set_result(None)
        return writable

    def write_ping(self, data: bytes) -> None:
        """Send a ping with a payload of at most 125 bytes."""
        if self.connection is not None:
            self.connection.ping(data)

    def is_closing(self) -> bool:
        """Return True once no message can be sent."""
        return self.connection is None or self.connection.closing

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Start the closing handshake."""
        if self.connection is not None:
            self.connection.close(code, reason)
