"""Subscriptions at one Redis server, over one connection."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from typing import Any, Final, Protocol

from .redis_driver import ANSWER_TIMEOUT, FAILURES, in_words, is_unavailable

__all__ = ["SubscriptionEvents", "SubscriptionLink"]

BATCH: Final = 200
"""Maximum number of channels in one command."""
PING_INTERVAL: Final = 1.0
"""Seconds between pings."""
BACKOFF: Final = (0.1, 2.0)
"""Initial and largest delay before a reconnect, in seconds."""
GRACE: Final = 0.5
"""Time for attempts to replace a lost connection until that is a problem, in seconds."""
PAUSE: Final = 0.05


class SubscriptionEvents(Protocol):
    """Receiver of the events of a link."""

    def on_message(self, name: bytes, payload: bytes) -> None:
        """Receive a message."""
        ...

    def on_subscribed(self, name: bytes) -> None:
        """Note that all later messages of a channel will be received. It is called again after each reconnect."""
        ...

    def on_moved(self) -> None:
        """Note that a cluster has moved channels to another server."""
        ...

    def on_link(self, link: SubscriptionLink, problem: str | None) -> None:
        """Note a change of the link: None when it is connected."""
        ...


class SubscriptionLink:
    """Subscriptions at one server. A lost connection is replaced at once, and all subscriptions are made again."""

    def __init__(
        self,
        connect: Callable[[], Any],  # returns redis-py's PubSub, which has no usable types
        events: SubscriptionEvents,
        *,
        part: str,
        anchor: bytes,
        sharded: bool = False,
    ) -> None:
        """Create a link; :meth:`start` connects.

        Args:
            connect: Function that returns a new connection for subscriptions.
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
        self._sharded = sharded
        self._pubsub: Any = None
        self._task: asyncio.Task[None] | None = None
        self._changes: dict[bytes, bool] = {}
        """Names to subscribe (True) or to unsubscribe."""
        self._changed = asyncio.Event()
        self._received_at = 0.0

    def start(self) -> None:
        """Connect, unless that has begun."""
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

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        delay, lost_at = BACKOFF[0], -GRACE
        while True:
            pubsub = self._connect()
            try:
                async with asyncio.timeout(ANSWER_TIMEOUT):
                    await pubsub.subscribe(self._anchor)
                self._changes = dict.fromkeys(self.names, True)
                self._changed.set()
                self._events.on_link(self, None)
                delay = BACKOFF[0]
                await self._serve(pubsub)
            except FAILURES as error:
                for name in self.names:
                    self.names[name] = False
                silent = isinstance(error, TimeoutError)
                first, now = loop.time() - lost_at > GRACE + ANSWER_TIMEOUT, loop.time()
                lost_at = now if first else lost_at
                if silent or now - lost_at >= GRACE:
                    self._events.on_link(self, in_words(error))
                    pause, delay = random.uniform(delay / 2, delay), min(2 * delay, BACKOFF[1])
                else:
                    pause = 0.0 if first else PAUSE
            finally:
                with contextlib.suppress(*FAILURES):
                    await pubsub.aclose()
            self.reconnects += 1
            await asyncio.sleep(pause)

    async def _serve(self, pubsub: Any) -> None:
        """Receive messages, subscribe to added channels and ping, until the connection fails."""
        self._received_at = asyncio.get_running_loop().time()
        tasks = [
            asyncio.ensure_future(part) for part in (self._receive(pubsub), self._subscribe(pubsub), self._ping(pubsub))
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _receive(self, pubsub: Any) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                message = await pubsub.get_message(timeout=None)
            except FAILURES as error:
                if self._sharded and "MOVED" in str(error):
                    self._events.on_moved()
                    continue
                if is_unavailable(error):
                    raise
                self._events.on_link(self, in_words(error))
                raise
            self._received_at = loop.time()
            if message is None:
                continue
            kind, name = message["type"], message["channel"]
            if kind in ("message", "smessage"):
                self._events.on_message(name, message["data"])
            elif kind in ("subscribe", "ssubscribe"):
                if name in self.names:
                    self.names[name] = True
                    self._events.on_subscribed(name)
            elif kind == "sunsubscribe" and self.names.get(name):
                self.names[name] = False
                self._events.on_moved()

    async def _subscribe(self, pubsub: Any) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            changes, self._changes = self._changes, {}
            size = 1 if self._sharded else BATCH  # names of one command must be of one hash slot
            for function, wanted in ((self._unsubscriber(pubsub), False), (self._subscriber(pubsub), True)):
                names = [name for name, subscribe in changes.items() if subscribe is wanted]
                for at in range(0, len(names), size):
                    await function(*names[at : at + size])

    def _subscriber(self, pubsub: Any) -> Any:
        return pubsub.ssubscribe if self._sharded else pubsub.subscribe

    def _unsubscriber(self, pubsub: Any) -> Any:
        return pubsub.sunsubscribe if self._sharded else pubsub.unsubscribe

    async def _ping(self, pubsub: Any) -> None:
        """Ping from time to time. Raise :exc:`TimeoutError` if nothing is received after a ping."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(PING_INTERVAL)
            sent_at = loop.time()
            await pubsub.ping()
            await asyncio.sleep(PING_INTERVAL)
            if self._received_at < sent_at:
                raise TimeoutError
