"""Subscriptions at one Redis server, over one connection."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, Protocol

from .redis_connection import ConnectFailed, RedisConnection, connect
from .redis_url import Address, RedisSettings
from .resp import Refusal, Reply, pack

__all__ = ["SubscriptionEvents", "SubscriptionLink"]

logger = logging.getLogger("tornado_ws")

BATCH: Final = 200
"""Maximum number of channels in one command."""
BACKOFF: Final = (0.1, 2.0)
"""Initial and largest delay before a reconnect, in seconds."""
SHORT_LIFE: Final = 0.1
PAUSE: Final = 0.05
GRACE: Final = 0.3
"""Time for attempts to replace a lost connection until that is a problem, in seconds."""


class SubscriptionEvents(Protocol):
    """Receiver of the events of a link."""

    def on_message(self, name: bytes, payload: bytes) -> None:
        """Receive a message."""
        ...

    def on_subscribed(self, name: bytes) -> None:
        """Note that all later messages of a channel will be received. It is called again after each reconnect."""
        ...

    def on_moved(self, link: SubscriptionLink) -> None:
        """Note that a cluster has moved channels to another server."""
        ...

    def on_link(self, link: SubscriptionLink, problem: str | None) -> None:
        """Note a change of the link: None when it is connected."""
        ...


class SubscriptionLink:
    """Subscriptions at one server. A lost connection is replaced at once, and all subscriptions are made again."""

    def __init__(
        self,
        locate: Callable[[], Awaitable[Address]],
        settings: RedisSettings,
        events: SubscriptionEvents,
        *,
        part: str = "subscriptions",
        sharded: bool = False,
    ) -> None:
        """Create a link; :meth:`start` connects.

        Args:
            locate: Function that returns the address of the server.
            settings: Settings of the connection.
            events: Receiver of messages and changes.
            part: Name of the link for the log.
            sharded: True for sharded pub/sub.
        """
        self.part = part
        self.names: dict[bytes, bool] = {}
        """Names of the channels; True once subscribed."""
        self.reconnects = 0
        """Number of connections after the first one."""
        self._locate = locate
        self._settings = settings
        self._events = events
        self._sharded = sharded
        self._connection: RedisConnection | None = None
        self._task: asyncio.Task[None] | None = None
        self._lost = asyncio.Event()
        self._added: list[bytes] = []
        self._removed: list[bytes] = []
        self._flushing = False

    def start(self) -> None:
        """Connect, unless that has begun."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def add(self, name: bytes) -> None:
        """Subscribe to a channel."""
        if name not in self.names:
            self.names[name] = False
            self._added.append(name)
            self._schedule()

    def remove(self, name: bytes) -> None:
        """Unsubscribe from a channel."""
        if self.names.pop(name, None) is not None:
            self._removed.append(name)
            self._schedule()

    def repeat(self, name: bytes) -> None:
        """Subscribe again to a channel whose subscription the server has ended."""
        self._added.append(name)
        self._schedule()

    @property
    def connected(self) -> bool:
        """True while the connection is open."""
        return self._connection is not None

    def close(self) -> None:
        """Disconnect."""
        if self._task is not None:
            self._task.cancel()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def stop(self) -> None:
        """Disconnect, and wait until that is done."""
        self.close()
        if self._task is not None:
            await asyncio.wait((self._task,))

    def _schedule(self) -> None:
        if self._connection is not None and not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        removed = [name for name in dict.fromkeys(self._removed) if name not in self.names]
        added = [name for name in dict.fromkeys(self._added) if name in self.names]
        renewed = {*self._removed} & {*added}  # left and joined again within one turn
        self._removed, self._added = [], []
        self._send("UNSUBSCRIBE", [*removed, *renewed])
        self._send("SUBSCRIBE", added)

    def _send(self, command: str, names: Iterable[bytes]) -> None:
        names = list(names)
        if self._connection is None or not names:
            return
        size = 1 if self._sharded else BATCH
        command = f"S{command}" if self._sharded else command
        parts = [pack((command, *names[at : at + size])) for at in range(0, len(names), size)]
        self._connection.send(b"".join(parts))

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        delay = BACKOFF[0]
        grace_until = 0.0
        while True:
            self._lost.clear()
            try:
                connection = await connect(await self._locate(), self._settings, self._on_lost)
            except Exception as failure:
                if not isinstance(failure, ConnectFailed):
                    logger.exception("cannot connect to Redis")
                if loop.time() < grace_until:
                    await asyncio.sleep(PAUSE)
                    continue
                self._events.on_link(self, str(failure))
                await asyncio.sleep(random.uniform(delay / 2, delay))
                delay = min(2 * delay, BACKOFF[1])
                continue
            began = loop.time()
            if not self._lost.is_set():
                self._connection = connection
                connection.receive_pushes(self._receive)
                self._added, self._removed = [], []
                self._send("SUBSCRIBE", self.names)
                self._events.on_link(self, None)
                await self._lost.wait()
            self.reconnects += 1
            grace_until = loop.time() + GRACE
            if loop.time() - began < SHORT_LIFE:
                await asyncio.sleep(PAUSE)
            else:
                delay = BACKOFF[0]

    def _on_lost(self, reason: str, silent: bool) -> None:
        self._connection = None
        for name in self.names:
            self.names[name] = False
        if silent:
            self._events.on_link(self, reason)
        self._lost.set()

    def _receive(self, reply: Reply) -> None:
        if isinstance(reply, Refusal):
            if reply.code == "MOVED":
                self._events.on_moved(self)
            else:
                self._events.on_link(self, reply.text)
            return
        if not isinstance(reply, list):
            return  # the answer to a ping
        kind, name = reply[0], reply[1]
        assert isinstance(name, bytes)
        if kind in (b"message", b"smessage"):
            payload = reply[2]
            assert isinstance(payload, bytes)
            self._events.on_message(name, payload)
        elif kind in (b"subscribe", b"ssubscribe"):
            if name in self.names:
                self.names[name] = True
                self._events.on_subscribed(name)
        elif kind == b"sunsubscribe" and self.names.get(name):
            self.names[name] = False
            self._events.on_moved(self)
