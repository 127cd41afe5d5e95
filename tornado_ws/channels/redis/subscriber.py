"""Subscriptions of one process to channels of Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from .redis_driver import RedisDriver
from .redis_health import RedisHealth
from .redis_url import Address
from .subscription_link import SubscriptionLink

__all__ = ["Subscriber", "Subscription"]


class Subscription(Protocol):
    """Receiver of the messages of one channel."""

    def on_subscribed(self) -> None:
        """Note that all later messages will be received; earlier ones may be missing."""
        ...

    def on_message(self, payload: bytes) -> None:
        """Receive a message."""
        ...


class Subscriber:
    """Subscriptions by the name of their channel.

    There is one link; with sharded pub/sub, one to each server of the cluster that has a followed channel.
    """

    def __init__(
        self, driver: RedisDriver, health: RedisHealth, *, prefix: str, on_trouble: Callable[[bool], None]
    ) -> None:
        """Create a subscriber without subscriptions.

        Args:
            driver: Servers.
            health: Health to update.
            prefix: Prefix of the application.
            on_trouble: Function that is called when a connection is lost or new. True: a channel has moved.
        """
        self.on_trouble = on_trouble
        self._driver = driver
        self._health = health
        self._anchor = f"{prefix}:anchor".encode()
        self._subscriptions: dict[bytes, Subscription] = {}
        self._links: dict[Address | None, SubscriptionLink] = {}
        self._ended: set[asyncio.Task[None]] = set()
        self._ready = False
        self._reconnects = 0

    @property
    def reconnects(self) -> int:
        """Number of connections that replaced lost ones."""
        return self._reconnects + sum(link.reconnects for link in self._links.values())

    def subscribe(self, name: bytes, subscription: Subscription) -> None:
        """Begin to receive the messages of a channel."""
        self._subscriptions[name] = subscription
        if self._ready:
            self._assign(name)

    def unsubscribe(self, name: bytes) -> None:
        """Stop receiving the messages of a channel."""
        self._subscriptions.pop(name, None)
        for link in self._links.values():
            link.remove(name)

    def assign(self) -> None:
        """Subscribe to each channel at the server that has it now. Call it when the servers are known, or changed."""
        self._ready = True
        if not self._driver.sharded:
            self._link(None)
        for name in self._subscriptions:
            self._assign(name)
        for place, link in [*self._links.items()]:
            if place is not None and not link.names:
                self._end(place)
            else:
                link.start()

    def close(self) -> None:
        """Disconnect."""
        for link in self._links.values():
            link.close()

    async def stop(self) -> None:
        """Disconnect, and wait until that is done."""
        for place in [*self._links]:
            self._end(place)
        if self._ended:
            await asyncio.wait([*self._ended])

    # Events of links.

    def on_message(self, name: bytes, payload: bytes) -> None:
        """Pass a message on."""
        if (subscription := self._subscriptions.get(name)) is not None:
            subscription.on_message(payload)

    def on_subscribed(self, name: bytes) -> None:
        """Pass a confirmation on."""
        if (subscription := self._subscriptions.get(name)) is not None:
            subscription.on_subscribed()

    def on_link(self, link: SubscriptionLink, problem: str | None) -> None:
        """Update the health."""
        if link in self._links.values():
            self._health.set(link.part, problem)
            self.on_trouble(False)

    def _assign(self, name: bytes) -> None:
        place = self._driver.place_of(name.decode()) if self._driver.sharded else None
        if self._driver.sharded and place is None:
            return  # no server has it at the moment
        link = self._link(place)
        for other in self._links.values():
            if other is not link:
                other.remove(name)
        link.add(name)

    def _link(self, place: Address | None) -> SubscriptionLink:
        link = self._links.get(place)
        if link is None:
            part = "subscriptions" if place is None else f"subscriptions at {place[0]}:{place[1]}"
            link = SubscriptionLink(
                lambda: self._driver.connection(place), self, part=part, anchor=self._anchor, sharded=place is not None
            )
            self._links[place] = link
            self._health.expect(part)
            link.start()
        return link

    def _end(self, place: Address | None) -> None:
        link = self._links.pop(place)
        self._reconnects += link.reconnects
        self._health.remove(link.part)
        task = asyncio.get_running_loop().create_task(link.stop())
        self._ended.add(task)
        task.add_done_callback(self._ended.discard)
