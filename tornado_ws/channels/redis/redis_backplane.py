"""Backplane for several processes and machines, on Redis."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final, Literal

from ...config_checks import require_choice, require_instance, require_number
from ...endpoint import Replay
from ...errors import BackplaneDown
from ...histogram import Histogram
from ..backplane import Backplane
from ..channel import Channel, KeptMessage, Position
from ..channel_log import Unknown
from ..history_budget import HISTORY_BYTES, HistoryBudget
from ..publication import Publication
from .follower import Follower, FollowerCounters
from .position_check import PositionCheck
from .redis_client import RedisClient
from .redis_deliveries import RedisDeliveryStore
from .redis_history import RedisHistory
from .redis_tickets import RedisTicketStore

__all__ = ["RedisBackplane"]

UNFOLLOW_PAUSE: Final = 5.0
"""Seconds for which a channel without connections is still followed."""


class RedisBackplane(Backplane):
    """Backplane on Redis or Valkey: one server, a service with sentinels, or a cluster."""

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "tornado-ws",
        outage: Literal["raise", "local"] = "raise",
        history_bytes: int = HISTORY_BYTES,
    ) -> None:
        """Create a backplane; its first operation connects.

        Args:
            url: URL of the server, such as ``redis://localhost:6379/0``.
            prefix: Prefix of all keys and channels, one per application.
            outage: Effect of sending a kept message while Redis is unreachable. ``"raise"`` raises
                :exc:`.BackplaneDown`. ``"local"`` delivers it to the connections of this process only, without a
                number; when Redis is back, all clients of the channel receive ``$reset``.
            history_bytes: Maximum memory of recent messages in this process, in bytes. Clients resume from these
                messages without a reading of Redis.

        Raises:
            ConfigurationError: If a setting is invalid.
        """
        require_instance("backplane", url, str)
        require_instance("prefix", prefix, str)
        require_choice("outage", outage, ("raise", "local"))
        require_number("history_bytes", history_bytes, integer=True)
        self._client = RedisClient(url, prefix=prefix, on_up=self._up, on_down=self._down)
        super().__init__(tickets=RedisTicketStore(self._client), deliveries=RedisDeliveryStore(self._client))
        self._outage = outage
        self._history = RedisHistory(self._client, self._on_kept, self._count_unshared)
        self._followers: dict[Channel, Follower] = {}
        self._leaving: dict[Channel, asyncio.TimerHandle] = {}
        self._unnumbered: set[Channel] = set()
        """Channels with messages that were delivered without a number."""
        self._renewal: asyncio.Task[None] | None = None
        self._counters = FollowerCounters()
        self._check = PositionCheck(self._history, self._followers)
        self._budget = HistoryBudget(history_bytes, self._forget)
        self._closed = False

    @property
    def local(self) -> bool:
        """False, because other processes may exist."""
        return False

    @property
    def healthy(self) -> bool:
        """True while commands and subscriptions work."""
        self._start()
        return self._client.health.healthy

    @property
    def client(self) -> RedisClient:
        """Client of Redis."""
        return self._client

    @property
    def history(self) -> RedisHistory:
        """Histories of the channels, in Redis."""
        return self._history

    @property
    def latency(self) -> Histogram:
        """Times of the pipelines to Redis."""
        return self._client.latency

    def counters(self) -> Mapping[str, int]:
        """Return the counters of this process."""
        return {
            **super().counters(),
            **dataclasses.asdict(self._counters),
            "outages": self._client.health.outages,
            "reconnects": self._client.reconnects,
        }

    # Channels.

    async def follow(self, channel: Channel, history: Replay | None) -> None:
        """Receive the messages of a channel."""
        self._start()
        if (timer := self._leaving.pop(channel, None)) is not None:
            timer.cancel()
        follower = self._followers.get(channel)
        if follower is None:
            follower = Follower(channel, history, self._history, self._receiver, self._counters, self._budget)
            self._followers[channel] = follower
            self._client.subscriber.subscribe(follower.keys.pubsub.encode(), follower)
        await follower.wait(down=self._client.health.down)

    def unfollow(self, channel: Channel) -> None:
        """Stop receiving the messages of a channel, after a pause."""
        if channel in self._followers and channel not in self._leaving:
            loop = asyncio.get_running_loop()
            self._leaving[channel] = loop.call_later(UNFOLLOW_PAUSE, self._leave, channel)

    def _leave(self, channel: Channel) -> None:
        del self._leaving[channel]
        follower = self._followers.pop(channel)
        self._client.subscriber.unsubscribe(follower.keys.pubsub.encode())
        follower.close()

    def position(self, channel: Channel) -> Position | None:
        """Return the position of a followed channel in this process; None if it is not known yet."""
        follower = self._followers.get(channel)
        return None if follower is None else follower.position

    def recent(self, channel: Channel, position: Position) -> Sequence[KeptMessage] | Unknown | None:
        """Return the messages after a position from the memory of this process."""
        follower = self._followers.get(channel)
        if follower is None or follower.log is None or not follower.known:
            return Unknown.UNKNOWN
        follower.discard_expired()
        return follower.log.missed(position)

    async def missed(self, channel: Channel, position: Position) -> Sequence[KeptMessage] | None:
        """Return the messages after a position from Redis, up to the position of this process."""
        follower = self._followers.get(channel)
        return None if follower is None else await follower.missed(position)

    def _forget(self, channel: Channel) -> None:
        """Drop the recent messages of a channel; Redis has them."""
        follower = self._followers.get(channel)
        if follower is not None and follower.log is not None:
            follower.log.forget()

    # Publications.

    async def publish(self, publication: Publication) -> Position | None:
        """Publish a message to the followers of its channel in all processes."""
        self._start()
        if publication.history is None or publication.to is not None:
            self._receiver.deliver(publication)
            await self._history.publish_plain(publication)
            return None
        try:
            return await self._history.publish_kept(publication)
        except BackplaneDown:
            if self._outage == "raise":
                raise
        self._count_unshared()
        self._unnumbered.add(publication.channel)
        self._receiver.deliver(publication)
        if self._client.up:
            self._renew_unnumbered()
        return None

    def _on_kept(self, message: KeptMessage) -> None:
        """Deliver a message of this process as soon as it has a number."""
        if (follower := self._followers.get(message.channel)) is not None:
            follower.receive(message)

    def _count_unshared(self) -> None:
        self.unshared += 1

    # Outages.

    def _start(self) -> None:
        """Connect, unless that has begun. The backplane may have been created before the event loop."""
        if self._closed:
            return
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return
        self._client.start()
        self._check.start()

    def _up(self) -> None:
        """Repeat readings that failed while Redis was unreachable."""
        for follower in [*self._followers.values()]:
            if follower.unread:
                follower.read()
        self._renew_unnumbered()

    def _down(self) -> None:
        """End all waiting for Redis."""
        for follower in self._followers.values():
            follower.give_up()

    def _renew_unnumbered(self) -> None:
        if self._unnumbered and self._renewal is None:
            self._renewal = asyncio.get_running_loop().create_task(self._renew())

    async def _renew(self) -> None:
        """Begin new epochs for channels with unnumbered messages, so that clients detect the loss."""
        try:
            while self._unnumbered:
                channel = self._unnumbered.pop()  # a message during the renewal adds it again
                try:
                    await self._history.renew(channel, "")
                except BackplaneDown:
                    self._unnumbered.add(channel)
                    raise
                self._counters.renewals += 1
                if (follower := self._followers.get(channel)) is not None:
                    follower.read()
        except BackplaneDown:
            pass  # it continues when Redis is back
        finally:
            self._renewal = None

    # End.

    def close(self) -> None:
        """Disconnect permanently, without waiting. Keys and messages stay in Redis until they expire."""
        self._closed = True
        self._check.close()
        if self._renewal is not None:
            self._renewal.cancel()
        for timer in self._leaving.values():
            timer.cancel()
        self._leaving.clear()
        for follower in self._followers.values():
            follower.close()
        self._followers.clear()
        self._client.close()
        super().close()

    async def stop(self) -> None:
        """Disconnect permanently, and wait until the connections are closed."""
        await self.deliveries.stop()
        self.close()
        await self._client.stop()
