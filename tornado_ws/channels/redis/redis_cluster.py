"""Servers of a Redis cluster, by hash slot."""

from __future__ import annotations

import asyncio
import binascii
import logging
from collections.abc import Callable
from typing import Final

from .command import Command
from .command_batcher import CommandBatcher
from .redis_connection import ConnectFailed, connect
from .redis_health import RedisHealth
from .redis_servers import RedisServers
from .redis_url import Address, RedisSettings
from .resp import Refusal, Reply, pack
from .subscriber import Subscriber
from .subscription_link import SubscriptionLink

__all__ = ["ClusterServers", "hash_slot"]

logger = logging.getLogger("tornado_ws")

SLOTS: Final = 16384
REDIRECTIONS: Final = 8
"""Maximum number of redirections of one command, while slots move."""
PAUSE: Final = 0.1
"""Seconds before a command is sent again to a slot that is being moved."""
REFRESH_INTERVAL: Final = 0.5
"""Seconds between looks at the slots while something is wrong."""


def hash_slot(key: str) -> int:
    """Return the hash slot of a key: that of the part in its first braces, if there is one."""
    data = key.encode("utf-8", "surrogatepass")
    begin = data.find(b"{")
    if begin >= 0 and (end := data.find(b"}", begin)) > begin + 1:
        data = data[begin + 1 : end]
    return binascii.crc_hqx(data, 0) % SLOTS


