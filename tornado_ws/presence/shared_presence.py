"""Presence in all channels of this process: what it sends to other processes, and receives from them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Protocol, TypeVar

import msgspec

from ..channels import Backplane, Channel, KeptMessage, Publication
from ..endpoint import Replay
from ..errors import BackplaneDown
from .entries import Beat, Entry, EntryRow, PresenceMessage
from .leases import Leases
from .presence_set import Changes, PresenceSet

__all__ = ["BEATS", "LEASE", "PREFIX", "ChannelOwner", "ChannelPresence", "Deadlines", "SharedPresence"]

PREFIX: Final = "$presence"
"""Begin of the name that a channel has in place of that of its endpoint."""
BEATS: Final = Channel(PREFIX)
"""Channel of the signs of life."""
HISTORY: Final = Replay(100, 60.0)
"""Messages that a process reads after a short time without the backplane. After a longer one, all are stated again."""
LEASE: Final = 10.0
"""Seconds after which the entries of a process end, if it gives no sign of life."""
STOP_SECONDS: Final = 1.0
"""Seconds to wait for the last messages of a process."""
MESSAGE_BYTES: Final = 65_536
"""Size of a message with several entries, in bytes."""

MessageT = TypeVar("MessageT")

_encode = msgspec.json.Encoder().encode
_messages = msgspec.json.Decoder(PresenceMessage)
_beats = msgspec.json.Decoder(Beat)


class Deadlines(Protocol):
    """Scheduler of deadlines (:class:`.DeadlineScheduler`)."""

    def add(self, owner: Any, deadline: float) -> None:  # Any: an object with _on_deadline
        """Call an owner at a deadline."""
        ...

    def remove(self, owner: Any) -> None:
        """Cancel the deadline of an owner, if it has one."""
        ...


class ChannelOwner(Protocol):
    """Receiver of the changes of one channel."""

    @property
    def used(self) -> bool:
        """True while clients of this process are in the channel."""
        ...

    def on_changes(self, changes: Changes) -> None:
        """Handle the changes of one iteration of the event loop."""
        ...

    def on_end(self) -> None:
        """Run when the presence is removed, because it is not used."""
        ...


class ChannelPresence:
    """Presence in one channel: its entries, and the messages about them."""

    def __init__(self, shared: SharedPresence, channel: Channel, grace: float, owner: ChannelOwner) -> None:
        """Begin without entries.

        Args:
            shared: Presence of the process.
            channel: Channel of the messages about the entries.
            grace: Seconds for which a device stays after the end of its connection.
            owner: Receiver of the changes.
        """
        self.channel = channel
        self.set = PresenceSet(shared.process, grace=grace)
        """Entries."""
        self.requested = False
        """True once the backplane was asked for the messages of other processes."""
        self.followed = False
        """True once they arrive."""
        self._shared = shared
        self._owner = owner
        self._is_scheduled = False
        self._has_deadline = False
        self._asks = False
        self._states = False
        self._publishing: asyncio.Task[None] | None = None

    def changed(self) -> None:
        """Report the changes at the end of the iteration, and send those of own entries."""
        if not self._is_scheduled:
            self._is_scheduled = True
            asyncio.get_running_loop().call_soon(self._flush)

    def report(self) -> None:
        """Report the changes now."""
        if changes := self.set.take_changes():
            self._owner.on_changes(changes)

    def schedule(self, deadline: float) -> None:
        """End the grace times of own devices, from a time on."""
        if not self._has_deadline:
            self._has_deadline = True
            self._shared.deadlines.add(self, deadline)

    def state(self, *, ask: bool = False) -> None:
        """State all own entries again; with ``ask``, other processes must state theirs."""
        self._states = True
        self._asks |= ask
        self.changed()

    def ask(self) -> None:
        """Request the entries of all other processes."""
        self._asks = True
        self.changed()

    def receive(self, message: PresenceMessage) -> None:
        """Apply a message of another process."""
        self.set.receive(message)
        if message.ask:
            self._states |= self.set.has_own
        self.changed()

    def close_unused(self) -> None:
        """End presence in the channel if it has neither own entries, nor changes to send, nor clients."""
        is_idle = self._publishing is None and not self._states and not self.set.has_own
        if is_idle and not self._owner.used:
            self._shared.remove(self)
            self._owner.on_end()

    def close(self) -> None:
        """Stop all work."""
        self._shared.deadlines.remove(self)
        if self._publishing is not None:
            self._publishing.cancel()

    def _on_deadline(self, now: float) -> float | None:
        deadline = self.set.end_grace(now)
        self._has_deadline = deadline is not None
        self.changed()
        return deadline

    def publish_now(self) -> asyncio.Task[None] | None:
        """Send the changes of own entries; return the task that does it."""
        if self._shared.local:
            self.set.take_outgoing()
        elif self._publishing is None and (self._asks or self._states or self.set.has_outgoing):
            self._publishing = asyncio.get_running_loop().create_task(self._publish())
        return self._publishing

    def _flush(self) -> None:
        self._is_scheduled = False
        self.report()
        self.publish_now()
        self.close_unused()

    async def _publish(self) -> None:
        """Send what is waiting; after a failure, everything is stated again with the next sign of life."""
        asked = False
        try:
            while messages := list(self._take_messages()):
                asked = messages[0].ask
                for message in messages:
                    await self._shared.publish(self.channel, message)
        except BackplaneDown:
            self._states = True
            self._asks |= asked
            self._shared.failed.add(self)
        finally:
            self._publishing = None
        self.close_unused()

    def _take_messages(self) -> Iterator[PresenceMessage]:
        asks, states = self._asks, self._states
        self._asks = self._states = False
        changes = Changes(self.set.statement(), ()) if states else self.set.take_outgoing()
        if not (asks or states or changes):
            return
        process, round = self._shared.process, self._shared.round
        parts = [*_parts(changes.entries)] or [[]]
        for number, part in enumerate(parts, start=1):
            is_first, is_last = number == 1, number == len(parts)
            yield PresenceMessage(
                process=process,
                round=round,
                ask=asks and is_first,
                begin=states and is_first,
                end=states and is_last,
                entries=part,
                left=list(changes.left) if is_first else [],
            )


class SharedPresence:
    """Presence in all channels of one controller.

    A process is the only one that sends its entries of a channel, as kept messages, so that none is missed. A process
    that begins to follow a channel asks the others for theirs. Each process sends one sign of life for all its entries.
    """

    def __init__(
        self, backplane: Backplane, deadlines: Deadlines, clock: Callable[[], float], *, lease: float = LEASE
    ) -> None:
        """Begin without channels.

        Args:
            backplane: Backplane of the controller.
            deadlines: Scheduler for deadlines.
            clock: Current time, in seconds.
            lease: Seconds after which entries end without a sign of life of their process.
        """
        self.process = secrets.token_hex(8)
        """Id of this process."""
        self.round = 0
        """Number of times that the entries of all channels were stated again."""
        self.deadlines = deadlines
        self.failed: set[ChannelPresence] = set()
        """Channels whose messages could not be sent."""
        self._backplane = backplane
        self._clock = clock
        self._lease = lease
        self._leases = Leases(lease)
        self._channels: dict[Channel, ChannelPresence] = {}
        self._beating: asyncio.Task[None] | None = None
        self._is_beating = False
        self._sent_at = 0.0
        self._was_down = False
        self._asks: dict[str, int] = {}

    @property
    def local(self) -> bool:
        """True if there are no other processes."""
        return self._backplane.local

    # Channels.

    def open(self, channel: Channel, grace: float, owner: ChannelOwner) -> ChannelPresence:
        """Begin presence in a channel of an endpoint.

        Args:
            channel: Channel of the endpoint.
            grace: Seconds for which a device stays after the end of its connection.
            owner: Receiver of the changes.
        """
        own = Channel(f"{PREFIX}:{channel.endpoint}", channel.room)
        presence = self._channels[own] = ChannelPresence(self, own, grace, owner)
        return presence

    async def follow(self, presence: ChannelPresence) -> None:
        """Receive the entries of other processes."""
        if presence.followed or self.local:
            return
        await self._backplane.follow(BEATS, None)
        self._start_beating()
        presence.requested = True
        await self._backplane.follow(presence.channel, HISTORY)
        if not presence.followed:
            presence.followed = True
            presence.ask()

    def remove(self, presence: ChannelPresence) -> None:
        """End presence in a channel."""
        if self._channels.get(presence.channel, presence) is not presence:
            return  # presence in the channel has begun again
        self._channels.pop(presence.channel, None)
        self.failed.discard(presence)
        presence.close()
        if presence.requested:
            self._backplane.unfollow(presence.channel)

    # Messages of other processes.

    def deliver(self, publication: Publication) -> None:
        """Apply a sign of life of another process."""
        beat = _decode(_beats, publication.text)
        if beat is None or beat.process == self.process:
            return
        if (dropped := self._leases.receive(beat, self._clock())) is not None:
            self._asks[beat.process] = dropped
        if beat.ask.get(self.process, -1) >= self.round:
            self._state_all()

    def deliver_kept(self, message: KeptMessage) -> None:
        """Apply a message about entries of another process."""
        presence = self._channels.get(message.channel)
        decoded = _decode(_messages, message.text)
        if presence is not None and decoded is not None and decoded.process != self.process:
            self._leases.hear(decoded.process, decoded.round, self._clock())
            presence.receive(decoded)

    def reset(self, channel: Channel) -> None:
        """State all entries of a channel again, because messages are lost."""
        if (presence := self._channels.get(channel)) is not None:
            presence.state(ask=True)

    async def publish(self, channel: Channel, message: PresenceMessage) -> None:
        """Send entries to other processes.

        Raises:
            BackplaneDown: If they may be lost.
        """
        publication = Publication(channel=channel, name=PREFIX, text=_encode(message), history=HISTORY)
        if await self._backplane.publish(publication) is None:
            raise BackplaneDown("presence was delivered to this process only")

    # Signs of life.

    async def stop(self) -> None:
        """Wait until the entries of closed connections are away in other processes, at most a second."""
        publishing = [task for presence in self._channels.values() if (task := presence.publish_now()) is not None]
        if publishing:
            await asyncio.wait(publishing, timeout=STOP_SECONDS)

    def close(self) -> None:
        """Stop all work. Own entries end in other processes with the lease."""
        self.deadlines.remove(self)
        for presence in self._channels.values():
            presence.close()
        self._channels.clear()

    def _start_beating(self) -> None:
        if not self._is_beating:
            self._is_beating = True
            self._sent_at = now = self._clock()
            self.deadlines.add(self, now)

    def _on_deadline(self, now: float) -> float | None:
        """Send a sign of life, and end the entries of processes without one."""
        if not self._channels:
            self._is_beating = False
            return None
        is_down, is_late = not self._backplane.healthy, now - self._sent_at > self._lease / 2
        if is_down or self._was_down or is_late:
            self._leases.renew(now)  # this process has not heard the others
            if not is_down:
                self._state_all()  # others may have ended these entries
        self._was_down = is_down
        self._sent_at = now
        for process in self._leases.end(now):
            for presence in self._channels.values():
                if process in presence.set.processes:
                    presence.set.drop_process(process)
                    presence.changed()
        failed, self.failed = self.failed, set()
        for presence in failed:
            presence.state()
        self._send_beat()
        return now + self._lease / 4

    def _send_beat(self) -> None:
        asks, self._asks = self._asks, {}
        beat = Beat(process=self.process, lease=self._lease, round=self.round, ask=asks)
        publication = Publication(channel=BEATS, name=PREFIX, text=_encode(beat))
        self._beating = asyncio.get_running_loop().create_task(self._publish_beat(publication))

    async def _publish_beat(self, publication: Publication) -> None:
        await self._backplane.publish(publication)

    def _state_all(self) -> None:
        self.round += 1
        for presence in self._channels.values():
            if presence.set.has_own:
                presence.state()


def _decode(decoder: msgspec.json.Decoder[MessageT], text: bytes) -> MessageT | None:
    """Return a message; None for one of another version of this package."""
    try:
        return decoder.decode(text)
    except msgspec.DecodeError:
        return None


def _parts(entries: Sequence[Entry]) -> Iterator[list[EntryRow]]:
    """Yield the rows of entries, in parts of limited size."""
    part: list[EntryRow] = []
    size = 0
    for id, key, metadata, away in entries:
        length = len(metadata) + len(key) + 40
        if part and size + length > MESSAGE_BYTES:
            yield part
            part, size = [], 0
        part.append(EntryRow(id, key, msgspec.Raw(metadata), away))
        size += length
    if part:
        yield part
