"""Presence in all channels of this process: what it sends to other processes, and receives from them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Final, TypeVar

import msgspec

from ..channels import Backplane, Channel, KeptMessage, Publication
from ..endpoint import Replay
from ..errors import BackplaneDown
from .channel_presence import ChannelOwner, ChannelPresence, Deadlines
from .entries import Beat, PresenceMessage
from .leases import Leases

__all__ = ["BEATS", "LEASE", "PREFIX", "SharedPresence"]

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

MessageT = TypeVar("MessageT")

_encode = msgspec.json.Encoder().encode
_messages = msgspec.json.Decoder(PresenceMessage)
_beats = msgspec.json.Decoder(Beat)


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
