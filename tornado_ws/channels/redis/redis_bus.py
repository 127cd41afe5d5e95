"""Bus between processes: one pub/sub channel of Redis."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import secrets

import msgspec

from ...errors import BackplaneDown
from ..bus import Bus, Publication
from .bus_message import BusMessage, decode, encode
from .redis_client import TIMEOUT, RedisClient
from .redis_log import RedisLog

__all__ = ["RedisBus"]

logger = logging.getLogger("tornado_ws")

BACKOFF = (0.1, 5.0)
"""Initial and largest maximum of the random delay before a reconnect, in seconds."""


class RedisBus(Bus):
    """Publisher and subscriber of one process.

    Kept messages, including those of this process, are delivered when they arrive from Redis, in the order of their
    numbers. Other messages of this process are delivered to its connections immediately.
    """

    def __init__(self, client: RedisClient, log: RedisLog) -> None:
        super().__init__()
        self._client = client
        self._log = log
        self.process_id = secrets.token_hex(8)
        """Random id of this process."""
        self._listener: asyncio.Task[None] | None = None
        self._subscribed = asyncio.Event()
        self._delivered: dict[str, int] = {}
        """Sequence number of the newest delivered message, by endpoint."""
        self._delivery = asyncio.Condition()
        """Condition that is notified after a kept message was delivered."""
        self._incomplete: set[str] = set()
        """Endpoints with unnumbered or lost messages, because Redis was unreachable."""

    @property
    def local(self) -> bool:
        """False, because other processes may exist."""
        return False

    @property
    def healthy(self) -> bool:
        """True while this process is subscribed."""
        return self._subscribed.is_set()

    async def start(self) -> None:
        """Subscribe, and wait until this process is subscribed, for at most :data:`.TIMEOUT` seconds."""
        if self._listener is None:
            self._listener = asyncio.get_running_loop().create_task(self._listen())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._subscribed.wait(), TIMEOUT)

    def close(self) -> None:
        """Unsubscribe; the connection closes in the next iteration of the event loop."""
        if self._listener is not None:
            self._listener.cancel()
            self._listener = None
        self._subscribed.clear()

    async def stop(self) -> None:
        """Unsubscribe, and wait until the connection is closed."""
        listener = self._listener
        self.close()
        if listener is not None:
            await asyncio.wait((listener,))

    def delivered_seq(self, endpoint: str, newest: int) -> int:
        """Return the sequence number of the newest message that this process has delivered.

        Args:
            endpoint: Name of the endpoint.
            newest: Sequence number of its newest message in Redis, where delivery begins for a new endpoint.
        """
        return min(newest, self._delivered.setdefault(endpoint, newest))

    def is_complete(self, endpoint: str) -> bool:
        """Return True if every message of the current epoch has a number."""
        return endpoint not in self._incomplete

    async def publish(self, publication: Publication) -> None:
        """Deliver a message to all processes, or only to this process if Redis is unreachable."""
        await self.start()
        text = encode(publication, sender=self.process_id)
        if publication.replay:
            await self._publish_kept(publication, text)
            return
        self._deliver(publication)
        with contextlib.suppress(BackplaneDown):
            await self._client.execute("PUBLISH", self._client.channel, text)

    async def _publish_kept(self, publication: Publication, text: bytes) -> None:
        endpoint = publication.endpoint
        try:
            if not self.healthy:
                raise BackplaneDown("not subscribed")
            if endpoint in self._incomplete:
                # Messages without a number were delivered, so resuming across them must fail.
                await self._log.replace_epoch(endpoint)
                self._incomplete.discard(endpoint)
            seq = await self._log.append_and_publish(endpoint, text)
        except BackplaneDown:
            self._incomplete.add(endpoint)
            self._deliver(publication)
            return
        # Wait for delivery: the next message may be delivered immediately, and must not overtake this message.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TIMEOUT), self._delivery:
                await self._delivery.wait_for(lambda: self._delivered.get(endpoint, 0) >= seq)

    async def _listen(self) -> None:
        """Deliver messages from the channel until this task is cancelled."""
        delay = BACKOFF[0]
        try:
            while True:
                try:
                    async with self._client.subscription() as texts:
                        await self._catch_up()
                        self._subscribed.set()
                        delay = BACKOFF[0]
                        async for text in texts:
                            await self._receive(decode(text))
                except (BackplaneDown, msgspec.DecodeError) as error:
                    logger.warning("disconnected from Redis: %s", error)
                self._subscribed.clear()
                await asyncio.sleep(random.uniform(0, delay))
                delay = min(2 * delay, BACKOFF[1])
        finally:
            await self._client.close()

    async def _catch_up(self) -> None:
        """Deliver messages that were kept while this process was not subscribed."""
        for endpoint, delivered in tuple(self._delivered.items()):
            newest = (await self._log.position(endpoint)).seq
            messages = await self._log.messages(endpoint, after=delivered, last=newest)
            if messages is None:
                self._incomplete.add(endpoint)
                self._delivered[endpoint] = newest
                continue
            for message in messages:
                await self._receive(message)

    async def _receive(self, message: BusMessage) -> None:
        if message.seq is None:
            if message.sender != self.process_id:  # publish() has already delivered messages of this process
                self._deliver(message.publication)
            return
        if message.seq <= self._delivered.get(message.endpoint, 0):
            return  # _catch_up() has already delivered it
        self._delivered[message.endpoint] = message.seq
        self._deliver(message.publication)
        async with self._delivery:
            self._delivery.notify_all()
