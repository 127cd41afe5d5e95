"""Servers of Redis, through redis-py: one server, a service with sentinels, or a cluster.

Only this module imports redis-py.
"""

from __future__ import annotations

import abc
import asyncio
from collections.abc import Sequence
from typing import Any, Final

from redis.asyncio import (
    BlockingConnectionPool,
    Connection,
    Redis,
    RedisCluster,
    SSLConnection,
    UnixDomainSocketConnection,
)
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import (
    AskError,
    BusyLoadingError,
    ClusterDownError,
    ConnectionError,
    MasterDownError,
    MovedError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
    SlotNotCoveredError,
    TryAgainError,
)
from redis.exceptions import (
    TimeoutError as RedisTimeoutError,
)

from .command import Argument
from .redis_url import Address, RedisSettings

__all__ = [
    "ANSWER_TIMEOUT",
    "FAILURES",
    "ClusterDriver",
    "RedisDriver",
    "SingleDriver",
    "UnknownScript",
    "in_words",
    "is_unavailable",
    "make_driver",
]

ANSWER_TIMEOUT: Final = 1.5
"""Time without an answer after which a connection is dead, in seconds."""
CONNECTIONS: Final = 8
"""Maximum number of connections for commands to one server."""

FAILURES: Final = (RedisError, OSError, TimeoutError)
"""Exceptions of a connection that fails."""
UnknownScript = NoScriptError
"""Error of a script whose text Redis does not have."""

_UNAVAILABLE: Final = (
    AskError,
    BusyLoadingError,
    ClusterDownError,
    ConnectionError,
    MasterDownError,
    MovedError,
    ReadOnlyError,
    RedisClusterException,
    RedisTimeoutError,
    SlotNotCoveredError,
    TryAgainError,
    OSError,
)


def is_unavailable(error: BaseException) -> bool:
    """Return True if a server cannot execute any command now; False if it refuses one command."""
    return isinstance(error, _UNAVAILABLE)


def in_words(error: BaseException) -> str:
    """Return the reason of a failure."""
    if isinstance(error, OutOfMemoryError):
        return f"Redis has no memory left, its maxmemory is reached ({error})"
    if isinstance(error, TimeoutError):
        return f"no answer within {ANSWER_TIMEOUT:g} s"
    return str(error) or type(error).__name__


class RedisDriver(abc.ABC):
    """Servers of one backplane. Nothing is repeated here; the callers decide about that."""

    sharded: bool = False
    """True if publications stay at the server of their channel (sharded pub/sub of a cluster, Redis 7)."""
    layout: int = 0
    """Number that increases when keys have moved to other servers."""

    async def run(self, commands: Sequence[Sequence[Argument]]) -> list[Any]:
        """Execute commands in one pipeline; return their results, with an exception for each one that failed.

        Raises:
            RedisError, OSError, TimeoutError: If the connection fails; any of the commands may have been executed.
        """
        async with asyncio.timeout(ANSWER_TIMEOUT):
            pipeline = self._pipeline()
            for command in commands:
                pipeline.execute_command(*command)
            results: list[Any] = await pipeline.execute(raise_on_error=False)
            return results

    @abc.abstractmethod
    async def probe(self) -> float:
        """Check that commands can be executed, and return the time of the server's clock, in seconds.

        Raises:
            RedisError, OSError, TimeoutError: If they cannot.
        """

    @abc.abstractmethod
    def pubsub(self, address: Address | None) -> Any:  # redis-py's PubSub has no usable types
        """Return a new connection for subscriptions.

        Args:
            address: Server of a cluster; else None.
        """

    def place(self, name: str) -> Address | None:
        """Return the server of a channel with sharded pub/sub; None for any server."""
        return None

    @abc.abstractmethod
    async def disconnect(self) -> None:
        """Close all connections for commands; the next command connects again."""

    async def close(self) -> None:
        """Close all connections."""
        await self.disconnect()

    @abc.abstractmethod
    def _pipeline(self) -> Any: ...


