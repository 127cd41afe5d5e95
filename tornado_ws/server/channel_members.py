"""Members of one channel in this process."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from ..channels import Channel
from ..websocket import Connection

__all__ = ["ChannelMember", "ChannelMembers", "Recipients"]

_numbers: Final = itertools.count(1)


class ChannelMember(Protocol):
    """Member of a channel (:class:`.ConnectedClient`)."""

    @property
    def connection_id(self) -> str:
        """Id of the connection, unique among all processes."""
        ...

    @property
    def connection(self) -> Connection | None:
        """Connection; None once it has ended."""
        ...

    @property
    def has_subprotocol(self) -> bool:
        """True if the client understands frames that begin with ``$``."""
        ...


MemberT = TypeVar("MemberT", bound=ChannelMember)


class Recipients(NamedTuple):
    """Connections of members."""

    numbered: Sequence[Connection]
    """Connections of clients that offered ``tornado-ws.1``: their messages have a number and a mark."""
    plain: Sequence[Connection]
    """Other connections."""


class ChannelMembers(Generic[MemberT]):
    """Members of one channel in this process, in the order of joining.

    It exists from the first join, which follows the channel in the backplane, until the last member has left.
    """

    __slots__ = ("_members", "_recipients", "announced", "channel", "followed", "joining", "number")

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.number = next(_numbers)
        """Number of the channel in frames, the same for all connections, and never used again in this process."""
        self.joining = 0
        """Number of connections that wait for the backplane."""
        self.followed = False
        """True once the backplane delivers the messages of the channel."""
        self.announced = False
        """True once the position is known, so that members have received ``$joined``."""
        self._members: dict[str, MemberT] = {}
        self._recipients: Recipients | None = None

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, member: MemberT) -> bool:
        return member.connection_id in self._members

    @property
    def used(self) -> bool:
        """True if the channel has members, or connections wait to join."""
        return bool(self._members) or self.joining > 0

    @property
    def members(self) -> Collection[MemberT]:
        """Members, in the order of joining."""
        return self._members.values()

    def add(self, member: MemberT) -> bool:
        """Add a member; return False if it is one already."""
        if member.connection_id in self._members:
            return False
        self._members[member.connection_id] = member
        self._recipients = None
        return True

    def remove(self, member: MemberT) -> bool:
        """Remove a member; return False if it is not one."""
        if self._members.pop(member.connection_id, None) is None:
            return False
        self._recipients = None
        return True

    def recipients(self) -> Recipients:
        """Return the connections of all members."""
        if self._recipients is None:
            self._recipients = _recipients(self._members.values())
        return self._recipients

    def split(self, exclude: frozenset[str]) -> tuple[Recipients, Recipients]:
        """Return the connections of members without some ids, and of those with them."""
        members = self._members
        excluded = [members[id] for id in exclude if id in members]
        if not excluded:
            return self.recipients(), Recipients((), ())
        others = [member for id, member in members.items() if id not in exclude]
        return _recipients(others), _recipients(excluded)


def _recipients(members: Collection[ChannelMember]) -> Recipients:
    numbered: list[Connection] = []
    plain: list[Connection] = []
    for member in members:
        if (connection := member.connection) is not None:
            (numbered if member.has_subprotocol else plain).append(connection)
    return Recipients(numbered, plain)
