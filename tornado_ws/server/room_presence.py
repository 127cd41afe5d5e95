"""Presence in one room of an endpoint: its entries, and the clients that follow them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ..channels import Channel
from ..errors import InvalidFrame
from ..loggers import BACKPLANE
from ..presence import ChannelPresence, Device, Entry, SharedPresence
from ..presence.presence_set import Changes
from ..validation.presence_frames import encode_offer, with_channel
from ..websocket import Connection, WriteBatch, prepare_frame
from .channel_members import ChannelMember, ChannelMembers
from .presence_log import PresenceLog

__all__ = ["RoomPresence"]

INVALID: Final = object()
"""Metadata that violates the schema of this process."""
HOLD_SECONDS: Final = 60.0
"""Seconds for which a room without members is followed after its users were read."""
FRAMES_PER_ITERATION: Final = 4
"""Number of frames that one client receives before other work of the event loop continues."""
CHANGED: Final = "$changed"
PRESENT: Final = "$present"


class RoomPresence:
    """Presence in one room, or in the whole endpoint, from the first member of this process to the last."""

    def __init__(
        self,
        channel: Channel,
        shared: SharedPresence,
        *,
        grace: float,
        clock: Callable[[], float],
        find_members: Callable[[], ChannelMembers[Any] | None],  # Any: only its number and members are used
        on_end: Callable[[RoomPresence], None],
    ) -> None:
        """Begin without entries.

        Args:
            channel: Channel of the endpoint.
            shared: Presence of the process.
            grace: Seconds for which a device stays after the end of its connection.
            clock: Current time, in seconds.
            find_members: Function that returns the members of the channel; None if there are none.
            on_end: Function that is called when the presence ends.
        """
        self.room = channel.room
        """Name of the room; None for the whole endpoint."""
        self._log = PresenceLog()
        self._presence: ChannelPresence = shared.open(channel, grace, self)
        self._grace = grace
        self._shared = shared
        self._clock = clock
        self._find_members = find_members
        self._on_end = on_end
        self._channel_id = channel.id
        self._is_offered = False
        """True once a device is tracked. Rooms without presence cost their members nothing."""
        self._followers: dict[str, Connection] = {}
        """Connections that receive changes, by their ids."""
        self._answers: dict[str, asyncio.Task[None]] = {}
        """Answers that wait for slow clients, by the ids of the connections."""
        self._values: dict[str, tuple[bytes, Any]] = {}
        """Decoded metadata, with its text, by id."""
        self._following: asyncio.Task[None] | None = None
        self._holding: asyncio.TimerHandle | None = None
        """Timer of the time for which the room is followed without members; None without such a time."""

    @property
    def connected(self) -> int:
        """Number of devices with a connection of this process."""
        return self._presence.set.connected

    async def follow(self) -> None:
        """Receive the entries of other processes."""
        await self._shared.follow(self._presence)

    def hold(self) -> None:
        """Follow the room for some time, also without members."""
        loop = asyncio.get_running_loop()
        if self._following is None:
            self._following = loop.create_task(self.follow())
        if self._holding is not None:
            self._holding.cancel()
        self._holding = loop.call_later(HOLD_SECONDS, self._release)

    def track(self, device: Device | None, key: str, metadata: bytes) -> Device:
        """Add a device, or change its metadata; see :meth:`.PresenceSet.track`."""
        self._presence.changed()
        return self._presence.set.track(device, key, metadata)

    def untrack(self, device: Device) -> None:
        """End a device."""
        self._presence.set.untrack(device)
        self._presence.changed()

    def leave(self, device: Device) -> None:
        """End a device after the grace time."""
        now = self._clock()
        self._presence.set.leave(device, now)
        self._presence.schedule(now + self._grace)
        self._presence.changed()

    def offer(self, member: ChannelMember) -> None:
        """Offer the presence to a new member, if a device was tracked; otherwise this follows later."""
        members = self._find_members()
        if (
            self._is_offered
            and members is not None
            and member.has_subprotocol
            and (connection := member.connection) is not None
        ):
            connection.send_text(encode_offer(members.number, self._channel_id))

    def answer(self, connection_id: str, connection: Connection, epoch: str | None, seq: int | None) -> None:
        """Send the changes after a number, or the state; then all later changes, which never overtake the answer."""
        members = self._find_members()
        if members is None:
            return
        self._presence.report()  # the state has the number of the newest change
        self.remove(connection_id)
        frames, newest = self._frames_after(members.number, epoch, seq), self._log.seq
        if len(frames) <= FRAMES_PER_ITERATION:
            self._follow(connection_id, connection, frames)
            return
        work = self._catch_up(connection_id, connection, members.number, frames, newest)
        self._answers[connection_id] = task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(lambda done: self._end_answer(connection_id, done))

    def remove(self, connection_id: str) -> None:
        """Send no more changes to a connection."""
        self._cancel(connection_id)
        self._followers.pop(connection_id, None)
        self._presence.changed()  # it may have been the last one

    def values(self, decode: Callable[[bytes], Any]) -> Mapping[str, Sequence[Any]]:
        """Return the metadata of the devices by key, in the order in which they came."""
        found = {}
        for key, entries in self._presence.set.by_key().items():
            values = (self._value(entry, decode) for entry in entries)
            if known := tuple(value for value in values if value is not INVALID):
                found[key] = known
        return found

    @property
    def used(self) -> bool:
        """True while clients of this process are in the channel, or its users were read."""
        return self._find_members() is not None or self._holding is not None

    def on_changes(self, changes: Changes) -> None:
        """Send changes to the clients that follow them."""
        for id in changes.left:
            self._values.pop(id, None)
        members = self._find_members()
        frames = list(self._log.change(*changes))
        if not self._is_offered:
            self._is_offered = True
            for member in () if members is None else members.members:
                self.offer(member)
        if members is None or not self._followers:
            return
        followers = list(self._followers.values())
        for data in frames:
            frame = prepare_frame(with_channel(CHANGED, members.number, data))
            WriteBatch.current().broadcast(frame, followers, self._clock())

    def on_end(self) -> None:
        """Run when the presence is removed, because it is not used."""
        if self._holding is not None:
            self._holding.cancel()
        self._on_end(self)

    def _release(self) -> None:
        self._holding = None
        self._presence.changed()

    def _value(self, entry: Entry, decode: Callable[[bytes], Any]) -> Any:  # of the type in the schema
        known = self._values.get(entry.id)
        if known is None or known[0] != entry.metadata:
            try:
                value = decode(entry.metadata)
            except InvalidFrame as invalid:
                BACKPLANE.warning("presence of another version of the schema is left out: %s", invalid)
                value = INVALID
            known = self._values[entry.id] = entry.metadata, value
        return known[1]

    def _frames_after(self, number: int, epoch: str | None, seq: int | None) -> Sequence[bytes]:
        """Return the frames with the changes after a number, or with the state."""
        state: Sequence[bytes] = ()
        changes = self._log.missed(epoch, seq)
        if changes is None:
            state, changes = self._log.state()
        named = [*((PRESENT, data) for data in state), *((CHANGED, data) for data in changes)]
        return [with_channel(name, number, data) for name, data in named]

    async def _catch_up(
        self, connection_id: str, connection: Connection, number: int, frames: Sequence[bytes], seq: int
    ) -> None:
        """Send a long answer as fast as the client reads, and the changes that come meanwhile."""
        while len(frames) > FRAMES_PER_ITERATION:
            await _send(connection, frames)
            frames, seq = self._frames_after(number, self._log.epoch, seq), self._log.seq
        self._follow(connection_id, connection, frames)

    def _follow(self, connection_id: str, connection: Connection, frames: Sequence[bytes]) -> None:
        """Send the last frames of an answer, and all later changes."""
        for frame in frames:
            connection.send_text(frame)
        self._followers[connection_id] = connection

    def _cancel(self, connection_id: str) -> None:
        if (task := self._answers.pop(connection_id, None)) is not None:
            task.cancel()

    def _end_answer(self, connection_id: str, task: asyncio.Task[None]) -> None:
        if self._answers.get(connection_id) is task:
            del self._answers[connection_id]


async def _send(connection: Connection, frames: Sequence[bytes]) -> None:
    """Send frames as fast as the client reads, a few in each iteration of the event loop."""
    for number, frame in enumerate(frames):
        if number % FRAMES_PER_ITERATION == 0:
            await asyncio.sleep(0)
        if (writable := connection.wait_writable()) is not None:
            await writable
        connection.send_text(frame)
