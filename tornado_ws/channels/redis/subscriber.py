"""Subscriptions of one process to channels of Redis."""

from __future__ import annotations

import abc
from collections.abc import Awaitable, Callable
from typing import Protocol

from .redis_health import RedisHealth
from .redis_url import Address, RedisSettings
from .subscription_link import SubscriptionLink

__all__ = ["OneSubscriber", "Subscriber", "Subscription"]


class Subscription(Protocol):
    """Receiver of the messages of one channel."""

    def on_subscribed(self) -> None:
        """Note that all later messages will be received; earlier ones may be missing."""
        ...

    def on_message(self, payload: bytes) -> None:
        """Receive a message."""
        ...


class Subscriber(abc.ABC):
    """Subscriptions by the name of their channel."""

    def __init__(self, health: RedisHealth) -> None:
        self._health = health
        self._subscriptions: dict[bytes, Subscription] = {}

    def subscribe(self, name: bytes, subscription: Subscription) -> None:
        """Begin to receive the messages of a channel."""
        self._subscriptions[name] = subscription
        self._add(name)

    def unsubscribe(self, name: bytes) -> None:
        """Stop to receive the messages of a channel."""
        self._subscriptions.pop(name, None)
        self._remove(name)

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
        self._health.set(link.part, problem)

    @abc.abstractmethod
    def on_moved(self, link: SubscriptionLink) -> None:
        """Look for the servers of all channels again."""

    @property
    @abc.abstractmethod
    def reconnects(self) -> int:
        """Number of connections that replaced lost ones."""

    @abc.abstractmethod
    def start(self) -> None:
        """Connect, unless that has begun."""

    @abc.abstractmethod
    def close(self) -> None:
        """Disconnect."""

    @abc.abstractmethod
    async def stop(self) -> None:
        """Disconnect, and wait until that is done."""

    @abc.abstractmethod
    def _add(self, name: bytes) -> None: ...

    @abc.abstractmethod
    def _remove(self, name: bytes) -> None: ...


class OneSubscriber(Subscriber):
    """Subscriptions at one server."""

    def __init__(self, locate: Callable[[], Awaitable[Address]], settings: RedisSettings, health: RedisHealth) -> None:
        super().__init__(health)
        self._link = SubscriptionLink(locate, settings, self)
        health.expect(self._link.part)

    @property
    def reconnects(self) -> int:
        """Number of connections that replaced lost ones."""
        return self._link.reconnects

    def start(self) -> None:
        """Connect, unless that has begun."""
        self._link.start()

    def on_moved(self, link: SubscriptionLink) -> None:
        """Do nothing: only a cluster moves channels."""

    def close(self) -> None:
        """Disconnect."""
        self._link.close()

    async def stop(self) -> None:
        """Disconnect, and wait until that is done."""
        await self._link.stop()

    def _add(self, name: bytes) -> None:
        self._link.add(name)

    def _remove(self, name: bytes) -> None:
        self._link.remove(name)
