"""The backplane of many processes and machines: Redis."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import random
import secrets
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from ..errors import BackplaneDown, TooManyTickets
from .base import Backplane, Publication
from .replay import KeptMessage, Position
from .tickets import Grant, digest, make_key

__all__ = ["RedisBackplane"]

logger = logging.getLogger("tornado_ws")

KEPT = 10_000
"""Messages of an endpoint that are kept for clients that come back, whatever their rooms are."""
KEPT_SECONDS = 3600
PATIENCE = 2.0
"""Seconds to wait for Redis before going on without it."""
BACKOFF = (0.1, 5.0)

PUBLISH = """
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch then
  redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'seq', 0)
  redis.call('DEL', KEYS[2])
end
local seq = redis.call('HINCRBY', KEYS[1], 'seq', 1)
local text = '{"seq":' .. seq .. ',' .. string.sub(ARGV[2], 2)
redis.call('ZADD', KEYS[2], seq, text)
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -ARGV[3] - 1)
redis.call('EXPIRE', KEYS[2], ARGV[4])
redis.call('PUBLISH', KEYS[3], text)
return seq
"""
"""Numbers, keeps and publishes a message at once, so that the order on the bus is that of the numbers."""

ISSUE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[3]) then
  return redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2] - now
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('ZADD', KEYS[2], now + ARGV[2], KEYS[1])
redis.call('PEXPIRE', KEYS[2], ARGV[2], 'NX')
redis.call('PEXPIRE', KEYS[2], ARGV[2], 'GT')
return -1
"""
"""Keeps a grant, unless the client has too many; then returns the milliseconds until the oldest expires."""


class _Bus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A publication as it travels: JSON."""

    sender: str
    endpoint: str
    name: str
    text: str
    seq: int | None = None
    room: str | None = None
    to: str | None = None
    exclude: frozenset[str] = frozenset()
    volatile: bool = False
    latest: str | None = None


class _Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A grant, and whom it counts against."""

    grant: Grant
    client: str


_bus = msgspec.json.Decoder(_Bus)
_stored = msgspec.json.Decoder(_Stored)


