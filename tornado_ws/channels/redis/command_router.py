"""Routing of commands to the server of their key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .command import Command
from .command_batcher import CHECK_INTERVAL, CLOSED, CommandBatcher
from .redis_driver import RedisDriver
from .redis_health import RedisHealth
from .redis_url import Address

__all__ = ["CommandRouter"]

LOOK_INTERVAL = 10.0
"""Seconds between readings of the slots of a cluster, if nothing has changed."""


class CommandRouter:
    """Batcher for each server of a cluster, and one for the cluster itself or the only server.

    A server that does not answer delays no command to another one.
    """

    def __init__(
        self, driver: RedisDriver, health: RedisHealth, *, on_up: Callable[[], None], on_layout: Callable[[], None]
    ) -> None:
        """Create a router; the first command connects.

        Args:
            driver: Servers.
            health: Health to update.
            on_up: Function that is called when commands to a server can be executed.
            on_layout: Function that is called when a server can be used, or keys have moved.
        """
        self._driver = driver
        self._health = health
        self._on_up = on_up
        self._on_layout = on_layout
        self._layout: int | None = None
        """Layout of the driver to which the batchers belong; None if they must be compared with it."""
        self._batchers: dict[Address | None, CommandBatcher] = {}
        self._ended: set[asyncio.Task[None]] = set()
        self._reconnects = 0
        self._closed = False
        health.expect(_part(None))

    @property
    def up(self) -> bool:
        """True while commands to all servers can be executed."""
        return bool(self._batchers) and all(batcher.up for batcher in self._batchers.values())

    @property
    def backlog(self) -> int:
        """Number of publications that wait to be sent."""
        return sum(batcher.backlog for batcher in self._batchers.values())

    @property
    def reconnects(self) -> int:
        """Number of lost connections."""
        return self._reconnects + sum(batcher.reconnects for batcher in self._batchers.values())

    def start(self) -> None:
        """Connect, unless that has begun."""
        if not self._batchers and not self._closed:
            self._add(None)

    def send(self, command: Command) -> None:
        """Send a command with the others of this iteration, or fail it at once if its server is unreachable."""
        self.start()
        if self._closed:
            command.fail(CLOSED)
            return
        place = self._driver.place_of(command.key) if self._driver.places else None
        (self._batchers.get(place) or self._batchers[None]).send(command)

    def look(self, *, moved: bool = False) -> None:
        """Probe the servers without delay.

        Args:
            moved: True if keys have moved, so that channels must be subscribed again.
        """
        if moved:
            self._layout = None
        for batcher in self._batchers.values():
            batcher.probe_soon()

    def close(self) -> None:
        """Fail all commands."""
        self._closed = True
        for batcher in self._batchers.values():
            batcher.close()

    async def stop(self) -> None:
        """Fail all commands, and wait until that is done."""
        self.close()
        await asyncio.gather(*(batcher.stop() for batcher in self._batchers.values()), *self._ended)

    def _add(self, place: Address | None) -> None:
        self._health.expect(_part(place))
        self._batchers[place] = CommandBatcher(
            self._driver,
            place,
            on_change=lambda problem: self._change(place, problem),
            on_probe=self._compare if place is None else lambda: None,
            interval=lambda: LOOK_INTERVAL if place is None and self._driver.places and self.up else CHECK_INTERVAL,
        )
        self._batchers[place].start()

    def _change(self, place: Address | None, problem: str | None) -> None:
        if problem is None:
            self._layout = None
            self._compare()  # subscriptions begin, and the health waits for them
        self._health.set(_part(place), problem)
        if problem is None:
            self._on_up()
        elif place is not None:
            self._batchers[None].probe_soon()

    def _compare(self) -> None:
        """Add and remove batchers to match the servers."""
        if self._layout == self._driver.layout or not (self._driver.layout or self._batchers[None].up):
            return
        self._layout = self._driver.layout
        for place in self._driver.places:
            if place not in self._batchers:
                self._add(place)
        for gone in {*self._batchers} - {None, *self._driver.places}:
            batcher = self._batchers.pop(gone)
            batcher.close(hand_over=self.send)
            self._reconnects += batcher.reconnects
            self._health.remove(_part(gone))
            task = asyncio.ensure_future(batcher.stop())
            self._ended.add(task)
            task.add_done_callback(self._ended.discard)
        self._on_layout()


def _part(place: Address | None) -> str:
    return "commands" if place is None else f"commands to {place[0]}:{place[1]}"
