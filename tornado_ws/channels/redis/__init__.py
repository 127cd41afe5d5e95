"""Backplane for several processes and machines, based on Redis.

Only ``redis_client`` imports the driver.
"""

from __future__ import annotations

from ..backplane import Backplane
from .redis_bus import RedisBus
from .redis_client import RedisClient
from .redis_deliveries import RedisDeliveryStore
from .redis_history import RedisHistory
from .redis_log import RedisLog
from .redis_tickets import RedisTicketStore

__all__ = ["RedisBackplane"]


class RedisBackplane(Backplane):
    """Backplane on a Redis server. While Redis is unreachable, each process serves its own connections."""

    def __init__(self, url: str, *, prefix: str = "tornado-ws") -> None:
        """Create a backplane; its first operation connects.

        Args:
            url: URL of the server, such as ``redis://localhost:6379/0``.
            prefix: Prefix of all keys and of the pub/sub channel, one per application.
        """
        self._client = RedisClient(url, prefix=prefix)
        log = RedisLog(self._client)
        self._redis_bus = RedisBus(self._client, log)
        super().__init__(
            bus=self._redis_bus,
            history=RedisHistory(self._redis_bus, log),
            tickets=RedisTicketStore(self._client),
            deliveries=RedisDeliveryStore(self._client),
        )

    async def stop(self) -> None:
        """Disconnect, and wait until the connections are closed. Keys and messages stay in Redis until they expire."""
        await self.deliveries.stop()
        await self._redis_bus.stop()
        await self._client.close()