class ClusterServers(RedisServers):
    """Servers of a cluster. The slots are read at start-up, and again when a server redirects or fails."""

    def __init__(self, settings: RedisSettings, health: RedisHealth, on_up: Callable[[], None]) -> None:
        """Create a cluster; its first command connects.

        Args:
            settings: Settings of the connections.
            health: Health to update.
            on_up: Function that is called when commands can be executed again.
        """
        self._settings = settings
        self._health = health
        self._on_up = on_up
        self.slots: list[Address | None] = [None] * SLOTS
        """Address of the server of each slot."""
        self.sharded = False
        """True if the servers have sharded pub/sub."""
        self._batchers: dict[Address, CommandBatcher] = {}
        self._closed: set[asyncio.Task[None]] = set()
        self._waiting: list[tuple[Command, bool]] = []
        """Commands that wait for the first look at the slots."""
        self._refresh_task: asyncio.Task[None] | None = None
        self._refresh_again = False
        self._known = False
        self._problem = ""
        self.subscriber = _ClusterSubscriber(self, settings, health)
        health.expect("slots")

    @property
    def up(self) -> bool:
        """True while all servers are connected."""
        return self._known and all(batcher.up for batcher in self._batchers.values())

    @property
    def reconnects(self) -> int:
        """Number of connections that replaced lost ones."""
        return sum(batcher.reconnects for batcher in self._batchers.values())

    @property
    def addresses(self) -> list[Address]:
        """Addresses of the servers with slots."""
        return [*self._batchers]

    def start(self) -> None:
        """Read the slots, unless that has begun."""
        if not self._known:
            self.refresh()

    def send(self, command: Command, *, in_order: bool = False) -> None:
        """Send a command to the server of its slot."""
        if not self._known:
            if self._problem:
                command.fail(self._problem)
            else:
                self._waiting.append((command, in_order))
            self.start()
            return
        address = self.slots[command.slot]
        if address is None:
            command.fail(f"no server of the cluster has the slot {command.slot}")
            self.refresh()
            return
        self._batcher(address).send(command, in_order=in_order)

    def backlog(self, slot: int) -> int:
        """Return the number of publications that wait to be sent to the server of a slot."""
        address = self.slots[slot]
        return 0 if address is None or address not in self._batchers else self._batchers[address].backlog

    def refresh(self) -> None:
        """Read the slots again."""
        self._refresh_again = True
        if self._refresh_task is None:
            self._refresh_task = asyncio.get_running_loop().create_task(self._refresh())

    def close(self) -> None:
        """Disconnect."""
        if self._refresh_task is not None:
            self._refresh_task.cancel()
        for batcher in self._batchers.values():
            batcher.close()
        for command, _ in self._waiting:
            command.fail("the backplane is closed")
        self._waiting.clear()

    async def stop(self) -> None:
        """Disconnect, and wait until that is done."""
        self.close()
        tasks = [*self._closed, *([self._refresh_task] if self._refresh_task is not None else [])]
        if tasks:
            await asyncio.wait(tasks)
        for batcher in self._batchers.values():
            await batcher.stop()

    def _batcher(self, address: Address) -> CommandBatcher:
        batcher = self._batchers.get(address)
        if batcher is None:

            async def locate() -> Address:
                return address

            def changed(problem: str | None) -> None:
                self._changed(address, problem)

            batcher = CommandBatcher(locate, self._settings, on_change=changed, on_redirect=self._redirect)
            self._batchers[address] = batcher
            self._health.expect(_part(address))
            batcher.start()
        return batcher

    def _changed(self, address: Address, problem: str | None) -> None:
        if address not in self._batchers:
            return
        self._health.set(_part(address), problem)
        if problem is None:
            self._on_up()
        else:
            self.refresh()

    def _redirect(self, command: Command, refusal: Refusal, in_order: bool) -> bool:
        """Send a command to another server, or again; return False if that was done too often."""
        loop = asyncio.get_running_loop()
        if command.deadline <= loop.time():
            return False
        if refusal.code in ("MOVED", "ASK"):
            command.redirections += 1
            if command.redirections > REDIRECTIONS:
                return False
            _, slot, place = refusal.text.split(" ")[:3]
            host, _, port = place.rpartition(":")
            old = self.slots[command.slot]
            address = (host or (old[0] if old else ""), int(port))
            if refusal.code == "MOVED":
                self.slots[int(slot)] = address
                self.refresh()
            else:
                command.asking = True
            self._batcher(address).send(command, in_order=in_order)
            return True
        if refusal.code == "CLUSTERDOWN":
            self.refresh()
        loop.call_later(PAUSE, lambda: self.send(command, in_order=in_order))
        return True

    async def _refresh(self) -> None:
        try:
            while self._refresh_again:
                self._refresh_again = False
                try:
                    slots, version = await self._read_slots()
                except Exception as failure:
                    if not isinstance(failure, ConnectFailed):
                        logger.exception("cannot read the slots of the cluster")
                    self._fail(str(failure))
                    self._refresh_again = True
                else:
                    self._use(slots, version)
                    self._refresh_again = not self.up
                await asyncio.sleep(REFRESH_INTERVAL if self._refresh_again else PAUSE)
        finally:
            self._refresh_task = None

    def _fail(self, problem: str) -> None:
        self._problem = problem
        self._health.set("slots", problem)
        waiting, self._waiting = self._waiting, []
        for command, _ in waiting:
            command.fail(problem)

    def _use(self, slots: list[Address | None], version: int) -> None:
        addresses = {address for address in slots if address is not None}
        self._health.set("slots", None)
        for address in addresses:
            self._batcher(address)
        moved: list[tuple[Command, bool]] = []
        for address in [address for address in self._batchers if address not in addresses]:
            batcher = self._batchers.pop(address)
            self._health.remove(_part(address))
            moved += batcher.take_commands()
            task = asyncio.get_running_loop().create_task(batcher.stop())
            self._closed.add(task)
            task.add_done_callback(self._closed.discard)
        first, self._known = not self._known, True
        self.slots = slots
        self.sharded = version >= 7
        self._problem = ""
        self.subscriber.assign()
        waiting, self._waiting = self._waiting, []
        for command, in_order in (*moved, *waiting):
            self.send(command, in_order=in_order)
        if first:
            self._on_up()

    async def _read_slots(self) -> tuple[list[Address | None], int]:
        """Return the server of each slot, and the lowest version, from the first server that answers.

        Raises:
            ConnectFailed: If none answers.
        """
        addresses = dict.fromkeys((*self._batchers, *self._settings.addresses))
        asked = [asyncio.ensure_future(_query_slots(address, self._settings)) for address in addresses]
        problems: list[str] = []
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
        raise ConnectFailed(f"no server of the cluster answers: {'; '.join(problems)}")


