"""Servers of Redis, through redis-py: one server, a service with sentinels, or a cluster."""

from __future__ import annotations

import abc
import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from redis.asyncio import (
    Connection,
    ConnectionPool,
    RedisCluster,
    SSLConnection,
    UnixDomainSocketConnection,
)
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import ClusterDownError, ResponseError

from ...histogram import Histogram
from .command import Argument
from .redis_failures import ANSWER_TIMEOUT, FAILURES, NotConnected
from .redis_url import Address, RedisSettings

__all__ = [
    "ClusterDriver",
    "Connection",
    "RedisDriver",
    "SingleDriver",
    "make_driver",
    "time_limit",
]

CONNECTIONS: Final = 8
"""Maximum number of connections to one server. The users of a driver are fewer, so that none is refused."""
SENTINEL_TIMEOUT: Final = 0.4
"""Time for an answer of a sentinel until the next one is used, in seconds."""
SLOTS: Final = 16384
"""Number of hash slots of a cluster."""
SOCKET_TIMEOUT: Final = 2.0
"""Time for a server of a cluster to answer before the slots are read from the next one, in seconds."""
TICK: Final = 0.25
"""Seconds between two checks of the time."""


@contextlib.asynccontextmanager
async def time_limit(seconds: float = ANSWER_TIMEOUT) -> AsyncIterator[None]:
    """Limit the time of the block. Long iterations of a busy event loop, in which answers are not read, do not count.

    Raises:
        TimeoutError: If the time is over.
    """
    loop = asyncio.get_running_loop()
    left = round(seconds / TICK) + 1
    timer: asyncio.TimerHandle

    def count() -> None:
        nonlocal left, timer
        left -= 1
        if left > 0:
            timer = loop.call_later(TICK, count)
        else:
            limit.reschedule(loop.time())

    async with asyncio.timeout(None) as limit:
        timer = loop.call_later(TICK, count)
        try:
            yield
        finally:
            timer.cancel()


class RedisDriver(abc.ABC):
    """Servers of one backplane. Failed commands are not repeated; that is up to the callers."""

    sharded: bool = False
    """True if publications stay at the server of their channel (sharded pub/sub of a cluster, Redis 7)."""
    places: Sequence[Address] = ()
    """Servers of a cluster."""
    layout: int = 0
    """Number that increases when keys have moved to other servers."""

    def __init__(self) -> None:
        self.latency = Histogram()
        """Times of the pipelines of :class:`.CommandBatcher`."""

    @abc.abstractmethod
    async def run(self, commands: Sequence[Sequence[Argument]]) -> list[Any]:
        """Execute commands in one pipeline; return their results, with an exception for each one that failed.

        Raises:
            RedisError, OSError, TimeoutError: If the connection fails; any of the commands may have been executed.
        """

    @abc.abstractmethod
    async def probe(self, place: Address | None) -> float:
        """Check that commands can be executed, and return the time of the server's clock, in seconds.

        Args:
            place: Server of a cluster. None: the only server, or the cluster, whose slots are read.

        Raises:
            RedisError, OSError, TimeoutError: If they cannot.
        """

    def place_of(self, key: str) -> Address | None:
        """Return the server of a key in a cluster; None if there is none, or no cluster."""
        return None

    @abc.abstractmethod
    async def disconnect(self, place: Address | None) -> None:
        """Close the unused connections to a server, which may be dead."""

    @abc.abstractmethod
    async def close(self) -> None:
        """Close all connections."""

    @contextlib.asynccontextmanager
    async def connection(self, place: Address | None) -> AsyncIterator[Connection]:
        """Open a connection for subscriptions, and close it at the end of the block.

        Raises:
            RedisError, OSError, TimeoutError: If it cannot be opened.
        """
        pool = self._pool(place)
        async with time_limit():
            connection: Connection = await pool.get_connection()  # type: ignore[no-untyped-call]
        try:
            yield connection
        finally:
            await connection.disconnect(nowait=True)
            await pool.release(connection)

    @abc.abstractmethod
    def _pool(self, place: Address | None) -> ConnectionPool: ...


class SingleDriver(RedisDriver):
    """One server, or the master of a service that sentinels watch."""

    def __init__(self, settings: RedisSettings) -> None:
        """Create the connection pool; nothing connects yet."""
        super().__init__()
        options = _options(settings)
        self._sentinel: Sentinel | None = None
        if settings.topology == "sentinel":
            own = {"username": settings.sentinel_username, "password": settings.sentinel_password}
            limits = {"socket_timeout": SENTINEL_TIMEOUT, "socket_connect_timeout": SENTINEL_TIMEOUT}
            self._sentinel = Sentinel(  # type: ignore[no-untyped-call]
                settings.addresses, sentinel_kwargs={**_retries(), **limits, **settings.tls_options, **own}, **options
            )
            master: Any = self._sentinel.master_for(settings.service, max_connections=CONNECTIONS)
            self._connections: ConnectionPool = master.connection_pool
            return
        self._connections = _make_pool(settings.addresses[0], options)

    async def run(self, commands: Sequence[Sequence[Argument]]) -> list[Any]:
        """Execute commands in one pipeline."""
        results: list[Any] = []
        async with time_limit():
            try:
                connection: Any = await self._connections.get_connection()  # type: ignore[no-untyped-call]
            except FAILURES as error:
                raise NotConnected from error
            try:
                await connection.send_packed_command(connection.pack_commands(commands))
                for _ in commands:
                    try:
                        results.append(await connection.read_response())
                    except ResponseError as error:
                        results.append(error)
            except FAILURES as error:
                results += [error] * (len(commands) - len(results))
            finally:
                await self._connections.release(connection)
        return results

    async def probe(self, place: Address | None) -> float:
        """Return the time of the server's clock."""
        (reply,) = await self.run([("TIME",)])
        return _seconds(reply)

    async def disconnect(self, place: Address | None) -> None:
        """Close the unused connections."""
        await self._connections.disconnect(inuse_connections=False)

    async def close(self) -> None:
        """Close all connections."""
        await self._connections.disconnect()
        for sentinel in () if self._sentinel is None else self._sentinel.sentinels:
            await sentinel.aclose()
            await sentinel.connection_pool.disconnect()

    def _pool(self, place: Address | None) -> ConnectionPool:
        return self._connections


