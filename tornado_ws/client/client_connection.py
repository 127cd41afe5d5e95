"""WebSocket connection of a client, on that of Tornado."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tornado.httpclient import HTTPRequest
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from ..errors import ConnectionClosed
from .handshake_answer import network_failure

__all__ = ["ClientConnection", "ConnectionOptions", "Target"]


@dataclass(frozen=True, kw_only=True)
class Target:
    """Connection to open."""

    url: str
    """URL that begins with ``ws:`` or ``wss:``."""
    headers: Mapping[str, str]
    subprotocols: Sequence[str]
    """Subprotocols to offer."""
    is_single_use: bool = False
    """True if the URL can be used once, and there is no other."""


@dataclass(frozen=True, kw_only=True)
class ConnectionOptions:
    """Settings of all connections of a client."""

    timeout: float
    """Seconds until an attempt fails."""
    ssl_context: ssl.SSLContext | None = None
    compression: bool = False
    message_bytes: int = 10 << 20
    """Size of the largest message from the server, in bytes."""


class ClientConnection:
    """Open connection."""

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self._connection = connection
        self.subprotocol = connection.selected_subprotocol
        """Subprotocol that the server selected."""
        self._written: asyncio.Future[None] | None = None

    @classmethod
    async def open(cls, target: Target, options: ConnectionOptions) -> ClientConnection:
        """Connect.

        Raises:
            ConnectFailed: If the connection cannot be opened.
        """
        try:
            return await cls.dial(target, options)
        except Exception as error:  # of Tornado, of the operating system, or of OpenSSL
            raise network_failure(error, target.url) from error

    @classmethod
    async def dial(cls, target: Target, options: ConnectionOptions) -> ClientConnection:
        """Connect, as :meth:`open`.

        Raises:
            tornado.httpclient.HTTPClientError: If the server answers without an upgrade.
            Exception: If it does not answer; any of Tornado, of the operating system, or of OpenSSL.
        """
        request = HTTPRequest(
            target.url,
            headers=dict(target.headers),
            connect_timeout=options.timeout,
            request_timeout=options.timeout,
            ssl_options=options.ssl_context,
        )
        opening = asyncio.ensure_future(
            websocket_connect(
                request,
                compression_options={} if options.compression else None,
                max_message_size=options.message_bytes,
                subprotocols=[*target.subprotocols] or None,
            )
        )
        try:
            return cls(await asyncio.shield(opening))
        except asyncio.CancelledError:
            opening.add_done_callback(_close_opened)  # the handshake goes on
            raise

    @property
    def error(self) -> ConnectionClosed:
        """Close code and reason, after the end of the connection; without a close frame, the code is 1006."""
        code = self._connection.close_code
        return ConnectionClosed(1006 if code is None else code, self._connection.close_reason)

    @property
    def close_code(self) -> int | None:
        """Code of the close frame; None without one."""
        return self._connection.close_code

    @property
    def close_reason(self) -> str | None:
        """Reason in the close frame."""
        return self._connection.close_reason

    def write(self, data: str | bytes, *, binary: bool = False) -> bool:
        """Send a frame; return False if the connection is closed."""
        try:
            self._written = asyncio.ensure_future(self._connection.write_message(data, binary=binary))
        except (WebSocketClosedError, StreamClosedError):
            return False
        self._written.add_done_callback(_retrieve)
        return True

    async def drain(self) -> None:
        """Wait until the operating system has taken what was written; return at once if the connection is closed."""
        if self._written is not None and not self._written.done():
            await asyncio.wait((self._written,))

    async def read(self) -> str | bytes | None:
        """Return the next message; None if the connection has ended."""
        return await self._connection.read_message()

    def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Send a close frame; :meth:`read` returns None after that of the server, or after five seconds."""
        self._connection.close(code, reason)

    def abort(self) -> None:
        """Close the TCP connection without a close frame."""
        protocol: Any = self._connection.protocol  # its type lacks the stream
        if protocol is not None and protocol.stream is not None:
            protocol.stream.close()  # first, because Tornado's close() sends a close frame while the stream is open
        self._connection.close()

    def discard(self) -> None:
        """Drop all further messages, once nothing reads any more: Tornado waits for the reader, also at the end."""
        self._connection.read_message(self._discard_next)

    def _discard_next(self, message: asyncio.Future[str | bytes | None]) -> None:
        if not message.cancelled() and message.result() is not None:
            self.discard()


def _close_opened(opening: asyncio.Future[WebSocketClientConnection]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        connection = ClientConnection(opening.result())
        connection.close()
        connection.discard()


def _retrieve(written: asyncio.Future[None]) -> None:
    """Ignore the error of a write: the end of the connection is detected by reading."""
    if not written.cancelled():
        written.exception()
