"""Know which connections are open, and which rooms they are in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

__all__ = ["Member", "Registry"]


class Member(Protocol):
    """What can be registered: a handler, or a fake in a test."""

    @property
    def connection_id(self) -> str:
        """Unique among all connections of all processes."""
        ...


MemberT = TypeVar("MemberT", bound=Member)


class Registry(Generic[MemberT]):
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
