"""Channels of one endpoint: joining, leaving, and delivery to the members in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

from ..channels import Backplane, Channel, KeptMessage, Position
from ..endpoint import Replay
from ..session.statistics import EndpointStatistics
from ..validation.channel_frames import encode_joined, encode_kept, encode_left, encode_reset, encode_skip, message_name
from ..websocket import Connection, WriteBatch, prepare_frame
from .channel_members import ChannelMember, ChannelMembers
from .rooms import ConnectionRegistry

__all__ = ["EndpointChannels", "ResumableMember"]


class ResumableMember(ChannelMember, Protocol):
    """Member that can resume a channel (:class:`.ConnectedClient`)."""

    def cancel_resume(self, number: int) -> None:
        """Cancel the answer to ``$resume`` for a channel, if there is one."""
        ...


MemberT = TypeVar("MemberT", bound=ResumableMember)


class EndpointChannels(Generic[MemberT]):
    """Channels of one endpoint in this process.

    A client receives kept messages of a channel only after ``$joined``, and from then on every one of them.
    """

    def __init__(
        self, endpoint: str, backplane: Backplane, history: Replay | None, *, clock: Callable[[], float]
    ) -> None:
        """Begin without members.

        Args:
            endpoint: Name of the endpoint.
            backplane: Backplane of the controller.
            history: Bounds of the history of each channel; None if the endpoint has no kept messages.
            clock: Current time, in seconds.
        """
        self.registry: ConnectionRegistry[MemberT] = ConnectionRegistry(endpoint, backplane.unfollow)
        """Open connections and their rooms."""
        self.statistics: EndpointStatistics | None = None
        """Numbers of messages; None to count nothing."""
        self.offers_presence = False
        """True if clients know the numbers of all channels, because they can request their presence."""
        self._backplane = backplane
        self._history = history
        self._clock = clock
        self._joins: dict[tuple[str, str | None], bool] = {}
        """Joins that wait for the backplane, by connection and room; True once the connection has left the room."""

    async def join(self, member: MemberT, room: str | None) -> None:
        """Add a connection to a room, or to the endpoint's own channel. It waits only if no other member is there."""
        registry = self.registry
        if member not in registry:
            return  # closed
        channel = registry.open(room)
        join = (member.connection_id, room)
        left = False
        if not channel.followed:
            channel.joining += 1
            self._joins[join] = False
            try:
                await self._backplane.follow(channel.channel, self._history)
                channel.followed = True
            finally:
                channel.joining -= 1
                left = self._joins.pop(join, False)
                if not channel.followed:
                    registry.close_unused(room)
        # In the same iteration of the event loop as the position, so that all later messages are delivered.
        if not left and registry.join(member, room):
            self._announce(channel, member)
        else:
            registry.close_unused(room)

    def leave(self, member: MemberT, room: str) -> None:
        """Remove a connection from a room."""
        channel = self.registry.channel(room)
        if channel is None or not self.registry.leave(member, room):
            if (join := (member.connection_id, room)) in self._joins:
                self._joins[join] = True
            return
        member.cancel_resume(channel.number)
        is_known = channel.announced or self.offers_presence
        if is_known and member.has_subprotocol and (connection := member.connection) is not None:
            connection.send_text(encode_left(channel.number))

    def deliver_kept(self, message: KeptMessage) -> None:
        """Send a kept message to the members of its channel, and its number to excluded members."""
        channel = self.registry.channel(message.channel.room)
        if channel is None or not len(channel):
            return
        epoch, seq, _ = position = message.position
        if not channel.announced:
            self._announce_to_all(channel, Position(epoch, seq - 1, message.previous))
        if message.exclude:
            recipients, excluded = channel.split(message.exclude)
            self._send(encode_skip(channel.number, position), excluded.numbered)
        else:
            recipients = channel.recipients()
        self._send(encode_kept(channel.number, position, message.text), recipients.numbered)
        self._send(message.text, recipients.plain)
        if self.statistics is not None and (name := message_name(message.text)) in self.statistics.sent:
            self.statistics.count_sent(name, len(recipients.numbered) + len(recipients.plain))

    def reset(self, channel: Channel, position: Position) -> None:
        """Send a new position to the members of a channel."""
        members = self.registry.channel(channel.room)
        if members is None:
            return
        if not members.announced:
            self._announce_to_all(members, position)
            return
        for member in members.members:
            member.cancel_resume(members.number)
        self._send(encode_reset(members.number, position), members.recipients().numbered)

    def _announce(self, channel: ChannelMembers[MemberT], member: MemberT) -> None:
        """Send ``$joined`` to a new member, if the position is known; otherwise :meth:`reset` sends it later."""
        if self._history is None or (position := self._backplane.position(channel.channel)) is None:
            return
        if not channel.announced:
            self._announce_to_all(channel, position)
        elif member.has_subprotocol and (connection := member.connection) is not None:
            connection.send_text(encode_joined(channel.number, channel.channel.id, position))

    def _announce_to_all(self, channel: ChannelMembers[MemberT], position: Position) -> None:
        channel.announced = True
        text = encode_joined(channel.number, channel.channel.id, position)
        self._send(text, channel.recipients().numbered)

    def _send(self, text: bytes, recipients: Sequence[Connection]) -> None:
        if recipients:
            WriteBatch.current().broadcast(prepare_frame(text), recipients, self._clock())
