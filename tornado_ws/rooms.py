"""Send one message to many connections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, Protocol, TypeVar

from .registry import Member

__all__ = ["Publisher", "Room"]

MemberT = TypeVar("MemberT", bound=Member)
MessageT = TypeVar("MessageT")
MemberT_co = TypeVar("MemberT_co", bound=Member, covariant=True)


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
