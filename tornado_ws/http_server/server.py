"""HTTP server that lets requests in progress finish when it stops, and disconnects clients that do not read."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any, Final

from tornado.http1connection import HTTP1Connection
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPConnection, HTTPMessageDelegate
from tornado.ioloop import IOLoop, PeriodicCallback

from ..config_checks import require_number
from ..loggers import CONNECTION, SERVER
from ..rate_limited_log import RateLimitedLog
from .certificate import Certificate
from .exchange import Exchange

__all__ = ["Server"]

RELOAD_SECONDS: Final = 60.0
"""Seconds between two checks of the files of a certificate."""
IDLE_SECONDS: Final = 1.0
"""Seconds for a request of a new or idle connection after the server has stopped listening: one may be on its way."""
CHECKS: Final = 4
"""Checks of a response that does not proceed, until its time is over."""


class Server(HTTPServer):
    """HTTP server, as :meth:`.WebSocketController.listen` returns it."""

    def initialize(self, *args: Any, write_timeout: float = 60.0, **kwargs: Any) -> None:
        """Create the server; Tornado calls this method with the arguments of the class.

        Args:
            args: Arguments of Tornado's server.
            write_timeout: Seconds until a client that reads nothing of a response is disconnected.
            kwargs: Arguments of Tornado's server.
        """
        super().initialize(*args, **kwargs)
        self._write_timeout = write_timeout
        self._exchanges: dict[object, Exchange] = {}
        self._ending = False
        self._checking = False
        self._reloading: PeriodicCallback | None = None
        self._changed = asyncio.Event()
        self._log = RateLimitedLog()

    def reload_periodically(self, certificate: Certificate) -> None:
        """Load the files of a certificate again when they have changed, until the server stops."""
        self._reloading = PeriodicCallback(certificate.reload, RELOAD_SECONDS * 1000)
        self._reloading.start()

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        """Return the receiver of the next request of a connection; close a connection that has had its last one."""
        assert isinstance(request_conn, HTTP1Connection)
        former = self._exchanges.get(server_conn)
        if former is not None and (former.close_announced or request_conn.stream.closed()):
            request_conn.close()
            return HTTPMessageDelegate()  # ignores the requests that Tornado has read before
        exchange = Exchange(request_conn, super().start_request(server_conn, request_conn))
        self._exchanges[server_conn] = exchange
        if self._ending:
            exchange.announce_close()
        if not self._checking:
            self._check_later()
        return exchange

    def on_close(self, server_conn: object) -> None:
        """Forget a connection that has ended, or that is a WebSocket from now on."""
        super().on_close(server_conn)
        self._exchanges.pop(server_conn, None)
        self._changed.set()

    def stop(self) -> None:
        """Stop listening, let each connection finish its request, and close idle ones after :data:`IDLE_SECONDS`."""
        super().stop()
        if self._ending:
            return
        self._ending = True
        if self._reloading is not None:
            self._reloading.stop()
        for exchange in self._exchanges.values():
            exchange.announce_close()
        if self._exchanges:
            IOLoop.current().call_later(IDLE_SECONDS, self._close_idle)

    @property
    def requests(self) -> int:
        """Number of requests in progress."""
        return sum(exchange.in_progress for exchange in self._exchanges.values())

    async def drain(self, timeout: float = 10.0) -> int:  # noqa: ASYNC109
        """Stop, and wait for the requests in progress.

        Args:
            timeout: Seconds until their clients are disconnected.

        Returns:
            Number of disconnected clients.
        """
        require_number("timeout", timeout)
        self.stop()
        aborted = 0
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    await self._wait_closed()
        finally:
            for exchange in self._exchanges.values():
                aborted += exchange.in_progress
                exchange.close()
            if aborted:
                SERVER.warning("requests that did not end in time: %d", aborted)
        return aborted

    def _close_idle(self) -> None:
        for exchange in self._exchanges.values():
            if not exchange.in_progress:
                exchange.close()

    async def _wait_closed(self) -> None:
        while self._exchanges:
            self._changed.clear()
            await self._changed.wait()

    def _check_later(self) -> None:
        self._checking = bool(self._exchanges)
        if self._checking:
            IOLoop.current().call_later(self._write_timeout / CHECKS, self._disconnect_stalled)

    def _disconnect_stalled(self) -> None:
        now = IOLoop.current().time()
        for exchange in self._exchanges.values():
            if exchange.is_stalled(now, self._write_timeout):
                text = "disconnected a client that has read nothing of its response for %g s"
                self._log.log(CONNECTION, logging.INFO, "responses", text, self._write_timeout)
                exchange.close()
        self._check_later()
