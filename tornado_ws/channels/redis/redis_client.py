"""Client for one Redis server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from ...errors import BackplaneDown

__all__ = ["TIMEOUT", "RedisClient"]

TIMEOUT = 2.0
"""Maximum time for an operation of Redis, in seconds."""


class RedisClient:
    """Commands and subscriptions. Every failure is raised as :exc:`.BackplaneDown`."""

    def __init__(self, url: str, *, prefix: str) -> None:
        self._redis: Any = Redis.from_url(  # Any: redis-py declares the types of its synchronous methods
            url, decode_responses=True, socket_connect_timeout=TIMEOUT, socket_timeout=None
        )
        self._prefix = prefix

    @property
    def channel(self) -> str:
        """Name of the pub/sub channel."""
        return f"{self._prefix}:bus"

    def key(self, category: str, name: str) -> str:
        """Return the Redis key of a value, such as ``tornado-ws:ticket:…``."""
        return f"{self._prefix}:{category}:{name}"

    async def execute(self, *command: object) -> Any:  # Any: the type of the result depends on the command
        """Execute a command and return its result.

        Raises:
            BackplaneDown: If the command fails or exceeds :data:`TIMEOUT`.
        """
        try:
            async with asyncio.timeout(TIMEOUT):
                return await self._redis.execute_command(*command)
        except (RedisError, OSError, TimeoutError) as error:
            raise BackplaneDown(str(error) or type(error).__name__) from error

    async def run_script(self, script: str, keys: tuple[str, ...], *arguments: object) -> Any:
        """Execute a Lua script and return its result.

        Raises:
            BackplaneDown: If the script fails or exceeds :data:`TIMEOUT`.
        """
        return await self.execute("EVAL", script, len(keys), *keys, *arguments)

    @contextlib.asynccontextmanager
    async def subscription(self) -> AsyncIterator[AsyncIterator[str]]:
        """Subscribe to the channel for the duration of the block, and return an iterator over its messages.

        Messages are buffered from the first line of the block.

        Raises:
            BackplaneDown: If the connection fails, including inside the block.
        """
        try:
            async with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
                await pubsub.subscribe(self.channel)
                yield (message["data"] async for message in pubsub.listen())
        except (RedisError, OSError) as error:
            raise BackplaneDown(str(error) or type(error).__name__) from error

    async def close(self) -> None:
        """Close all connections."""
        await self._redis.aclose()
