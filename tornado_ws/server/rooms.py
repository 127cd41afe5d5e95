"""Open connections of an endpoint, and their rooms."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from ..channels import Channel
from .channel_members import ChannelMember, ChannelMembers

__all__ = ["ConnectionRegistry", "Member", "Publisher", "Room"]

MessageT = TypeVar("MessageT")


class Member(Protocol):
    """Member of a room: a handler, its :class:`.ConnectedClient`, or a fake in tests."""

    @property
    def connection_id(self) -> str:
        """Id of the connection, unique among all processes."""
        ...


PresenceT = TypeVar("PresenceT")
PresenceT_contra = TypeVar("PresenceT_contra", contravariant=True)
MemberT_co = TypeVar("MemberT_co", bound=Member, covariant=True)
ConnectionT = TypeVar("ConnectionT", bound=ChannelMember)


class ConnectionRegistry(Generic[ConnectionT]):
    """Open connections of one endpoint in this process, and their channels: rooms, and the endpoint itself."""

    def __init__(self, endpoint: str, on_unused: Callable[[Channel], None]) -> None:
        """Begin without connections.

        Args:
            endpoint: Name of the endpoint.
            on_unused: Function that is called when the last member has left a channel.
        """
        self._endpoint = endpoint
        self._on_unused = on_unused
        # Dictionaries instead of sets, to iterate over members in the order of joining.
        self._connections: dict[str, ConnectionT] = {}
        self._channels: dict[str | None, ChannelMembers[ConnectionT]] = {}
        self._by_number: dict[int, ChannelMembers[ConnectionT]] = {}
        self._rooms_of: dict[str, set[str]] = {}

    def __len__(self) -> int:
        return len(self._connections)

    def __iter__(self) -> Iterator[ConnectionT]:
        return iter(tuple(self._connections.values()))

    def __contains__(self, connection: ConnectionT) -> bool:
        return connection.connection_id in self._connections

    def add(self, connection: ConnectionT) -> None:
        """Add a connection."""
        self._connections[connection.connection_id] = connection

    def remove(self, connection: ConnectionT) -> None:
        """Remove a connection from the registry and its channels; does nothing if it is not registered."""
        if self._connections.pop(connection.connection_id, None) is None:
            return
        for room in (None, *self._rooms_of.get(connection.connection_id, ())):
            self.leave(connection, room)

    def get(self, connection_id: str) -> ConnectionT | None:
        """Return the connection with an id; None if it is not open in this process."""
        return self._connections.get(connection_id)

    # Channels. The room None is the endpoint itself.

    def channel(self, room: str | None) -> ChannelMembers[ConnectionT] | None:
        """Return the members of a channel; None if there are none."""
        return self._channels.get(room)

    def numbered(self, number: int) -> ChannelMembers[ConnectionT] | None:
        """Return the members of the channel with a number; None if there are none."""
        return self._by_number.get(number)

    def open(self, room: str | None) -> ChannelMembers[ConnectionT]:
        """Return the members of a channel, which may have none yet. Then :meth:`join` or :meth:`close_unused` it."""
        channel = self._channels.get(room)
        if channel is None:
            channel = self._channels[room] = ChannelMembers(Channel(self._endpoint, room))
            self._by_number[channel.number] = channel
        return channel

    def close_unused(self, room: str | None) -> None:
        """Remove a channel that is not used."""
        if (channel := self._channels.get(room)) is not None and not channel.used:
            del self._channels[room]
            del self._by_number[channel.number]
            self._on_unused(channel.channel)

    def join(self, connection: ConnectionT, room: str | None) -> bool:
        """Add a connection to a channel.

        Returns:
            False if it is already a member, or is closed: a closed connection would never be removed.
        """
        if connection not in self or not self.open(room).add(connection):
            return False
        if room is not None:
            self._rooms_of.setdefault(connection.connection_id, set()).add(room)
        return True

    def leave(self, connection: ConnectionT, room: str | None) -> bool:
        """Remove a connection from a channel; return False if it is not a member."""
        channel = self._channels.get(room)
        if channel is None or not channel.remove(connection):
            return False
        if room is not None:
            rooms = self._rooms_of[connection.connection_id]
            rooms.discard(room)
            if not rooms:
                del self._rooms_of[connection.connection_id]
        self.close_unused(room)
        return True

    def members(self, room: str | None = None) -> Sequence[ConnectionT]:
        """Return a snapshot of the members of a room, or of all connections."""
        if room is None:
            return tuple(self._connections.values())
        channel = self._channels.get(room)
        return () if channel is None else tuple(channel.members)

    def rooms(self) -> Collection[str]:
        """Return the names of all rooms with members."""
        return tuple(room for room, channel in self._channels.items() if room is not None and len(channel))

    def rooms_of(self, connection: ConnectionT) -> Collection[str]:
        """Return the names of a connection's rooms."""
        return tuple(self._rooms_of.get(connection.connection_id, ()))


