"""What Tornado calls: the upgrade is answered by its own code, and everything after that by a connection of ours."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import tornado.escape
from tornado.httputil import HTTPHeaders
from tornado.websocket import WebSocketClosedError, WebSocketHandler, WebSocketProtocol13

from ..errors import CloseCode
from .connection import Connection, ConnectionHandler
from .keepalive import Heartbeat
from .permessage_deflate import DeflateParams, negotiate
from .settings import ConnectionSettings

__all__ = ["StrictProtocol"]

FOREVER: Final = 1e9


class StrictProtocol(WebSocketProtocol13):
    """Answers the upgrade, opens the handler, and passes on what Tornado wants of the connection."""

    __slots__ = ("_agreement", "_settings", "client_terminated", "connection", "server_terminated", "stream")
    # Some of Tornado's attributes, too: past 30 their dictionary would be one that shares nothing with those of other
    # connections, ten times as large.

    def __init__(self, handler: Any, params: Any, settings: ConnectionSettings) -> None:
        """Prepare for Tornado to answer the upgrade.

        Args:
            handler: A :class:`ConnectionHandler` that Tornado knows, too.
            params: Tornado's parameters; their type is private.
            settings: Our limits.
        """
        super().__init__(handler, False, params)
        self.connection: Connection | None = None
        """There is one as soon as the upgrade was answered."""
        self._settings = settings
        self._agreement: DeflateParams | None = None

    async def accept_connection(self, handler: WebSocketHandler) -> None:
        """Answer the upgrade and `open` the handler; what follows runs without Tornado's task."""
        options = self.params.compression_options
        offers = handler.request.headers.get("Sec-WebSocket-Extensions")
        if options is not None and offers is not None and (agreement := negotiate(offers, options)) is not None:
            self._agreement = agreement
            handler.set_header("Sec-WebSocket-Extensions", agreement.answer)
        await super().accept_connection(handler)

    def _parse_extensions_header(self, headers: HTTPHeaders) -> list[tuple[str, dict[str, str]]]:
        return []  # what there is to agree upon has been

    def start_pinging(self) -> None:
        """Begin: Tornado calls this when it has answered the upgrade, before `open`."""
        owner: ConnectionHandler = self.handler  # type: ignore[assignment]
        self.connection = Connection(
            owner, self.stream, self._settings, max_size=self.params.max_message_size, agreement=self._agreement
        )
        interval, timeout = self.ping_interval, self.ping_timeout
        self.connection.open(Heartbeat(interval=interval, timeout=timeout or FOREVER) if interval > 0 else None)

    async def _receive_frame_loop(self) -> None:
        if self.connection is not None:
            self.connection.opened()

    def _abort(self) -> None:
        connection = self.connection
        if connection is None:
            return
        if connection.opening:
            connection.fail(CloseCode.INTERNAL, "the connection could not be opened")
            connection.opened()
        else:
            connection.abort()

    def on_connection_close(self) -> None:
        """Abort, unless the handler says so because it has been told that the connection is over."""
        if self.connection is not None:
            self.connection.abort_if_attached()

    def write_message(self, message: str | bytes | dict[str, Any], binary: bool = False) -> asyncio.Future[None]:
        """Send a message.

        Returns:
            What may be awaited: it is done when there is room for another message.

        Raises:
            WebSocketClosedError: The connection is closed, or closing.
        """
        connection = self.connection
        if connection is None or connection.closing:
            raise WebSocketClosedError
        data = tornado.escape.utf8(tornado.escape.json_encode(message) if isinstance(message, dict) else message)
        if binary:
            connection.send_binary(data)
        else:
            connection.send_text(data)
        room = connection.room()
        if room is None:
            room = asyncio.get_running_loop().create_future()
            room.set_result(None)
        return room

    def write_ping(self, data: bytes) -> None:
        """Send a ping of at most 125 bytes."""
        if self.connection is not None:
            self.connection.ping(data)

    def is_closing(self) -> bool:
        """Tell whether nothing can be sent any more."""
        return self.connection is None or self.connection.closing

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Say good-bye, after what was sent before."""
        if self.connection is not None:
            self.connection.close(code, reason)
