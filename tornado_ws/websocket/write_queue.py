"""Bounded queue of the frames that one slow client has not read yet."""

from __future__ import annotations

import collections
import itertools
from collections.abc import Hashable
from typing import Final, NamedTuple

from .settings import Counters

__all__ = ["WRITE_BYTES", "SocketWriteQueue", "WriteQueue"]

WRITE_BYTES: Final = 64 * 1024
"""Size from which no further queued frame is joined for one write, in bytes."""

_keys: Final = itertools.count()


class _Queued(NamedTuple):
    since: float
    frame: bytes
    volatile: bool


class WriteQueue:
    """Frames that wait for one client to read, after the bytes in flight.

    Bytes in flight are accepted by the layer below, or partly written. The frames after them are stored separately, so
    that each can still be dropped or replaced.
    """

    __slots__ = (
        "_counters",
        "_droppable",
        "_droppable_size",
        "_limit",
        "_queued",
        "in_flight",
        "pong",
        "progress_at",
        "size",
    )

    def __init__(self, in_flight: int, limit: int, counters: Counters, now: float) -> None:
        """Create a queue without frames.

        Args:
            in_flight: Bytes in flight.
            limit: Maximum size of the queue, in bytes, including the bytes in flight.
            counters: Counters of dropped and replaced frames.
            now: Time, in seconds.
        """
        self.in_flight = in_flight
        """Bytes in flight."""
        self.progress_at = now
        """Time at which bytes in flight were last written; initially the creation time."""
        self.size = in_flight
        """Size of the bytes in flight and the queued frames, in bytes."""
        self.pong: bytes | None = None
        """Pong to send next. Only the latest is kept, since only the latest ping needs one (RFC 6455 section 5.5.3)."""
        self._queued: collections.OrderedDict[Hashable, _Queued] = collections.OrderedDict()
        self._droppable: collections.OrderedDict[Hashable, None] = collections.OrderedDict()
        self._droppable_size = 0
        self._limit = limit
        self._counters = counters

    def __len__(self) -> int:
        """Return the number of queued frames."""
        return len(self._queued)

    def put(self, frame: bytes, now: float, *, volatile: bool = False, latest: Hashable = None) -> bool:
        """Queue a frame.

        Above the limit, the oldest volatile frames are dropped until this frame fits. While at least half of the limit
        is free, a frame of any size is accepted, so that a sender that waits for this never exceeds the limit.

        Args:
            frame: Complete frame.
            now: Time, in seconds.
            volatile: True if the frame may be dropped.
            latest: Key; the frame replaces the queued frame with the same key.

        Returns:
            False if the limit is exceeded by frames that cannot be dropped; this frame is not queued then. A volatile
            frame is dropped in that case.
        """
        if latest is not None and (replaced := self._queued.pop((latest,), None)):
            self._remove((latest,), replaced)
            self._counters.coalesced += 1
        if not self._fits(frame, self.size):
            if not self._fits(frame, self.size - self._droppable_size):
                self._counters.dropped += volatile
                return volatile
            while not self._fits(frame, self.size):
                self._drop_oldest()
        # The replacement goes to the end, because it may depend on frames queued after the replaced frame.
        self._append(frame, now, volatile=volatile, key=next(_keys) if latest is None else (latest,))
        return True

    def put_control(self, frame: bytes, now: float) -> None:
        """Queue a control frame; the limit does not apply."""
        self._append(frame, now, volatile=False, key=next(_keys))

    def add_in_flight(self, size: int) -> None:
        """Count the bytes of a frame that was written without queueing."""
        self.in_flight += size
        self.size += size

    def take(self, size: int) -> list[bytes]:
        """Remove frames from the queue to write them; their bytes become bytes in flight.

        Args:
            size: Size from which no further frame is removed, in bytes.
        """
        frames = []
        taken = 0
        if self.pong is not None:
            frames.append(self.pong)
            self.add_in_flight(len(self.pong))
            self.pong = None
        while self._queued and taken < size:
            key, entry = self._queued.popitem(last=False)
            frames.append(entry.frame)
            taken += len(entry.frame)
            if entry.volatile:
                del self._droppable[key]
                self._droppable_size -= len(entry.frame)
        self.in_flight += taken
        return frames

    def written(self, size: int, now: float) -> None:
        """Record that ``size`` of the bytes in flight were written."""
        self.in_flight -= size
        self.size -= size
        self.progress_at = now

    def waiting_since(self) -> float:
        """Return the time since which the oldest frame, or the bytes in flight, have waited without progress."""
        return min(self.progress_at, next(iter(self._queued.values())).since) if self._queued else self.progress_at

    def clear(self) -> None:
        """Drop all frames that are not in flight."""
        self._queued.clear()
        self._droppable.clear()
        self._droppable_size = 0
        self.pong = None
        self.size = self.in_flight

    def _append(self, frame: bytes, now: float, *, volatile: bool, key: Hashable) -> None:
        self._queued[key] = _Queued(now, frame, volatile)
        self.size += len(frame)
        if volatile:
            self._droppable[key] = None
            self._droppable_size += len(frame)

    def _remove(self, key: Hashable, entry: _Queued) -> None:
        self.size -= len(entry.frame)
        if entry.volatile:
            self._droppable.pop(key, None)
            self._droppable_size -= len(entry.frame)

    def _fits(self, frame: bytes, size: int) -> bool:
        return size + len(frame) <= self._limit or size <= self._limit // 2

    def _drop_oldest(self) -> None:
        key, _ = self._droppable.popitem(last=False)
        self._remove(key, self._queued.pop(key))
        self._counters.dropped += 1


class SocketWriteQueue(WriteQueue):
    """Queue for a non-blocking socket. It exists from an incomplete write until everything is written."""

    __slots__ = ("head",)

    def __init__(self, head: memoryview, limit: int, counters: Counters, now: float) -> None:
        """Create a queue with the rest of an incomplete write.

        Args:
            head: Bytes that the socket did not accept.
            limit: Maximum size of the queue, in bytes, including the head.
            counters: Counters of dropped and replaced frames.
            now: Time, in seconds.
        """
        super().__init__(len(head), limit, counters, now)
        self.head: memoryview | None = head
        """Bytes to write next; None if nothing is left to write."""

    def advance(self, count: int, now: float) -> None:
        """Record that the socket accepted ``count`` bytes of the head. Queued frames replace an empty head."""
        head = self.head
        assert head is not None
        self.written(count, now)
        if count < len(head):
            self.head = head[count:]
            return
        frames = self.take(WRITE_BYTES)
        self.head = memoryview(b"".join(frames)) if frames else None
