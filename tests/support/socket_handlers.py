"""Handlers on a strict connection that several test modules use."""

from __future__ import annotations

import socket
import weakref
from typing import Any

from tornado_ws.websocket import ConnectionSettings, Counters, StrictWebSocketHandler


class Echo(StrictWebSocketHandler):
    """Handler that returns each message."""

    async def on_message(self, message: str | bytes) -> None:
        await self.write_message(message, binary=isinstance(message, bytes))


class Recording(StrictWebSocketHandler):
    """Base class of handlers that record their end, and close or abort on request."""

    ends: list[tuple[int | None, str | None]]
    live_handlers: weakref.WeakSet[Recording]

    def __init_subclass__(cls) -> None:
        cls.ends = []
        cls.live_handlers = weakref.WeakSet()

    def open(self, *args: Any, **kwargs: Any) -> None:
        self.live_handlers.add(self)

    def on_message(self, message: str | bytes) -> Any:
        if message == "close":
            self.close(4001, "enough")
        elif message == "abort":
            self.connection.abort()
        else:
            self.write_message(message)

    def on_close(self) -> None:
        self.ends.append((self.close_code, self.close_reason))


class Crowd(StrictWebSocketHandler):
    """Base class of handlers that keep their connections, so that tests can send to them."""

    members: list[Crowd]
    limit = 1 << 20
    """Limit of the write queue, in bytes."""
    age = 60.0
    """Maximum age of queued frames, in seconds."""

    def __init_subclass__(cls) -> None:
        cls.members = []
        cls.connection_settings = ConnectionSettings(
            write_queue_bytes=cls.limit, write_queue_age=cls.age, counters=Counters()
        )

    def open(self, *args: Any, **kwargs: Any) -> None:
        # Small kernel buffers, so that a client that stops reading blocks writes soon.
        self.ws_connection.stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
        self.members.append(self)

    def on_message(self, message: str | bytes) -> None:
        pass

    def on_close(self) -> None:
        self.closed_with = self.close_code
        self.members.remove(self)
