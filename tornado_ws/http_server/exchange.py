"""Request of an HTTP connection, and its response."""

from __future__ import annotations

from collections.abc import Awaitable

from tornado.http1connection import HTTP1Connection
from tornado.httputil import HTTPHeaders, HTTPMessageDelegate, RequestStartLine, ResponseStartLine

from ..websocket.tcp_info import acknowledged_bytes

__all__ = ["Exchange"]


class Exchange(HTTPMessageDelegate):
    """Next request of a connection, in progress from the end of its header to the end of its response."""

    def __init__(self, connection: HTTP1Connection, delegate: HTTPMessageDelegate) -> None:
        """Wait for a request.

        Args:
            connection: Connection of Tornado.
            delegate: Receiver of the request, in the application.
        """
        self._connection = connection
        self._delegate = delegate
        self._acknowledged: int | None = None
        self._progress_at = 0.0
        self._request_headers = HTTPHeaders()
        self.in_progress = False
        """True once the header has arrived."""
        self.close_announced = False
        """True once the response has contained ``Connection: close``, because the server stops."""

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        """Pass the header on."""
        self.in_progress = True
        self._request_headers = headers
        return self._delegate.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Pass a part of the body on."""
        return self._delegate.data_received(chunk)

    def finish(self) -> None:
        """Pass the end of the request on."""
        self._delegate.finish()

    def on_connection_close(self) -> None:
        """Pass the end of the connection on."""
        self._delegate.on_connection_close()

    def close(self) -> None:
        """Disconnect the client."""
        self._connection.close()

    def announce_close(self) -> None:
        """Add ``Connection: close`` to a response whose header is not written yet."""
        write_headers = self._connection.write_headers

        def write_closing(
            start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders, chunk: bytes | None = None
        ) -> Awaitable[None]:
            if headers.get("Connection", "").lower() != "upgrade":
                headers["Connection"] = "close"
                self._request_headers.pop("Connection", None)  # Tornado would grant an HTTP/1.0 client its keep-alive
                self.close_announced = True
            return write_headers(start_line, headers, chunk)

        setattr(self._connection, "write_headers", write_closing)  # noqa: B010, since mypy accepts no other method

    def is_stalled(self, now: float, seconds: float) -> bool:
        """Return True if a part of the response waits, and the client has acknowledged no byte for a time.

        Args:
            now: Current time of the event loop, in seconds.
            seconds: Time without progress.
        """
        stream = self._connection.stream
        if stream is None or stream.closed() or not stream.writing():
            self._acknowledged = None
            return False
        acknowledged = acknowledged_bytes(stream.socket)
        if acknowledged is None:  # of a Unix socket, whose client is a proxy with timeouts of its own
            return False
        if acknowledged != self._acknowledged:
            self._acknowledged = acknowledged
            self._progress_at = now
            return False
        return now - self._progress_at >= seconds
