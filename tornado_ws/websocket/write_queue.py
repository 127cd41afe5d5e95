"""Keep what one client has not taken yet, within limits."""

from __future__ import annotations

import collections
import itertools
from collections.abc import Hashable
from typing import Final, NamedTuple

from .settings import Counters

__all__ = ["CHUNK", "WriteQueue"]

CHUNK: Final = 64 * 1024
"""Bytes of waiting frames that are joined for one write."""

_keys: Final = itertools.count()


class _Waiting(NamedTuple):
    since: float
    frame: bytes
    volatile: bool


class WriteQueue:
    """Frames that wait for one client to read; made when it stops reading, and done with when it has caught up.

    The head is what was begun and has to be completed. Behind it frames wait whole and each by itself, so that they can
    still be dropped or replaced.
    """

    __slots__ = ("_counters", "_limit", "_waiting", "head", "head_since", "pong", "size")

    def __init__(self, head: memoryview, limit: int, counters: Counters, now: float) -> None:
        """Begin with what the kernel did not take.

        Args:
            head: The rest of what was to be written.
            limit: Bytes that may wait.
            counters: Count what is dropped and replaced.
            now: The clock, in seconds.
        """
        self.head: memoryview | None = head
        """What is to be written next, from where the kernel stopped; None: nothing waits any more."""
        self.head_since = now
        """When the kernel last took something, or refused the first of it."""
        self.size = len(head)
        """Bytes that the kernel has not taken."""
        self.pong: bytes | None = None
        """The one pong that waits: RFC 6455 lets a server answer only the latest ping."""
        self._waiting: collections.OrderedDict[Hashable, _Waiting] = collections.OrderedDict()
        self._limit = limit
        self._counters = counters

    def put(self, frame: bytes, now: float, *, volatile: bool = False, latest: Hashable = None) -> bool:
        """Let a frame wait.

        Args:
            frame: One whole frame.
            now: The clock, in seconds.
            volatile: It may be dropped to make room for others, or for want of room.
            latest: It takes the place of the waiting frame that has the same key.

        Returns:
            False if there is no room and no rule says what to do. With half of the limit free there is room for any
            frame, so that who waits for room always finds it.
        """
        if latest is not None and (replaced := self._waiting.pop((latest,), None)):
            self.size -= len(replaced.frame)
            self._counters.coalesced += 1
        if not self._fits(frame):
            if volatile:
                self._counters.dropped += 1
                return True
            self._drop_volatile()
            if not self._fits(frame):
                return False
        # A frame that replaces one goes behind all others, too: it may refer to what was sent between the two.
        self._append(frame, now, volatile=volatile, key=next(_keys) if latest is None else (latest,))
        return True

    def put_last(self, frame: bytes, now: float) -> None:
        """Let a frame wait whether there is room or not."""
        self._append(frame, now, volatile=False, key=next(_keys))

    def advance(self, count: int, now: float) -> None:
        """Note that the kernel took ``count`` bytes of the head; a new head is made of what waits."""
        head = self.head
        assert head is not None
        self.size -= count
        self.head_since = now
        if count < len(head):
            self.head = head[count:]
            return
        frames = []
        size = 0
        if self.pong is not None:
            frames.append(self.pong)
            self.size += len(self.pong)
            self.pong = None
        while self._waiting and size < CHUNK:
            _, entry = self._waiting.popitem(last=False)
            frames.append(entry.frame)
            size += len(entry.frame)
        self.head = memoryview(b"".join(frames)) if frames else None

    def oldest(self) -> float:
        """Return since when something has been waiting: a frame, or the head since the kernel last took some of it."""
        return min(self.head_since, next(iter(self._waiting.values())).since) if self._waiting else self.head_since

    def forget(self) -> None:
        """Drop what waits but was not begun."""
        self._waiting.clear()
        self.pong = None
        self.size = 0 if self.head is None else len(self.head)

    def _append(self, frame: bytes, now: float, *, volatile: bool, key: Hashable) -> None:
        self._waiting[key] = _Waiting(now, frame, volatile)
        self.size += len(frame)

    def _fits(self, frame: bytes) -> bool:
        return self.size + len(frame) <= self._limit or self.size <= self._limit // 2

    def _drop_volatile(self) -> None:
        for key in [key for key, entry in self._waiting.items() if entry.volatile]:
            self.size -= len(self._waiting.pop(key).frame)
            self._counters.dropped += 1
