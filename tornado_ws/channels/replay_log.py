"""Log of recent messages of one endpoint, in memory."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .history import KeptMessage, Position

__all__ = ["ReplayLog"]


@dataclass(kw_only=True)
class _Track:
    """Recent messages of one name in one room."""

    size: int
    messages: deque[KeptMessage] = field(default_factory=deque)
    discarded_seq: int = 0
    """Sequence number of the newest message that is no longer kept."""
    last_used_at: float = 0.0
    """Time of the last message, in seconds."""

    def append(self, message: KeptMessage) -> None:
        self.messages.append(message)
        while len(self.messages) > self.size:
            self.discarded_seq = self.messages.popleft().seq


class ReplayLog:
    """Recent messages of one endpoint. All rooms share one sequence, so that one number determines a position."""

    def __init__(self, *, clock: Callable[[], float], idle: float = 600.0, epoch: str | None = None) -> None:
        """Begin a sequence.

        Args:
            clock: Current time, in seconds.
            idle: Seconds after the last message of a room until its messages are discarded.
            epoch: Name of the sequence; random by default.
        """
        self._epoch = secrets.token_hex(8) if epoch is None else epoch
        self._seq = 0
        self._clock = clock
        self._idle = idle
        self._tracks: dict[tuple[str | None, str], _Track] = {}
        """Tracks by room and message name, in the order of their last messages."""
        self._discarded_seq = 0
        """Sequence number of the newest message in a discarded track."""

    def __len__(self) -> int:
        """Return the number of kept messages."""
        return sum(len(track.messages) for track in self._tracks.values())

    @property
    def position(self) -> Position:
        """Epoch, and sequence number of the newest message."""
        return Position(self._epoch, self._seq)

    def append(self, room: str | None, name: str, text: bytes, *, size: int) -> int:
        """Keep a message.

        Args:
            room: Room of the recipients; None for all connections.
            name: Name of the message.
            text: JSON text of the frame, without the sequence number.
            size: Number of messages of this name to keep for this room.

        Returns:
            Sequence number of the message.
        """
        self._discard_idle()
        self._seq += 1
        # Removed and inserted again, because the tracks are in the order of their last messages.
        track = self._tracks.pop((room, name), None) or _Track(size=size, discarded_seq=self._discarded_seq)
        self._tracks[room, name] = track
        track.last_used_at = self._clock()
        track.append(KeptMessage(self._seq, text))
        return self._seq

    def messages_after(self, rooms: Iterable[str], position: Position) -> list[KeptMessage] | None:
        """Return the messages for ``rooms`` and for all connections after a position; None if some are not kept."""
        self._discard_idle()
        epoch, seq = position
        if epoch != self._epoch or seq > self._seq or seq < self._discarded_seq:
            return None
        selected = {None, *rooms}
        tracks = [track for (room, _), track in self._tracks.items() if room in selected]
        if any(seq < track.discarded_seq for track in tracks):
            return None
        return sorted(message for track in tracks for message in track.messages if message.seq > seq)

    def _discard_idle(self) -> None:
        oldest = self._clock() - self._idle
        while self._tracks:
            key, track = next(iter(self._tracks.items()))
            if track.last_used_at > oldest:
                return
            del self._tracks[key]
            self._discarded_seq = max(self._discarded_seq, track.messages[-1].seq)