class ClusterDriver(RedisDriver):
    """Servers of a cluster. redis-py finds the server of each key, and follows keys that move."""

    def __init__(self, settings: RedisSettings) -> None:
        """Create the client; nothing connects yet."""
        super().__init__()
        self._options = _options(settings)
        self._cluster: Any = RedisCluster(
            startup_nodes=[ClusterNode(host, port) for host, port in settings.addresses],
            require_full_coverage=False,
            max_connections=CONNECTIONS,
            reinitialize_steps=0,  # a reading of the slots closes all connections otherwise
            **{**self._options, "socket_timeout": SOCKET_TIMEOUT},
        )
        self._pools: dict[Address, ConnectionPool] = {}
        """Connections for subscriptions."""
        self._owners: list[str] = []
        """Names of the servers of all slots."""

    async def run(self, commands: Sequence[Sequence[Argument]]) -> list[Any]:
        """Execute commands in one pipeline to each of their servers."""
        pipeline = self._cluster.pipeline()
        for command in commands:
            pipeline.execute_command(*command)
        async with time_limit():
            results: list[Any] = await pipeline.execute(raise_on_error=False)
            return results

    async def probe(self, place: Address | None) -> float:
        """Return the time of the clock of one server. None: read the slots before."""
        if place is None:
            async with time_limit(2 * ANSWER_TIMEOUT):
                await self._cluster.initialize()
                if self._owners:
                    await self._cluster.nodes_manager.initialize()
            self._read_slots()
            return 0.0
        async with time_limit():
            node = self._cluster.get_node(*place)
            if node is None:
                raise ClusterDownError("the server has left the cluster")
            state = await node.execute_command("CLUSTER INFO")
            if state["cluster_state"] != "ok":
                raise ClusterDownError("the cluster is down")
            return _seconds(await node.execute_command("TIME"))

    def _read_slots(self) -> None:
        slots = self._cluster.nodes_manager.slots_cache
        owners = [slots[slot][0].name for slot in sorted(slots)]
        if owners != self._owners:
            self._owners = owners
            self.places = tuple({(node[0].host, node[0].port): None for node in slots.values()})
            self.sharded = "ssubscribe" in self._cluster.commands_parser.commands
            self.layout += 1
        if len(slots) < SLOTS:
            raise ClusterDownError(f"{SLOTS - len(slots)} of {SLOTS} slots have no server")

    def place_of(self, key: str) -> Address | None:
        """Return the server of a key."""
        try:
            node = self._cluster.get_node_from_key(key)
        except FAILURES:
            return None
        return None if node is None else (node.host, node.port)

    async def disconnect(self, place: Address | None) -> None:
        """Close the connections to a server."""
        if place is not None and (node := self._cluster.get_node(*place)) is not None:
            await node.disconnect()

    async def close(self) -> None:
        """Close all connections."""
        await self._cluster.aclose()
        for pool in self._pools.values():
            await pool.disconnect()

    def _pool(self, place: Address | None) -> ConnectionPool:
        place = place or random.choice(self.places)
        if place not in self._pools:
            self._pools[place] = _make_pool(place, self._options)
        return self._pools[place]


def make_driver(settings: RedisSettings) -> RedisDriver:
    """Return the driver for a topology."""
    return ClusterDriver(settings) if settings.topology == "cluster" else SingleDriver(settings)


def _retries() -> dict[str, Any]:
    return {"retry": Retry(NoBackoff(), 0), "protocol": 2}


def _options(settings: RedisSettings) -> dict[str, Any]:
    options: dict[str, Any] = {
        **_retries(),
        **settings.tls_options,
        "socket_connect_timeout": SOCKET_TIMEOUT,
        "socket_timeout": None,  # every operation has a limit of its own
        "socket_keepalive": True,
        "username": settings.username,
        "password": settings.password,
    }
    if settings.topology != "cluster":
        options["db"] = settings.database
    return options


def _make_pool(address: Address, options: dict[str, Any]) -> ConnectionPool:
    host, port = address
    options = dict(options)
    kind: type[AbstractConnection] = SSLConnection if options.pop("ssl", False) else Connection
    if port == 0:
        del options["socket_keepalive"]
        return ConnectionPool(UnixDomainSocketConnection, max_connections=CONNECTIONS, path=host, **options)
    return ConnectionPool(kind, max_connections=CONNECTIONS, host=host, port=port, **options)


def _seconds(time: Sequence[Any]) -> float:
    if isinstance(time, BaseException):
        raise time
    seconds, microseconds = time
    return int(seconds) + int(microseconds) / 1e6
