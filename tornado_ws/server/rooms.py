"""Open connections of an endpoint, and their rooms."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

__all__ = ["ConnectionRegistry", "Member", "Publisher", "Room"]

MessageT = TypeVar("MessageT")


class Member(Protocol):
    """Member of a room: a handler, its :class:`.ConnectedClient`, or a fake in tests."""

    @property
    def connection_id(self) -> str:
        """Id of the connection, unique among all processes."""
        ...


MemberT = TypeVar("MemberT", bound=Member)
MemberT_co = TypeVar("MemberT_co", bound=Member, covariant=True)


class ConnectionRegistry(Generic[MemberT]):
    """Open connections of one endpoint in this process. A room exists while it has members."""

    def __init__(self) -> None:
        # Dictionaries instead of sets, to iterate over members in the order of joining.
        self._members: dict[str, MemberT] = {}
        self._rooms: dict[str, dict[str, MemberT]] = {}
        self._rooms_of: dict[str, set[str]] = {}

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[MemberT]:
        return iter(tuple(self._members.values()))

    def __contains__(self, member: MemberT) -> bool:
        return member.connection_id in self._members

    def add(self, member: MemberT) -> None:
        """Add a connection."""
        self._members[member.connection_id] = member

    def remove(self, member: MemberT) -> None:
        """Remove a connection from the registry and its rooms; does nothing if it is not registered."""
        for room in tuple(self._rooms_of.get(member.connection_id, ())):
            self.leave(member, room)
        self._members.pop(member.connection_id, None)

    def get(self, connection_id: str) -> MemberT | None:
        """Return the connection with an id; None if it is not open in this process."""
        return self._members.get(connection_id)

    def join(self, member: MemberT, room: str) -> bool:
        """Add a connection to a room.

        Returns:
            False if it is already a member, or is closed: a closed connection would never be removed.
        """
        if member not in self:
            return False
        members = self._rooms.setdefault(room, {})
        if member.connection_id in members:
            return False
        members[member.connection_id] = member
        self._rooms_of.setdefault(member.connection_id, set()).add(room)
        return True

    def leave(self, member: MemberT, room: str) -> bool:
        """Remove a connection from a room; return False if it is not a member."""
        members = self._rooms.get(room, {})
        if members.pop(member.connection_id, None) is None:
            return False
        if not members:
            del self._rooms[room]
        rooms = self._rooms_of[member.connection_id]
        rooms.discard(room)
        if not rooms:
            del self._rooms_of[member.connection_id]
        return True

    def members(self, room: str | None = None) -> Sequence[MemberT]:
        """Return a snapshot of the members of a room, or of all connections."""
        return tuple((self._members if room is None else self._rooms.get(room, {})).values())

    def rooms(self) -> Collection[str]:
        """Return the names of all rooms."""
        return tuple(self._rooms)

    def rooms_of(self, member: MemberT) -> Collection[str]:
        """Return the names of a connection's rooms."""
        return tuple(self._rooms_of.get(member.connection_id, ()))


class Publisher(Protocol[MemberT_co]):
    """Publisher of messages to rooms (:class:`.EndpointServer`)."""

    def members(self, room: str | None) -> Sequence[MemberT_co]:
        """Return the members of a room, or of the whole endpoint, in this process."""
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


class Room(Generic[MemberT, MessageT]):
    """Room of an endpoint, or all of its connections. Rooms exist without creation."""

    def __init__(self, name: str | None, publisher: Publisher[MemberT]) -> None:
        self.name = name
        """Name of the room; None for the whole endpoint."""
        self._publisher = publisher

    @property
    def members(self) -> Sequence[MemberT]:
        """Snapshot of the members in this process, in the order of joining."""
        return self._publisher.members(self.name)

    def __len__(self) -> int:
        return len(self.members)

    async def send(
        self,
        message: MessageT,
        *,
        exclude: Iterable[Member] = (),
        filter: Callable[[MemberT], bool] | None = None,
    ) -> None:
        """Send a message to all members in all processes. It is encoded once, and does not wait for slow clients.

        Args:
            message: Instance of a message class.
            exclude: Connections that do not receive it.
            filter: Predicate for members that receive it; only with a single process.

        Raises:
            InvalidMessage: If the message violates the schema; nothing was sent.
            TypeError: If the message class is not a message of the server, or recipients cannot be selected this way.
            WrongThread: If the event loop runs in another thread; see :meth:`.WebSocketController.call_from_thread`.
        """
        await self._publisher.publish(message, room=self.name, exclude=exclude, filter=filter)