class SingleDriver(RedisDriver):
    """One server, or the master of a service that sentinels watch."""

    def __init__(self, settings: RedisSettings) -> None:
        """Create the clients; nothing connects yet."""
        options = _options(settings)
        self._sentinel: Sentinel | None = None
        if settings.topology == "sentinel":
            own = {"username": settings.sentinel_username, "password": settings.sentinel_password}
            self._sentinel = Sentinel(  # type: ignore[no-untyped-call]
                settings.addresses, sentinel_kwargs={**_timeouts(), **settings.tls_options, **own}, **options
            )
            self._redis: Any = self._sentinel.master_for(settings.service, max_connections=CONNECTIONS)
            return
        host, port = settings.addresses[0]
        kind: type[Any] = SSLConnection if options.pop("ssl", False) else Connection
        place: dict[str, Any] = {"host": host, "port": port}
        if port == 0:
            kind, place = UnixDomainSocketConnection, {"path": host}
            options.pop("socket_keepalive")
        pool = BlockingConnectionPool(
            max_connections=CONNECTIONS, timeout=ANSWER_TIMEOUT, connection_class=kind, **place, **options
        )
        self._redis = Redis(connection_pool=pool)

    async def probe(self) -> float:
        """Return the time of the server's clock."""
        async with asyncio.timeout(ANSWER_TIMEOUT):
            return _seconds(await self._redis.time())

    def pubsub(self, address: Address | None) -> Any:
        """Return a new connection for subscriptions."""
        return self._redis.pubsub()

    async def disconnect(self) -> None:
        """Close all connections for commands; the next command connects again."""
        await self._redis.connection_pool.disconnect()

    async def close(self) -> None:
        """Close all connections."""
        await self._redis.aclose()
        await self.disconnect()
        for sentinel in () if self._sentinel is None else self._sentinel.sentinels:
            await sentinel.aclose()

    def _pipeline(self) -> Any:
        return self._redis.pipeline(transaction=False)


class ClusterDriver(RedisDriver):
    """Servers of a cluster. redis-py finds the server of each key, and follows keys that move."""

    def __init__(self, settings: RedisSettings) -> None:
        """Create the client; nothing connects yet."""
        self._options = _options(settings)
        self._cluster: Any = RedisCluster(
            startup_nodes=[ClusterNode(host, port) for host, port in settings.addresses],
            require_full_coverage=False,
            **self._options,
        )
        self._subscribers: dict[Address, Any] = {}
        self._owners: list[str] = []
        """Names of the servers of all slots."""

    async def probe(self) -> float:
        """Read the slots, and return the time of a server's clock."""
        async with asyncio.timeout(ANSWER_TIMEOUT):
            await self._cluster.initialize()
            await self._cluster.nodes_manager.initialize()
            primaries = self._cluster.get_primaries()
            if not primaries:
                raise ClusterDownError("the cluster has no server with slots")
            for node in primaries:
                await self._cluster.execute_command("PING", target_nodes=node)
            info = await self._cluster.execute_command("INFO", "server", target_nodes=primaries[0])
            self.sharded = int(str(info["redis_version"]).partition(".")[0]) >= 7
            owners = [nodes[0].name for nodes in self._cluster.nodes_manager.slots_cache.values()]
            if owners != self._owners:
                self._owners = owners
                self.layout += 1
            return _seconds(await self._cluster.execute_command("TIME", target_nodes=primaries[0]))

    def pubsub(self, address: Address | None) -> Any:
        """Return a new connection for subscriptions at one server."""
        if address is None:
            node = self._cluster.get_random_node()
            address = node.host, node.port
        redis = self._subscribers.get(address)
        if redis is None:
            host, port = address
            redis = self._subscribers[address] = Redis(host=host, port=port, **self._options)
        return redis.pubsub()

    def place(self, name: str) -> Address | None:
        """Return the server of a channel."""
        if not self.sharded:
            return None
        node = self._cluster.get_node_from_key(name)
        return None if node is None else (node.host, node.port)

    async def disconnect(self) -> None:
        """Close all connections for commands; the next command reads the slots again."""
        await self._cluster.aclose()

    async def close(self) -> None:
        """Close all connections."""
        await self.disconnect()
        for redis in self._subscribers.values():
            await redis.aclose()
            await redis.connection_pool.disconnect()

    def _pipeline(self) -> Any:
        return self._cluster.pipeline()


def make_driver(settings: RedisSettings) -> RedisDriver:
    """Return the driver for a topology."""
    return ClusterDriver(settings) if settings.topology == "cluster" else SingleDriver(settings)


def _timeouts() -> dict[str, Any]:
    return {
        "socket_connect_timeout": ANSWER_TIMEOUT,
        "socket_timeout": None,  # every operation has a limit of its own
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
    }


def _options(settings: RedisSettings) -> dict[str, Any]:
    options: dict[str, Any] = {
        **_timeouts(),
        **settings.tls_options,
        "username": settings.username,
        "password": settings.password,
        "socket_keepalive": True,
    }
    if settings.topology != "cluster":
        options["db"] = settings.database
    return options


def _seconds(time: tuple[int, int]) -> float:
    seconds, microseconds = time
    return seconds + microseconds / 1e6
