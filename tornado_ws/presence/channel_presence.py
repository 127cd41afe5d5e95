"""Presence in one channel: the messages about its entries, and the reports of its changes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any, Final, Protocol

import msgspec

from ..channels import Channel
from ..errors import BackplaneDown
from .entries import Entry, EntryRow, PresenceMessage
from .presence_set import Changes, PresenceSet

__all__ = ["ChannelOwner", "ChannelPresence", "Deadlines", "PresenceProcess"]

MESSAGE_BYTES: Final = 65_536
"""Size of a message with several entries, in bytes."""


class Deadlines(Protocol):
    """Scheduler of deadlines (:class:`.DeadlineScheduler`)."""

    def add(self, owner: Any, deadline: float) -> None:  # Any: an object with _on_deadline
        """Call an owner at a deadline."""
        ...

    def remove(self, owner: Any) -> None:
        """Cancel the deadline of an owner, if it has one."""
        ...


class PresenceProcess(Protocol):
    """Presence of this process, which has the channels and sends their messages (:class:`.SharedPresence`)."""

    process: str
    """Id of this process."""
    round: int
    """Number of times that the entries of all channels were stated again."""
    deadlines: Deadlines
    """Scheduler for deadlines."""
    failed: set[ChannelPresence]
    """Channels whose messages could not be sent."""

    @property
    def local(self) -> bool:
        """True if there are no other processes."""
        ...

    async def publish(self, channel: Channel, message: PresenceMessage) -> None:
        """Send entries to other processes; raise :exc:`.BackplaneDown` if they may be lost."""
        ...

    def remove(self, presence: ChannelPresence) -> None:
        """End presence in a channel."""
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

    def __init__(self, shared: PresenceProcess, channel: Channel, grace: float, owner: ChannelOwner) -> None:
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