class Publisher(Protocol[MemberT_co]):
    """Publisher of messages to rooms (:class:`.EndpointServer`)."""

    def members(self, room: str | None) -> Sequence[MemberT_co]:
        """Return the members of a room, or of the whole endpoint, in this process."""
        ...

    def present(self, room: str | None) -> Mapping[str, Sequence[Any]]:
        """Return the metadata of the tracked devices in a room, by key."""
        ...

    async def publish(
        self,
        message: object,
        *,
        room: str | None,
        exclude: Iterable[Member],
        filter: Callable[[MemberT_co], bool] | None,
    ) -> None:
        """Send a message to a room, or to the whole endpoint, in all processes."""
        ...


class Tracking(Member, Protocol[PresenceT_contra]):
    """Handler of an endpoint with presence (:class:`.PresenceHandler`)."""

    async def track(self, metadata: PresenceT_contra, *, room: str | None = None, key: str | None = None) -> None:
        """Add the device of this client to a room."""
        ...


class Room(Generic[MemberT_co, MessageT]):
    """Room of an endpoint, or all of its connections. Rooms exist without creation."""

    def __init__(self, name: str | None, publisher: Publisher[MemberT_co]) -> None:
        self.name = name
        """Name of the room; None for the whole endpoint."""
        self._publisher = publisher

    @property
    def members(self) -> Sequence[MemberT_co]:
        """Snapshot of the members in this process, in the order of joining."""
        return self._publisher.members(self.name)

    def __len__(self) -> int:
        return len(self.members)

    def present(self: Room[Tracking[PresenceT], Any]) -> Mapping[str, Sequence[PresenceT]]:
        """Return the metadata of the tracked devices in all processes, by key: several devices of a user have one key.

        Without a connection of this process in the room, the first call begins to follow it, and returns an empty
        mapping; those of the next minute return the devices of the other processes.

        Raises:
            WrongThread: If the event loop runs in another thread.
        """
        return self._publisher.present(self.name)

    async def send(
        self,
        message: MessageT,
        *,
        exclude: Iterable[Member] = (),
        filter: Callable[[MemberT_co], bool] | None = None,
    ) -> None:
        """Send a message to all members in all processes. It is encoded once, and does not wait for slow clients.

        A message with ``replay`` is kept when this returns.

        Args:
            message: Instance of a message class.
            exclude: Connections that do not receive it.
            filter: Predicate for members that receive it; only with a single process, and not for kept messages.

        Raises:
            InvalidMessage: If the message violates the schema; nothing was sent.
            BackplaneDown: If a message with ``replay`` cannot be kept. It may still arrive, if only the answer of the
                backplane was lost. Other messages then reach the connections of this process.
            TypeError: If the message class is not a message of the server, or recipients cannot be selected this way.
            WrongThread: If the event loop runs in another thread; see :meth:`.WebSocketController.call_from_thread`.
        """
        await self._publisher.publish(message, room=self.name, exclude=exclude, filter=filter)
