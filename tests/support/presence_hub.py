"""Processes with presence, whose backplanes share a hub in memory instead of Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tests.support.clock import Clock
from tornado_ws.channels import Channel, KeptMessage, MemoryBackplane, Position, Publication
from tornado_ws.endpoint import Replay
from tornado_ws.errors import BackplaneDown
from tornado_ws.presence import ChannelPresence, SharedPresence
from tornado_ws.presence.presence_set import Changes
from tornado_ws.presence.shared_presence import BEATS
from tornado_ws.websocket.deadline_scheduler import DeadlineScheduler

__all__ = ["ROOM", "Hub", "HubBackplane", "Process"]

ROOM = Channel("board", "a")
LEASE = 10.0


class NoTimer:
    def cancel(self) -> None: ...


class HubBackplane(MemoryBackplane):
    """Backplane that passes messages to all others of the hub, unless it is cut off."""

    def __init__(self, hub: Hub) -> None:
        super().__init__()
        self.hub = hub
        self.is_down = False
        self.followed: set[Channel] = set()
        self.sent: list[Publication] = []

    @property
    def local(self) -> bool:
        return False

    @property
    def healthy(self) -> bool:
        return not self.is_down

    async def follow(self, channel: Channel, history: Replay | None) -> None:
        await asyncio.sleep(0)
        self.followed.add(channel)

    def unfollow(self, channel: Channel) -> None:
        self.followed.discard(channel)

    async def publish(self, publication: Publication) -> Position | None:
        if self.is_down and publication.history is not None:
            raise BackplaneDown("cut off")
        self.sent.append(publication)
        await asyncio.sleep(0)
        position = Position("e", len(self.sent), "")
        for other in self.hub.backplanes:
            if publication.channel not in other.followed or self.is_down or other.is_down:
                continue
            if publication.history is None:
                other._receiver.deliver(publication)
            else:
                kept = KeptMessage(publication.channel, position, "", publication.text, frozenset(), 0.0)
                other._receiver.deliver_kept(kept)
        return None if publication.history is None else position


class Process:
    """Presence of one process in one room; it is the owner of the room and the receiver of its messages."""

    def __init__(self, hub: Hub, clock: Clock) -> None:
        self.used = True
        self.ended = False
        self.changes: list[Changes] = []
        self.clock = clock
        self.backplane = HubBackplane(hub)
        self.deadlines = DeadlineScheduler(clock, lambda delay, call: NoTimer())
        self.shared = SharedPresence(self.backplane, self.deadlines, clock, lease=LEASE)
        self.backplane.attach(self)
        self.room: ChannelPresence = self.shared.open(ROOM, 10.0, self)
        hub.backplanes.append(self.backplane)

    async def start(self) -> Process:
        await self.shared.follow(self.room)
        return self

    def track(self, key: str, text: bytes = b"1"):
        self.room.changed()
        return self.room.set.track(None, key, text)

    def cut(self) -> None:
        self.backplane.is_down = True

    def mend(self) -> None:
        """End the cut; messages are lost, so that the backplane resets the channel."""
        self.backplane.is_down = False
        self.shared.reset(self.room.channel)

    @property
    def keys(self) -> list[str]:
        return sorted(self.room.set.by_key())

    def on_changes(self, changes: Changes) -> None:
        self.changes.append(changes)

    def on_end(self) -> None:
        self.ended = True

    def deliver(self, publication: Publication) -> None:
        assert publication.channel == BEATS
        self.shared.deliver(publication)

    def deliver_kept(self, message: KeptMessage) -> None:
        self.shared.deliver_kept(message)

    def reset(self, channel: Channel, position: Position) -> None:
        self.shared.reset(channel)


class Hub:
    """Connection of all processes."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.backplanes: list[HubBackplane] = []
        self.processes: list[Process] = []

    async def start(self) -> Process:
        """Return a new process."""
        self.processes.append(process := Process(self, self.clock))
        return await process.start()

    async def settle(self) -> None:
        """Wait until all messages have arrived."""
        for _ in range(60):
            await asyncio.sleep(0)

    async def pass_time(self, seconds: float, *, paused: Sequence[Process] = ()) -> None:
        """Pass time, a second at a time, in all processes but those that are paused or dead."""
        for _ in range(int(seconds)):
            self.clock.now += 1.0
            for process in self.processes:
                if process not in paused:
                    process.deadlines.run_due()
            await self.settle()
