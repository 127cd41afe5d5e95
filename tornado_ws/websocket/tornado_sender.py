"""Send over Tornado's own connection."""

from __future__ import annotations

import asyncio
import itertools
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from functools import partial
from typing import NamedTuple

from tornado.websocket import WebSocketClosedError, WebSocketProtocol

from ..errors import CloseCode
from . import Counters, PreparedFrame

__all__ = ["TornadoSender"]

HIGH_WATER = 64 * 1024
"""Bytes handed to Tornado at a time; what it has cannot be dropped any more."""


class _Held(NamedTuple):
    text: bytes
    volatile: bool


class TornadoSender:
    """Lets frames wait while the client does not read: what Tornado has been given it sends."""

    def __init__(
        self,
        connection: WebSocketProtocol,
        *,
        limit: int,
        overflow: Callable[[], None],
        counters: Counters,
        clock: Callable[[], float],
    ) -> None:
        """Send over ``connection``.

        Args:
            connection: That of an open handler.
            limit: Bytes that may wait.
            overflow: Called when a message finds no room.
            counters: Count what the limit does.
            clock: In seconds.
        """
        self.heard = clock()
        self.clean = True
        self.last_broadcast_at = 0.0
        self._connection = connection
        self._limit = limit
        self._overflow = overflow
        self._counters = counters
        self._clock = clock
        self._flying = 0
        self._held: OrderedDict[object, _Held] = OrderedDict()
        self._held_bytes = 0
        self._numbers = itertools.count()
        self._room: asyncio.Future[None] | None = None

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._connection.is_closing()

    def send(self, text: bytes, volatile: bool = False, latest: Hashable = None) -> Awaitable[None] | None:
        """Send a text frame, or let it wait; return what to await before the next, None: there is room."""
        self._send(text, volatile, latest)
        return self.room()

    def _send(self, text: bytes, volatile: bool, latest: Hashable) -> None:
        if self.closed:
            return
        if self._flying < HIGH_WATER and not self._held:
            self._write(text)
            return
        if latest is not None and self._drop(latest):
            self._counters.coalesced += 1
        if self._flying + self._held_bytes + len(text) > self._limit:
            if volatile:
                self._counters.dropped += 1
                return
            for key in [key for key, held in self._held.items() if held.volatile]:
                self._counters.dropped += self._drop(key)
            if self._flying + self._held_bytes + len(text) > self._limit:
                self._counters.cut += 1
                self._overflow()
                return
        self._held[next(self._numbers) if latest is None else latest] = _Held(text, volatile)
        self._held_bytes += len(text)

    def send_prepared(self, frame: PreparedFrame) -> None:
        """Send a frame that goes to many, or let it wait."""
        self.send(frame.payload, volatile=frame.volatile, latest=frame.latest)

    def room(self) -> Awaitable[None] | None:
        """Return what to await until the client has read."""
        if self._flying < HIGH_WATER or self.closed:
            return None
        if self._room is None:
            self._room = asyncio.get_running_loop().create_future()
        return asyncio.shield(self._room)

    def ping(self) -> None:
        """Send a ping."""
        if not self.closed:
            self._connection.write_ping(b"")

    def close(self, code: int, reason: str) -> None:
        """Send what waits, then a close frame."""
        if not self.closed:
            for held in self._held.values():
                self._write(held.text)
            self._forget()
            self._connection.close(code, reason.encode()[:123].decode(errors="ignore"))
        self._give_room()

    def cut(self, code: int, reason: str) -> None:
        """Send a close frame instead of what waits."""
        self._forget()
        self.close(code, reason)

    def hang_up(self, code: int, reason: str) -> None:
        """Send a close frame if the client takes it at once, and drop the connection."""
        if code == CloseCode.UNRESPONSIVE:
            self._counters.unresponsive += 1
        self.cut(code, reason)
        self.abort()

    def abort(self) -> None:
        """Drop the connection."""
        self.clean = False
        self._forget()
        self._connection.on_connection_close()
        self._give_room()

    def _write(self, text: bytes) -> None:
        try:
            written = self._connection.write_message(text)
        except WebSocketClosedError:
            return
        self._flying += len(text)
        written.add_done_callback(partial(self._written, len(text)))

    def _written(self, size: int, written: asyncio.Future[None]) -> None:
        failed = written.cancelled() or written.exception() is not None
        if not failed and self._flying >= HIGH_WATER:
            self.heard = self._clock()  # a long download is a sign of life, too
        self._flying -= size
        while self._held and self._flying < HIGH_WATER and not self.closed:
            _, held = self._held.popitem(last=False)
            self._held_bytes -= len(held.text)
            self._write(held.text)
        if self._flying < HIGH_WATER or self.closed:
            self._give_room()

    def _drop(self, key: object) -> bool:
        held = self._held.pop(key, None)
        if held is not None:
            self._held_bytes -= len(held.text)
        return held is not None

    def _forget(self) -> None:
        self._held.clear()
        self._held_bytes = 0

    def _give_room(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        self._room = None
