"""Subscriptions at one Redis server, over one connection."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from .redis_driver import Connection, time_limit
from .redis_failures import FAILURES, Effect, describe, effect_of, is_timeout, log_unexpected

__all__ = ["SubscriptionEvents", "SubscriptionLink"]

BATCH: Final = 200
"""Maximum number of channels in one command."""
PING_INTERVAL: Final = 1.0
"""Seconds between pings."""
PING_TIMEOUT: Final = 1.0
"""Maximum time from a ping to the next received data, in seconds."""
BACKOFF: Final = (0.1, 2.0)
"""Initial and largest delay before a reconnect, in seconds."""
GRACE: Final = 0.5
"""Time for attempts to replace a lost connection before a problem is reported, in seconds."""
PAUSE: Final = 0.05
"""Seconds before a reconnect during that time."""


class SubscriptionEvents(Protocol):
    """Receiver of the events of a link."""

    def on_message(self, name: bytes, payload: bytes) -> None:
        """Receive a message."""
        ...

    def on_subscribed(self, name: bytes) -> None:
        """Note that all later messages of a channel will be received. It is called again after each reconnect."""
        ...

    def on_trouble(self, moved: bool) -> None:
        """Note a lost or new connection. True: a cluster has moved channels to another server."""
        ...

    def on_link(self, link: SubscriptionLink, problem: str | None) -> None:
        """Note a change of the link: None when it is connected."""
        ...


class SubscriptionLink:
    """Subscriptions at one server. A lost connection is replaced at once, and all subscriptions are made again."""

    def __init__(
        self,
        connect: Callable[[], AbstractAsyncContextManager[Connection]],
        events: SubscriptionEvents,
        *,
        part: str,
        anchor: bytes,
        sharded: bool = False,
    ) -> None:
        """Create a link; :meth:`start` connects.

        Args:
            connect: Function that opens a connection.
            events: Receiver of messages and changes.
            part: Name of the link for the log.
            anchor: Name of a channel without messages, which keeps the connection open.
            sharded: True for sharded pub/sub.
        """
        self.part = part
        self.names: dict[bytes, bool] = {}
        """Names of the channels; True once subscribed."""
        self.reconnects = 0
        """Number of connections after the first one."""
        self._connect = connect
        self._events = events
        self._anchor = anchor
        self._shard = "S" if sharded else ""
        self._batch = 1 if sharded else BATCH  # names of one command must be of one hash slot
        self._task: asyncio.Task[None] | None = None
        self._changes: dict[bytes, bool] = {}
        """Names to subscribe (True) or to unsubscribe."""
        self._changed = asyncio.Event()
        self._hurry = asyncio.Event()
        self._failing_since: float | None = None
        self._received = asyncio.Event()

    def start(self) -> None:
        """Connect, or end the pause before the next attempt."""
        self._hurry.set()
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def add(self, name: bytes) -> None:
        """Subscribe to a channel, also again if its server has ended the subscription."""
        if not self.names.get(name):
            self.names[name] = False
            self._change(name, True)

    def remove(self, name: bytes) -> None:
        """Unsubscribe from a channel."""
        if self.names.pop(name, None) is not None:
            self._change(name, False)

    def close(self) -> None:
        """Disconnect."""
        if self._task is not None:
            self._task.cancel()

    async def stop(self) -> None:
        """Disconnect, and wait until that is done."""
        self.close()
        if self._task is not None:
            await asyncio.wait((self._task,))

    def _change(self, name: bytes, subscribe: bool) -> None:
        self._changes[name] = subscribe
        self._changed.set()

    # Connection.

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        delay = BACKOFF[0]
        while True:
            try:
                async with self._connect() as connection:
                    async with time_limit():
                        await connection.send_command("SUBSCRIBE", self._anchor)
                        await connection.read_response()
                    self._failing_since, delay = None, BACKOFF[0]
                    self._changes = dict.fromkeys(self.names, True)
                    self._changed.set()
                    self._events.on_link(self, None)
                    await self._serve(connection)
            except Exception as error:
                log_unexpected(error)
                self.names = dict.fromkeys(self.names, False)
                self._events.on_trouble(False)
                self._failing_since = self._failing_since or loop.time()
                pause = PAUSE
                if is_timeout(error) or loop.time() - self._failing_since >= GRACE:
                    self._events.on_link(self, describe(error))
                    pause, delay = random.uniform(delay / 2, delay), min(2 * delay, BACKOFF[1])
            self.reconnects += 1
            self._hurry.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._hurry.wait()

    async def _serve(self, connection: Connection) -> None:
        """Receive messages, subscribe to added channels and ping, until the connection fails."""
        # A TaskGroup of Python 3.11 and 3.12 may drop a cancellation that meets a failure.
        parts = [asyncio.ensure_future(part(connection)) for part in (self._receive, self._subscribe, self._ping)]
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for part in done:
                part.result()
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)

    async def _receive(self, connection: Connection) -> None:
        while True:
            try:
                reply = await connection.read_response()
            except FAILURES as error:
                if effect_of(error) is not Effect.MOVING:
                    raise
                self._events.on_trouble(True)
                continue
            self._received.set()
            kind, name, *_ = reply
            if kind in (b"message", b"smessage"):
                self._events.on_message(name, reply[2])
            elif kind in (b"subscribe", b"ssubscribe"):
                if name in self.names:
                    self.names[name] = True
                    self._events.on_subscribed(name)
            elif kind == b"sunsubscribe" and self.names.get(name):
                self.names[name] = False
                self._events.on_trouble(True)

    async def _subscribe(self, connection: Connection) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            changes, self._changes = self._changes, {}
            for command, wanted in (("UNSUBSCRIBE", False), ("SUBSCRIBE", True)):
                names = [name for name, subscribe in changes.items() if subscribe is wanted]
                for at in range(0, len(names), self._batch):
                    await connection.send_command(self._shard + command, *names[at : at + self._batch])

    async def _ping(self, connection: Connection) -> None:
        """Ping from time to time. Raise :exc:`TimeoutError` if nothing is received after a ping."""
        while True:
            await asyncio.sleep(PING_INTERVAL)
            self._received.clear()
            async with time_limit(PING_TIMEOUT):
                await connection.send_command("PING")
                await self._received.wait()
