"""Keep messages for clients that come back: all that they have missed, or nothing."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Position", "KeptMessage", "ReplayLog", "numbered"]


class Position(NamedTuple):
    """How far a run of sequence numbers is."""

    epoch: str
    """Names the run."""
    seq: int
    """Of the newest message."""


class KeptMessage(NamedTuple):
    """A message that was sent."""

    seq: int
    text: bytes
    """Its frame, without the sequence number."""


@dataclass(kw_only=True)
class _Track:
    """The last messages of one kind that went to one room."""

    size: int
    kept: deque[KeptMessage] = field(default_factory=deque)
    floor: int = 0
    """Sequence number of the newest message that is not kept any more."""
    used: float = 0.0

    def append(self, message: KeptMessage) -> None:
        self.kept.append(message)
        while len(self.kept) > self.size:
            self.floor = self.kept.popleft().seq


class ReplayLog:
    """The messages of one endpoint that can be sent again. Numbers grow over all rooms, so one number says it all."""

    def __init__(self, *, clock: Callable[[], float], idle: float = 600.0, epoch: str | None = None) -> None:
        """Start a run of numbers.

        Args:
            clock: In seconds.
            idle: Seconds after the last message of a room until its messages are forgotten.
            epoch: Names this run of numbers; random by default.

        """
        self.epoch = secrets.token_hex(8) if epoch is None else epoch
        self.seq = 0
        """The number of the newest message."""
        self._clock = clock
        self._idle = idle
        self._tracks: dict[tuple[str | None, str], _Track] = {}
        self._forgotten = 0

    def __len__(self) -> int:
        """Return how many messages are kept."""
        return sum(len(track.kept) for track in self._tracks.values())

    def append(self, room: str | None, name: str, text: bytes, *, size: int) -> int:
        """Keep a message.

        Args:
            room: Where it goes; None: to everybody.
            name: What kind of message it is.
            text: Its frame.
            size: How many of this kind are kept for this room.

        Returns:
            Its sequence number.

        """
        self._forget()
        self.seq += 1
        # Popped and put back: the tracks stand in the order of their last use.
        track = self._tracks.pop((room, name), None) or _Track(size=size, floor=self._forgotten)
        self._tracks[room, name] = track
        track.used = self._clock()
        track.append(KeptMessage(self.seq, text))
        return self.seq

    def missed(self, rooms: Iterable[str], epoch: str, seq: int) -> list[KeptMessage] | None:
        """Return all that went to ``rooms`` and to everybody after ``seq``, oldest first; None if some is not there."""
        self._forget()
        if epoch != self.epoch or seq > self.seq or seq < self._forgotten:
            return None
        wanted = {None, *rooms}
        tracks = [track for (room, _), track in self._tracks.items() if room in wanted]
        if any(seq < track.floor for track in tracks):
            return None
        return sorted(kept for track in tracks for kept in track.kept if kept.seq > seq)

    def _forget(self) -> None:
        end = self._clock() - self._idle
        while self._tracks:
            key, track = next(iter(self._tracks.items()))
            if track.used > end:
                return
            del self._tracks[key]
            self._forgotten = max(self._forgotten, track.kept[-1].seq)


def numbered(text: bytes, seq: int) -> bytes:
    """Return a frame with its sequence number; the order of members is free."""
    return b'{"seq":%d,%b' % (seq, text[1:])