class _ClusterSubscriber(Subscriber):
    """Subscriptions in a cluster: at the server of each channel's slot or, before Redis 7, at any server."""

    def __init__(self, servers: ClusterServers, settings: RedisSettings, health: RedisHealth) -> None:
        super().__init__(health)
        self._servers = servers
        self._settings = settings
        self._links: dict[Address | None, SubscriptionLink] = {}
        """Link to each server; without sharded pub/sub, one link with the key None."""
        self._closed: set[asyncio.Task[None]] = set()
        self._reconnects = 0

    @property
    def reconnects(self) -> int:
        """Number of connections that replaced lost ones."""
        return self._reconnects + sum(link.reconnects for link in self._links.values())

    def start(self) -> None:
        """Read the slots, unless that has begun."""
        self._servers.start()

    def assign(self) -> None:
        """Subscribe to each channel at the server of its slot."""
        wanted = {*self._servers.addresses} if self._servers.sharded else {None}
        for address in [address for address in self._links if address not in wanted]:
            link = self._links.pop(address)
            self._reconnects += link.reconnects
            self._health.remove(link.part)
            task = asyncio.get_running_loop().create_task(link.stop())
            self._closed.add(task)
            task.add_done_callback(self._closed.discard)
        for address in wanted:
            self._link(address)
        for name in self._subscriptions:
            place = self._place(name)
            for address, link in self._links.items():
                if address != place:
                    link.remove(name)
                elif name in link.names and not link.names[name] and link.connected:
                    link.repeat(name)
                else:
                    link.add(name)

    def on_moved(self, link: SubscriptionLink) -> None:
        """Read the slots again."""
        self._servers.refresh()

    def on_link(self, link: SubscriptionLink, problem: str | None) -> None:
        """Update the health, and read the slots again if a server cannot be reached."""
        if link in self._links.values():
            super().on_link(link, problem)
            if problem is not None:
                self._servers.refresh()

    def close(self) -> None:
        """Disconnect."""
        for link in self._links.values():
            link.close()

    async def stop(self) -> None:
        """Disconnect, and wait until that is done."""
        self.close()
        for link in self._links.values():
            await link.stop()
        if self._closed:
            await asyncio.wait([*self._closed])

    def _place(self, name: bytes) -> Address | None:
        return self._servers.slots[hash_slot(name.decode())] if self._servers.sharded else None

    def _link(self, address: Address | None) -> SubscriptionLink:
        link = self._links.get(address)
        if link is None:

            async def locate() -> Address:
                return address or next(iter(self._servers.addresses))

            part = "subscriptions" if address is None else f"subscriptions at {address[0]}:{address[1]}"
            link = SubscriptionLink(locate, self._settings, self, part=part, sharded=self._servers.sharded)
            self._links[address] = link
            self._health.expect(part)
            link.start()
        return link

    def _add(self, name: bytes) -> None:
        if self._links:
            if (link := self._links.get(self._place(name))) is not None:
                link.add(name)
            else:
                self._servers.refresh()

    def _remove(self, name: bytes) -> None:
        for link in self._links.values():
            link.remove(name)


def _part(address: Address) -> str:
    return f"commands at {address[0]}:{address[1]}"


async def _query_slots(address: Address, settings: RedisSettings) -> tuple[list[Address | None], int]:
    answered: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

    def answer(reply: Reply) -> None:
        if not answered.done():
            answered.set_result(reply)

    def lost(reason: str, silent: bool) -> None:
        answer(Refusal(reason))

    place = f"{address[0]}:{address[1]}"
    try:
        connection = await connect(address, settings, lost)
    except ConnectFailed as failure:
        raise ConnectFailed(f"{place}: {failure}") from None
    try:
        connection.send(pack(("CLUSTER", "SLOTS")), (answer,))
        reply = await answered
    finally:
        connection.close()
    if not isinstance(reply, list) or not reply:
        raise ConnectFailed(f"{place}: {reply if isinstance(reply, Refusal) else 'the cluster has no slots'}")
    slots: list[Address | None] = [None] * SLOTS
    for part in reply:
        assert isinstance(part, list)
        first, last, node = part[0], part[1], part[2]
        assert isinstance(first, int)
        assert isinstance(last, int)
        assert isinstance(node, list)
        host, port = node[0], node[1]
        assert isinstance(port, int)
        owner = (host.decode() if isinstance(host, bytes) and host else address[0], port)
        slots[first : last + 1] = [owner] * (last + 1 - first)
    return slots, connection.info.version
