"""Numbered changes of the presence in one channel, as frames for clients, without I/O."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ..channels.channel import new_epoch
from ..presence import Entry
from ..validation.presence_frames import encode_changed, encode_present, encode_row

__all__ = ["FRAME_BYTES", "PresenceLog"]

FRAME_BYTES: Final = 65_536
"""Size of a frame with several entries, in bytes."""
RECENT_BYTES: Final = 262_144
"""Size of the recent changes that are kept for clients that return, in bytes."""


class PresenceLog:
    """Changes with numbers without gaps. A client that has missed some receives these, or the whole state."""

    __slots__ = ("_recent", "_recent_bytes", "_rows", "_state", "_state_bytes", "_state_seq", "epoch", "seq")

    def __init__(self) -> None:
        self.epoch = new_epoch()
        """Name of the sequence."""
        self.seq = 0
        """Number of the newest change."""
        self._rows: dict[str, bytes] = {}
        """JSON text of each entry, by id."""
        self._recent: deque[bytes] = deque()
        """Data of the newest changes, oldest first."""
        self._recent_bytes = 0
        self._state: list[bytes] = [encode_present(self.epoch, 0, (), more=False)]
        """Data of an earlier state."""
        self._state_seq = 0
        self._state_bytes = 0
        """Size of that state, minus that of the changes since then, in bytes."""

    def change(self, entries: Iterable[Entry], left: Iterable[str]) -> Iterator[bytes]:
        """Apply a change, and yield the data of its ``$changed`` frames."""
        ids = list(left)
        for id in ids:
            del self._rows[id]
        rows = {entry.id: encode_row(entry.id, entry.key, entry.metadata) for entry in entries}
        self._rows |= rows
        for part in _parts(rows.values()) if rows else ((),):
            yield self._append(encode_changed(self.seq + 1, part, ids))
            ids = []

    def missed(self, epoch: str | None, seq: int | None) -> Sequence[bytes] | None:
        """Return the data of the ``$changed`` frames after a number; None if some are not kept."""
        if epoch != self.epoch or seq is None or not 0 <= self.seq - seq <= len(self._recent):
            return None
        return list(self._recent)[len(self._recent) - (self.seq - seq) :]

    def state(self) -> tuple[Sequence[bytes], Sequence[bytes]]:
        """Return the data of the ``$present`` frames with a state, and of the ``$changed`` frames after it.

        The state is not encoded again for each client, but when the changes since then have half of its size.
        """
        changes = None if self._state_bytes < 0 else self.missed(self.epoch, self._state_seq)
        if changes is None:
            parts = [*_parts(self._rows.values())] or [[]]
            self._state = [
                encode_present(self.epoch, self.seq, part, more=number < len(parts))
                for number, part in enumerate(parts, start=1)
            ]
            self._state_seq, changes = self.seq, []
            self._state_bytes = sum(map(len, self._state)) // 2
        return self._state, changes

    def _append(self, data: bytes) -> bytes:
        self.seq += 1
        self._recent.append(data)
        self._recent_bytes += len(data)
        self._state_bytes -= len(data)
        while self._recent_bytes > RECENT_BYTES:
            self._recent_bytes -= len(self._recent.popleft())
        return data


def _parts(rows: Iterable[bytes]) -> Iterator[list[bytes]]:
    part: list[bytes] = []
    size = 0
    for row in rows:
        if part and size + len(row) > FRAME_BYTES:
            yield part
            part, size = [], 0
        part.append(row)
        size += len(row) + 1
    if part:
        yield part