class RedisBackplane(Backplane):
    """Carries messages over one channel, and keeps keys and messages. While Redis is away each process goes on alone.

    Messages that are kept reach everybody over the channel, in the order of their numbers, also those of this process;
    others are delivered here at once.
    """

    def __init__(self, url: str, *, prefix: str = "tornado-ws") -> None:
        """Use the Redis at ``url``; nothing is connected yet.

        Args:
            url: Such as ``redis://localhost:6379/0``.
            prefix: Of all keys and of the channel; one per application.
        """
        super().__init__()
        self._redis: Any = Redis.from_url(  # its methods are typed as if they were synchronous, too
            url, decode_responses=True, socket_connect_timeout=PATIENCE, socket_timeout=None
        )
        self._prefix = prefix
        self._sender = secrets.token_hex(8)
        self._listening: asyncio.Task[None] | None = None
        self._subscribed = asyncio.Event()
        self._seen: dict[str, int] = {}
        self._torn: set[str] = set()
        self._news = asyncio.Condition()

    @property
    def local(self) -> bool:
        """False: there may be other processes."""
        return False

    @property
    def healthy(self) -> bool:
        """Whether this process hears the others."""
        return self._subscribed.is_set()

    async def stop(self) -> None:
        """Disconnect. Keys and messages stay in Redis until they expire."""
        listening = self._listening
        self.close()
        if listening is not None:
            await asyncio.wait((listening,))
        else:
            await self._redis.aclose()

    def close(self) -> None:
        """Disconnect, when the loop comes to it."""
        if self._listening is not None:
            self._listening.cancel()
            self._listening = None
        self._subscribed.clear()

    async def _start(self) -> None:
        """Listen, for the first of this process that needs it; wait a little until it does."""
        if self._listening is None:
            self._listening = asyncio.get_running_loop().create_task(self._listen())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._subscribed.wait(), PATIENCE)

    async def publish(self, publication: Publication) -> None:
        """Bring a message to all processes; if Redis is away, to the connections of this one."""
        bus = _Bus(
            sender=self._sender,
            endpoint=publication.endpoint,
            name=publication.name,
            text=publication.text.decode(),
            room=publication.room,
            to=publication.to,
            exclude=publication.exclude,
            volatile=publication.volatile,
            latest=publication.latest,
        )
        await self._start()
        text = msgspec.json.encode(bus)
        if publication.replay:
            await self._publish_kept(publication, text)
            return
        self._deliver(publication)
        with contextlib.suppress(BackplaneDown):
            await self._ask("PUBLISH", self._channel, text)

    async def _publish_kept(self, publication: Publication, text: bytes) -> None:
        endpoint = publication.endpoint
        try:
            if not self.healthy:
                raise BackplaneDown("not subscribed")
            if endpoint in self._torn:
                # While Redis was away messages had no numbers: nobody must believe that there was no gap.
                await self._ask("HSET", self._key("seq", endpoint), "epoch", secrets.token_hex(8))
                self._torn.discard(endpoint)
            keys = (self._key("seq", endpoint), self._key("log", endpoint), self._channel)
            seq = await self._ask("EVAL", PUBLISH, len(keys), *keys, secrets.token_hex(8), text, KEPT, KEPT_SECONDS)
        except BackplaneDown:
            self._torn.add(endpoint)
            self._deliver(publication)
            return
        # Who sends one message after the other wants them to arrive so: wait until it has come back.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE), self._news:
                await self._news.wait_for(lambda: self._seen.get(endpoint, 0) >= seq)

    async def head(self, endpoint: str) -> Position:
        """Return the run of numbers that all processes share, and the newest that has come to this one."""
        await self._start()
        key = self._key("seq", endpoint)
        try:
            await self._ask("HSETNX", key, "epoch", secrets.token_hex(8))
            epoch, last = await self._ask("HMGET", key, "epoch", "seq")
            newest = int(last or 0)
            # What others have numbered and is still under way will come, or is missed.
            return Position(str(epoch), min(newest, self._seen.setdefault(endpoint, newest)))
        except BackplaneDown:
            return Position(f"alone-{self._sender}", 0)

    async def missed(self, endpoint: str, rooms: Collection[str], epoch: str, seq: int) -> Sequence[KeptMessage] | None:
        """Return what Redis has kept."""
        try:
            known, last = await self._ask("HMGET", self._key("seq", endpoint), "epoch", "seq")
            kept = await self._kept(endpoint, seq, int(last or 0))
        except BackplaneDown:
            return None
        if kept is None or known != epoch or endpoint in self._torn:
            return None
        return [
            KeptMessage(bus.seq, bus.text.encode())
            for bus in kept
            if bus.seq and (bus.room is None or bus.room in rooms)
        ]

    async def _kept(self, endpoint: str, seq: int, last: int) -> list[_Bus] | None:
        """Return all messages after ``seq``, up to ``last``; None if some are not kept any more."""
        texts = await self._ask("ZRANGE", self._key("log", endpoint), seq + 1, "+inf", "BYSCORE")
        kept = [_bus.decode(text) for text in texts]
        # Numbers have no gaps, so the first one tells whether one is missing.
        complete = seq == last if not kept else kept[0].seq == seq + 1
        return kept if complete and seq <= last else None

    async def issue(self, grant: Grant, *, client: str, ttl: float, most: int) -> str:
        """Keep a grant in Redis.

        Raises:
            TooManyTickets: If ``client`` has as many as it may.
            BackplaneDown: If Redis is away.
        """
        key = make_key()
        counted = hashlib.sha256(client.encode()).hexdigest()
        stored = msgspec.json.encode(_Stored(grant=grant, client=counted))
        keys = (self._key("ticket", digest(key)), self._key("tickets", counted))
        wait = await self._ask("EVAL", ISSUE, len(keys), *keys, stored, round(ttl * 1000), most)
        if int(wait) >= 0:
            raise TooManyTickets(most, int(wait) / 1000)
        return key

    async def peek(self, key: str) -> Grant | None:
        """Look a key up."""
        stored = await self._ask("GET", self._key("ticket", digest(key)))
        return None if stored is None else _stored.decode(stored).grant

    async def redeem(self, key: str) -> Grant | None:
        """Look a key up and delete it, in one step."""
        name = self._key("ticket", digest(key))
        found = await self._ask("GETDEL", name)
        if found is None:
            return None
        stored = _stored.decode(found)
        await self._ask("ZREM", self._key("tickets", stored.client), name)
        return stored.grant

    @property
    def _channel(self) -> str:
        return f"{self._prefix}:bus"

    def _key(self, kind: str, name: str) -> str:
        return f"{self._prefix}:{kind}:{name}"

    async def _ask(self, *command: object) -> Any:  # what Redis answers
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._redis.execute_command(*command)
        except (RedisError, OSError, TimeoutError) as error:
            raise BackplaneDown(str(error) or type(error).__name__) from error

    async def _listen(self) -> None:
        """Deliver what comes over the channel, for ever."""
        wait = BACKOFF[0]
        try:
            while True:
                try:
                    async with self._subscription() as messages:
                        wait = BACKOFF[0]
                        async for message in messages:
                            await self._arrived(_bus.decode(message["data"]))
                except (RedisError, OSError, BackplaneDown, msgspec.DecodeError) as error:
                    logger.warning("backplane is away: %s", error)
                self._subscribed.clear()
                await asyncio.sleep(random.uniform(0, wait))
                wait = min(2 * wait, BACKOFF[1])
        finally:
            await self._redis.aclose()

    @contextlib.asynccontextmanager
    async def _subscription(self) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        async with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
            await pubsub.subscribe(self._channel)
            await self._catch_up()
            self._subscribed.set()
            yield pubsub.listen()

    async def _catch_up(self) -> None:
        """Deliver what was kept while we did not listen."""
        for endpoint, seen in tuple(self._seen.items()):
            last = int(await self._ask("HGET", self._key("seq", endpoint), "seq") or 0)
            kept = await self._kept(endpoint, seen, last)
            if kept is None:
                self._torn.add(endpoint)  # no resumption across the gap
                self._seen[endpoint] = last
                continue
            for bus in kept:
                await self._arrived(bus)

    async def _arrived(self, bus: _Bus) -> None:
        if bus.seq is None and bus.sender == self._sender:
            return
        if bus.seq is not None:
            if bus.seq <= self._seen.get(bus.endpoint, 0):
                return  # it was caught up with
            self._seen[bus.endpoint] = bus.seq
        self._deliver(
            Publication(
                endpoint=bus.endpoint,
                name=bus.name,
                text=bus.text.encode(),
                room=bus.room,
                to=bus.to,
                exclude=bus.exclude,
                volatile=bus.volatile,
                latest=bus.latest,
                seq=bus.seq,
            )
        )
        if bus.seq is not None:
            async with self._news:
                self._news.notify_all()
