"""One Redis server, at a fixed address or found through sentinels."""

from __future__ import annotations

import abc
import asyncio
from collections.abc import Callable

from .command import Command
from .command_batcher import CommandBatcher
from .redis_connection import ConnectFailed, connect
from .redis_health import RedisHealth
from .redis_url import Address, RedisSettings
from .resp import Refusal, Reply, pack

__all__ = ["OneServer", "RedisServers"]


class RedisServers(abc.ABC):
    """Servers of one backplane."""

    @property
    @abc.abstractmethod
    def up(self) -> bool:
        """True while commands can be executed."""

    @property
    @abc.abstractmethod
    def reconnects(self) -> int:
        """Number of connections that replaced lost ones."""

    @abc.abstractmethod
    def start(self) -> None:
        """Connect, unless that has begun."""

    @abc.abstractmethod
    def send(self, command: Command, *, in_order: bool = False) -> None:
        """Send a command to the server with its keys; see :meth:`.CommandBatcher.send`."""

    @abc.abstractmethod
    def backlog(self, slot: int) -> int:
        """Return the number of publications that wait to be sent to the server of a hash slot."""

    @abc.abstractmethod
    def close(self) -> None:
        """Disconnect."""

    @abc.abstractmethod
    async def stop(self) -> None:
        """Disconnect, and wait until that is done."""


class OneServer(RedisServers):
    """Server at a fixed address, or the master of a service that sentinels watch."""

    def __init__(self, settings: RedisSettings, health: RedisHealth, on_up: Callable[[], None]) -> None:
        """Create a server; its first command connects.

        Args:
            settings: Settings of the connections.
            health: Health to update.
            on_up: Function that is called when the server can be used again.
        """
        self._settings = settings
        self._health = health
        self._on_up = on_up
        self._batcher = CommandBatcher(self.locate, settings, on_change=self._changed)
        health.expect("commands")

    @property
    def up(self) -> bool:
        """True while the server is connected."""
        return self._batcher.up

    @property
    def reconnects(self) -> int:
        """Number of connections that replaced lost ones."""
        return self._batcher.reconnects

    def start(self) -> None:
        """Connect, unless that has begun."""
        self._batcher.start()

    def send(self, command: Command, *, in_order: bool = False) -> None:
        """Send a command."""
        self._batcher.send(command, in_order=in_order)

    def backlog(self, slot: int) -> int:
        """Return the number of publications that wait to be sent."""
        return self._batcher.backlog

    def close(self) -> None:
        """Disconnect."""
        self._batcher.close()

    async def stop(self) -> None:
        """Disconnect, and wait until that is done."""
        await self._batcher.stop()

    async def locate(self) -> Address:
        """Return the address of the server.

        Raises:
            ConnectFailed: If the sentinels do not name one.
        """
        settings = self._settings
        if settings.topology != "sentinel":
            return settings.addresses[0]
        problems: list[str] = []
        asked = [asyncio.ensure_future(_query_sentinel(address, settings)) for address in settings.addresses]
        try:
            for answer in asyncio.as_completed(asked):
                try:
                    return await answer
                except ConnectFailed as failure:
                    problems.append(str(failure))
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        raise ConnectFailed(f"no sentinel names a master: {'; '.join(problems)}")

    def _changed(self, problem: str | None) -> None:
        self._health.set("commands", problem)
        if problem is None:
            self._on_up()


async def _query_sentinel(address: Address, settings: RedisSettings) -> Address:
    place = f"{address[0]}:{address[1]}"
    answered: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

    def lost(reason: str, silent: bool) -> None:
        if not answered.done():
            answered.set_result(Refusal(reason))

    def answer(reply: Reply) -> None:
        if not answered.done():
            answered.set_result(reply)

    try:
        connection = await connect(address, settings, lost, sentinel=True)
    except ConnectFailed as failure:
        raise ConnectFailed(f"{place}: {failure}") from None
    try:
        connection.send(pack(("SENTINEL", "GET-MASTER-ADDR-BY-NAME", settings.service)), (answer,))
        reply = await answered
    finally:
        connection.close()
    if not isinstance(reply, list) or len(reply) != 2:
        problem = str(reply) if isinstance(reply, Refusal) else f"no service {settings.service!r}"
        raise ConnectFailed(f"{place}: {problem}")
    host, port = reply
    assert isinstance(host, bytes)
    assert isinstance(port, bytes)
    return host.decode(), int(port)
