"""Sender on Tornado's own connection."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Hashable
from functools import partial
from typing import Final

from tornado.websocket import WebSocketClosedError, WebSocketProtocol

from ..errors import CloseCode
from .frames import PreparedFrame
from .settings import Counters
from .write_queue import WriteQueue

__all__ = ["TornadoSender"]

HIGH_WATER: Final = 64 * 1024
"""Maximum number of bytes in Tornado's buffer. They can no longer be dropped."""


class TornadoSender:
    """Sender that limits the bytes in Tornado's buffer and keeps the rest in a :class:`.WriteQueue`."""

    def __init__(
        self,
        connection: WebSocketProtocol,
        *,
        limit: int,
        on_overflow: Callable[[], None],
        counters: Counters,
        clock: Callable[[], float],
    ) -> None:
        """Create the sender of an open connection.

        Args:
            connection: Tornado's connection.
            limit: Maximum size of the queue, in bytes.
            on_overflow: Function that is called when a message exceeds the limit.
            counters: Counters of the effects of the limit.
            clock: Current time, in seconds.
        """
        self.last_received_at = clock()
        self.was_clean = True
        self.last_broadcast_at = 0.0
        self._connection = connection
        self._on_overflow = on_overflow
        self._counters = counters
        self._clock = clock
        self._queue = WriteQueue(0, limit, counters, self.last_received_at)
        self._writable: asyncio.Future[None] | None = None

    @property
    def closed(self) -> bool:
        """True once nothing can be sent: the connection is closed or closing."""
        return self._connection.is_closing()

    def send(self, text: bytes, volatile: bool = False, latest: Hashable = None) -> Awaitable[None] | None:
        """Send or queue a text message; return an awaitable for back-pressure, or None."""
        queue = self._queue
        if self.closed:
            return None
        if queue.in_flight < HIGH_WATER and not queue:
            queue.add_in_flight(len(text))
            self._write(text)
        elif not queue.put(text, self._clock(), volatile=volatile, latest=latest):
            self._counters.too_slow += 1
            self._on_overflow()
        return self.wait_writable()

    def send_prepared(self, frame: PreparedFrame) -> None:
        """Send or queue a message that was prepared for many connections."""
        self.send(frame.payload, volatile=frame.volatile, latest=frame.latest)

    def wait_writable(self) -> Awaitable[None] | None:
        """Return an awaitable for back-pressure; None if the next message can be sent now."""
        if self._queue.in_flight < HIGH_WATER or self.closed:
            return None
        if self._writable is None:
            self._writable = asyncio.get_running_loop().create_future()
        return asyncio.shield(self._writable)

    def ping(self) -> None:
        """Send a ping frame."""
        if not self.closed:
            self._connection.write_ping(b"")

    def close(self, code: int, reason: str) -> None:
        """Send all queued messages, then a close frame."""
        if not self.closed:
            for text in self._queue.take(sys.maxsize):
                self._write(text)
            self._connection.close(code, reason.encode()[:123].decode(errors="ignore"))
        self._notify_writable()

    def fail(self, code: int, reason: str) -> None:
        """Send a close frame, instead of queued messages, and abort the connection."""
        if code == CloseCode.UNRESPONSIVE:
            self._counters.unresponsive += 1
        self._queue.clear()
        self.close(code, reason)
        self.abort()

    def abort(self) -> None:
        """Close the socket without a close frame."""
        self.was_clean = False
        self._queue.clear()
        self._connection.on_connection_close()
        self._notify_writable()

    def _write(self, text: bytes) -> None:
        try:
            written = self._connection.write_message(text)
        except WebSocketClosedError:
            self._queue.written(len(text), self._clock())
            return
        written.add_done_callback(partial(self._on_written, len(text)))

    def _on_written(self, size: int, written: asyncio.Future[None]) -> None:
        queue, now = self._queue, self._clock()
        failed = written.cancelled() or written.exception() is not None
        if not failed and queue.in_flight >= HIGH_WATER:
            self.last_received_at = now  # reading a long message slowly is a sign of life
        queue.written(size, now)
        if queue.in_flight < HIGH_WATER and not self.closed:
            for text in queue.take(HIGH_WATER - queue.in_flight):
                self._write(text)
        if queue.in_flight < HIGH_WATER or self.closed:
            self._notify_writable()

    def _notify_writable(self) -> None:
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None
