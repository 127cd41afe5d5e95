"""Log of recent messages of each endpoint, in Redis."""

from __future__ import annotations

import secrets

from ..history import Position
from .bus_message import BusMessage, decode
from .redis_client import RedisClient

__all__ = ["RedisLog"]

SIZE = 10_000
"""Maximum number of messages per endpoint, for all rooms together."""
LIFETIME = 3600
"""Seconds after the last message of an endpoint until its messages expire."""

APPEND_AND_PUBLISH = """
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


class RedisLog:
    """Numbered messages that all processes share. All state is in Redis."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client

    async def append_and_publish(self, endpoint: str, text: bytes) -> int:
        """Append and publish a message in one step, so that messages are published in the order of their numbers.

        Args:
            endpoint: Name of the endpoint.
            text: Encoded :class:`.BusMessage`, without a number.

        Returns:
            Sequence number of the message.

        Raises:
            BackplaneDown: If Redis cannot be reached.
        """
        keys = (self._position_key(endpoint), self._log_key(endpoint), self._client.channel)
        return int(await self._client.run_script(APPEND_AND_PUBLISH, keys, _new_epoch(), text, SIZE, LIFETIME))

    async def position(self, endpoint: str) -> Position:
        """Return the position of an endpoint. The epoch is empty if there is no sequence yet.

        Raises:
            BackplaneDown: If Redis cannot be reached.
        """
        epoch, seq = await self._client.execute("HMGET", self._position_key(endpoint), "epoch", "seq")
        return Position(epoch or "", int(seq or 0))

    async def ensure_epoch(self, endpoint: str) -> None:
        """Begin a sequence if there is none yet.

        Raises:
            BackplaneDown: If Redis cannot be reached.
        """
        await self._client.execute("HSETNX", self._position_key(endpoint), "epoch", _new_epoch())

    async def replace_epoch(self, endpoint: str) -> None:
        """Begin a new epoch, so that no client can resume from an earlier position.

        Raises:
            BackplaneDown: If Redis cannot be reached.
        """
        await self._client.execute("HSET", self._position_key(endpoint), "epoch", _new_epoch())

    async def messages(self, endpoint: str, *, after: int, last: int) -> list[BusMessage] | None:
        """Return the messages after a sequence number, oldest first; None if some are no longer kept.

        Args:
            endpoint: Name of the endpoint.
            after: Sequence number; only later messages are returned.
            last: Sequence number of the newest message of the endpoint.

        Raises:
            BackplaneDown: If Redis cannot be reached.
        """
        texts = await self._client.execute("ZRANGE", self._log_key(endpoint), after + 1, "+inf", "BYSCORE")
        messages = [decode(text) for text in texts]
        # The numbers have no gaps, so the first message decides.
        complete = messages[0].seq == after + 1 if messages else after == last
        return messages if complete and after <= last else None

    def _position_key(self, endpoint: str) -> str:
        return self._client.key("seq", endpoint)

    def _log_key(self, endpoint: str) -> str:
        return self._client.key("log", endpoint)


def _new_epoch() -> str:
    return secrets.token_hex(8)
