"""Send one message to many connections."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

__all__ = ["Member", "Publisher", "ConnectionRegistry", "Room"]

MessageT = TypeVar("MessageT")


class Member(Protocol):
    """What can be registered: a handler, or a fake in a test."""

    @property
    def connection_id(self) -> str:
        """Unique among all connections of all processes."""
        ...


MemberT = TypeVar("MemberT", bound=Member)
MemberT_co = TypeVar("MemberT_co", bound=Member, covariant=True)


class ConnectionRegistry(Generic[MemberT]):
    """The open connections of one endpoint in this process. A room is there while somebody is in it."""

    def __init__(self) -> None:
        # Dictionaries and not sets: members are iterated in the order in which they came.
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
        """Register a connection."""
        self._members[member.connection_id] = member

    def remove(self, member: MemberT) -> None:
        """Forget a connection and take it out of its rooms; harmless if it is not there."""
        for room in tuple(self._rooms_of.get(member.connection_id, ())):
            self.leave(member, room)
        self._members.pop(member.connection_id, None)

    def get(self, connection_id: str) -> MemberT | None:
        """Return the connection with this id, if it is open here."""
        return self._members.get(connection_id)

    def join(self, member: MemberT, room: str) -> bool:
        """Put a connection into a room; tell whether it was not in it.

        One that has closed stays out: nobody would take it out again.
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
        """Take a connection out of a room; tell whether it was in it."""
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
        """Return who is in a room, or everybody; a snapshot."""
        return tuple((self._members if room is None else self._rooms.get(room, {})).values())

    def rooms(self) -> Collection[str]:
        """Return the rooms that somebody is in."""
        return tuple(self._rooms)

    def rooms_of(self, member: MemberT) -> Collection[str]:
        """Return the rooms that a connection is in."""
        return tuple(self._rooms_of.get(member.connection_id, ()))


class Publisher(Protocol[MemberT_co]):
    """What a room stands upon."""

    def members(self, room: str | None) -> Sequence[MemberT_co]:
        """Return who is in a room, or everybody, in this process."""
        ...

    async def publish(
        self,
        message: object,
        *,
        room: str | None,
        exclude: Iterable[Member],
        where: Callable[[MemberT_co], bool] | None,
    ) -> None:
        """Bring a message to a room, or to everybody, in all processes."""
        ...


class Room(Generic[MemberT, MessageT]):
    """The connections that have joined under a name, or all of an endpoint. Rooms need not be made."""

    def __init__(self, name: str | None, publisher: Publisher[MemberT]) -> None:
        self.name = name
        """None: everybody."""
        self._publisher = publisher

    @property
    def members(self) -> Sequence[MemberT]:
        """Those of this process, in the order in which they came; a snapshot."""
        return self._publisher.members(self.name)

    def __len__(self) -> int:
        return len(self.members)

    async def send(
        self,
        message: MessageT,
        *,
        exclude: Iterable[Member] = (),
        where: Callable[[MemberT], bool] | None = None,
    ) -> None:
        """Send a message to all members, of all processes. It is encoded once, and waits for none of them.

        Args:
            message: An instance of a message class.
            exclude: Connections that do not get it.
            where: Chooses the connections that get it. A function cannot travel, so all must be in this process.

        Raises:
            InvalidMessage: The message is not what the schema says; nobody gets it.
            TypeError: Its class is none that the schema lets the server send, or it cannot be sent to some only.
        """
        await self._publisher.publish(message, room=self.name, exclude=exclude, where=where)
