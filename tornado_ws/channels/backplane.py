"""Backplane: channels, one-time tickets and acknowledgements that the processes of one application share."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from typing import Protocol

from ..endpoint import Replay
from ..errors import ConfigurationError
from ..histogram import Histogram
from .channel import Channel, KeptMessage, Position
from .channel_log import Unknown
from .delivery_store import DeliveryStore
from .publication import Publication
from .ticket_store import TicketStore

__all__ = ["Backplane", "ChannelReceiver"]


class ChannelReceiver(Protocol):
    """Receiver of the messages of followed channels, for the connections of this process. Its methods never raise."""

    def deliver(self, publication: Publication) -> None:
        """Deliver a message that is not kept."""
        ...

    def deliver_kept(self, message: KeptMessage) -> None:
        """Deliver the next kept message of a channel."""
        ...

    def reset(self, channel: Channel, position: Position) -> None:
        """Continue at a position: it became known after :meth:`Backplane.follow`, or messages before it are lost."""
        ...


class Backplane(abc.ABC):
    """Channels, tickets and acknowledgements of one application. Use it from one event loop."""

    tickets: TicketStore
    """Store for the keys of one-time URLs."""
    deliveries: DeliveryStore
    """Store for notes about acknowledged messages."""

    def __init__(self, *, tickets: TicketStore, deliveries: DeliveryStore) -> None:
        self.tickets = tickets
        self.deliveries = deliveries
        self.unshared = 0
        """Number of messages that reached only this process, because the backplane was unreachable."""
        self._receiver: ChannelReceiver = _NoReceiver()

    def attach(self, receiver: ChannelReceiver) -> None:
        """Set the receiver of this process. Call it once, before :meth:`follow` and :meth:`publish`.

        Raises:
            ConfigurationError: If there is one already, whose messages would be lost.
        """
        if not isinstance(self._receiver, _NoReceiver):
            raise ConfigurationError("backplane", "expected a backplane of its own, got that of another controller")
        self._receiver = receiver

    @property
    @abc.abstractmethod
    def local(self) -> bool:
        """True if this is the only process, so that a filter can select among all connections."""

    @property
    def healthy(self) -> bool:
        """True while this process can publish, and receives the messages of other processes."""
        return True

    @property
    def latency(self) -> Histogram | None:
        """Times of the commands to a server; None if there is no server."""
        return None

    def counters(self) -> Mapping[str, int]:
        """Return the counters of this process, for monitoring."""
        return {"unshared": self.unshared}

    # Channels.

    @abc.abstractmethod
    async def follow(self, channel: Channel, history: Replay | None) -> None:
        """Receive the messages of a channel from now on, until :meth:`unfollow`.

        Returns when this process is subscribed and, with a history, the position is known. Returns at once if the
        backplane is unreachable; :meth:`ChannelReceiver.reset` follows as soon as it is back. A repeated call waits for
        the same result.

        Args:
            channel: Channel.
            history: Bounds of the channel's history; None if its messages are never kept.
        """

    @abc.abstractmethod
    def unfollow(self, channel: Channel) -> None:
        """Stop receiving the messages of a channel, after a pause, since rooms are often joined again."""

    @abc.abstractmethod
    def position(self, channel: Channel) -> Position | None:
        """Return the position of a followed channel in this process.

        Every later message is delivered to the receiver. None if the position is not known yet.
        """

    @abc.abstractmethod
    async def publish(self, publication: Publication) -> Position | None:
        """Publish a message to the followers of its channel in all processes.

        Returns:
            Position of a kept message; None for others, or if ``outage="local"`` delivered it without a number.

        Raises:
            BackplaneDown: If a message to keep cannot be kept. It may still arrive, if the answer was lost.
        """

    @abc.abstractmethod
    def recent(self, channel: Channel, position: Position) -> Sequence[KeptMessage] | Unknown | None:
        """Return the messages after a position from the memory of this process; see :meth:`.ChannelLog.missed`."""

    @abc.abstractmethod
    async def missed(self, channel: Channel, position: Position) -> Sequence[KeptMessage] | None:
        """Return the messages after a position, up to the position of this process, from the shared history.

        Waits while the backplane is unreachable.

        Returns:
            Messages, oldest first; None if some are not kept, or the position is of another sequence.
        """

    # End.

    def close(self) -> None:
        """Disconnect permanently, without waiting. Keys and messages in the memory of this process are discarded."""
        self.tickets.close()
        self.deliveries.close()

    async def stop(self) -> None:
        """Disconnect permanently, and wait until the connections are closed."""
        self.close()


class _NoReceiver:
    def deliver(self, publication: Publication) -> None:
        raise RuntimeError(f"{publication.name} was published before a controller was attached to this backplane")

    def deliver_kept(self, message: KeptMessage) -> None:
        raise RuntimeError("a message was published before a controller was attached to this backplane")

    def reset(self, channel: Channel, position: Position) -> None:
        raise RuntimeError("a channel was followed before a controller was attached to this backplane")
