"""Presence in the rooms of one endpoint, for the connections of this process."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

from tornado.httputil import HTTPServerRequest

from ..channels import Channel
from ..errors import is_final
from ..limits import Rate, RateLimiter
from ..presence import Device, SharedPresence
from ..validation.codec import Codec
from ..validation.envelopes import PAGE_PARAMETER, PresenceRequestData
from .channel_members import ChannelMember
from .room_presence import RoomPresence
from .rooms import ConnectionRegistry

__all__ = ["EndpointPresence", "page_key"]


PAGE: Final = re.compile(rb"[A-Za-z0-9_-]{22}")

MemberT = TypeVar("MemberT", bound=ChannelMember)


class _Client:
    """State of one connection."""

    __slots__ = ("limiter", "rooms", "waiting")

    def __init__(self, rate: Rate | None) -> None:
        self.rooms: dict[str | None, Device | None] = {}
        """Rooms with presence, and the device of the connection in each."""
        self.limiter = None if rate is None else RateLimiter(rate)
        self.waiting: dict[int, PresenceRequestData] = {}
        """Newest requests that wait for the rate, by the number of the channel."""


class EndpointPresence(Generic[MemberT]):
    """Presence in the rooms of one endpoint."""

    def __init__(
        self,
        registry: ConnectionRegistry[MemberT],
        shared: SharedPresence,
        codec: Codec,
        *,
        grace: float,
        rate: Rate | None,
        clock: Callable[[], float],
    ) -> None:
        """Begin without devices.

        Args:
            registry: Connections of the endpoint, and their rooms.
            shared: Presence of the process.
            codec: Codec of the metadata.
            grace: Seconds for which a device stays after the end of its connection (:attr:`.Limits.presence_grace`).
            rate: Rate of requests of one connection (:attr:`.Limits.resumes`).
            clock: Current time, in seconds.
        """
        self._registry = registry
        self._shared = shared
        self._codec = codec
        self._grace = grace
        self._rate = rate
        self._clock = clock
        self._rooms: dict[str | None, RoomPresence] = {}
        self._clients: dict[str, _Client] = {}

    # Members.

    async def enter(self, member: MemberT, room: str | None) -> None:
        """Offer the presence of a room to a new member."""
        channel = self._registry.channel(room)
        if channel is None or member not in channel:
            return  # it has left
        presence = self._rooms.get(room) or self._open(channel.channel)
        try:
            await presence.follow()
        except BaseException:  # also the end of the connection
            presence.remove(member.connection_id)
            raise
        channel = self._registry.channel(room)
        if channel is None or member not in channel:
            presence.remove(member.connection_id)
            return
        self._clients.setdefault(member.connection_id, _Client(self._rate)).rooms.setdefault(room)
        presence.offer(member)

    def leave(self, member: MemberT, room: str | None) -> None:
        """End the device of a member that leaves a room."""
        client, presence = self._clients.get(member.connection_id), self._rooms.get(room)
        if client is None or presence is None:
            return
        if (device := client.rooms.pop(room, None)) is not None:
            presence.untrack(device)
        presence.remove(member.connection_id)

    def connection_lost(self, member: MemberT, code: int | None) -> None:
        """End the devices of a connection, after the grace time if its client may return.

        Args:
            member: Client of the connection.
            code: Close code of the server; None if it has not closed the connection.
        """
        if (client := self._clients.pop(member.connection_id, None)) is None:
            return
        is_final_code = code is not None and is_final(code)
        for room, device in client.rooms.items():
            if (presence := self._rooms.get(room)) is None:
                continue
            presence.remove(member.connection_id)
            if device is None:
                continue
            if is_final_code or device.key == member.connection_id:  # no other connection has this key
                presence.untrack(device)
            else:
                presence.leave(device)

    def track(self, member: MemberT, metadata: object, room: str | None, key: str) -> None:
        """Add the device of a connection to a room, or change its metadata.

        Raises:
            InvalidMessage: If the metadata violates the schema.
            ValueError: If the connection is not in the room, or the key is empty.
        """
        if not key:
            raise ValueError("track: expected a key, got an empty text")
        text = self._codec.encode_presence(metadata)
        if member not in self._registry:
            return  # closed
        client, presence = self._clients.get(member.connection_id), self._rooms.get(room)
        if client is None or presence is None or room not in client.rooms:
            raise ValueError(f"track: expected a room of this connection, got {room!r}; await self.join({room!r})")
        client.rooms[room] = presence.track(client.rooms[room], key, text)

    def untrack(self, member: MemberT, room: str | None) -> None:
        """End the device of a connection in a room, if there is one."""
        client, presence = self._clients.get(member.connection_id), self._rooms.get(room)
        if client is None or presence is None or (device := client.rooms.get(room)) is None:
            return
        client.rooms[room] = None
        presence.untrack(device)

    def request(self, member: MemberT, data: PresenceRequestData) -> None:
        """Send the presence of a channel, as soon as the rate allows. The number of a left channel is ignored."""
        client, channel = self._clients.get(member.connection_id), self._registry.numbered(data.ch)
        if client is None or channel is None or channel.channel.room not in client.rooms:
            return
        delay = 0.0 if client.limiter is None else client.limiter.acquire(self._clock())
        if not delay:
            client.waiting.pop(data.ch, None)
            self._answer(member, data, channel.channel.room)
        else:
            is_waiting = data.ch in client.waiting
            client.waiting[data.ch] = data
            if not is_waiting:
                asyncio.get_running_loop().call_later(delay, self._request_again, member, data.ch)

    # State.

    def present(self, room: str | None) -> Mapping[str, Sequence[Any]]:
        """Return the metadata of the devices in a room, by key; begin to follow it if it has no members."""
        presence = self._rooms.get(room)
        if self._registry.channel(room) is None and not self._shared.local:
            presence = presence or self._open(Channel(self._codec.endpoint.name, room))
            presence.hold()
        return {} if presence is None else presence.values(self._codec.decode_presence)

    @property
    def connected(self) -> int:
        """Number of devices with a connection of this process, in all rooms."""
        return sum(room.connected for room in self._rooms.values())

    def _request_again(self, member: MemberT, number: int) -> None:
        client = self._clients.get(member.connection_id)
        if client is not None and (data := client.waiting.pop(number, None)) is not None:
            self.request(member, data)

    def _answer(self, member: MemberT, data: PresenceRequestData, room: str | None) -> None:
        presence, connection = self._rooms.get(room), member.connection
        if presence is not None and connection is not None:
            presence.answer(member.connection_id, connection, data.epoch, data.seq)

    def _open(self, channel: Channel) -> RoomPresence:
        room = channel.room
        presence = self._rooms[room] = RoomPresence(
            channel,
            self._shared,
            grace=self._grace,
            clock=self._clock,
            find_members=lambda: self._registry.channel(room),
            on_end=self._end,
        )
        return presence

    def _end(self, presence: RoomPresence) -> None:
        if self._rooms.get(presence.room) is presence:
            del self._rooms[presence.room]


def page_key(request: HTTPServerRequest) -> str | None:
    """Return the key of the page that has sent a handshake; None for clients that do not name themselves.

    It is a hash, so that others who see the key cannot use the name of the page.
    """
    match request.query_arguments.get(PAGE_PARAMETER):
        case [page] if PAGE.fullmatch(page):
            return base64.urlsafe_b64encode(hashlib.sha256(page).digest())[:22].decode()
        case _:
            return None
