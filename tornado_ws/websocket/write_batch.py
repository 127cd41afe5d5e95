"""What all connections of one event loop share: the end of the turn, at which they write, and one timer."""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from .frames import PreparedFrame
from .keepalive import DeadlineScheduler
from .permessage_deflate import DeflateParams
from .write_queue import CHUNK

__all__ = ["Broadcast", "BroadcastRecipient", "TOGETHER", "WriteBatch", "Flushable"]


TOGETHER: Final = 64
"""Frames that are written together at most."""


class Flushable(Protocol):
    """A connection with something to write."""

    def flush(self) -> None:
        """Write it."""
        ...


class WriteBatch:
    """The turn of the event loop that is going on."""

    def __init__(self) -> None:
        self._writers: list[Flushable] = []
        self._size = self._count = 0
        self.broadcasts: list[Broadcast] = []
        """What is told to many when this turn ends, unless something else has to be sent to one of them before."""
        self.heart = DeadlineScheduler(time.monotonic, _later)
        """The one timer of all connections."""

    @classmethod
    def current(cls) -> WriteBatch:
        """Return that of the running loop."""
        loop = asyncio.get_running_loop()
        turn = _turns.get(loop)
        if turn is None:
            turn = _turns[loop] = cls()
        return turn

    def add(self, writer: Flushable) -> None:
        """Let ``writer`` write when this turn ends; one callback serves all."""
        writers = self._writers
        writers.append(writer)
        if len(writers) == 1:
            asyncio.get_running_loop().call_soon(self._end)

    def tell(self, frame: PreparedFrame, links: Sequence[BroadcastRecipient], now: float) -> None:
        """Let many connections be told when this turn ends.

        Args:
            frame: What to tell.
            links: Whom; the list must not change any more.
            now: The clock of the application.
        """
        broadcasts = self.broadcasts
        if broadcasts and broadcasts[-1].links == links:
            broadcasts[-1].add(frame, now)
        else:
            broadcasts.append(Broadcast(frame, links, now))
        self._count += 1
        self._size += len(frame.plain)
        if self._count == 1:
            asyncio.get_running_loop().call_soon(self._tell)
        elif self._count >= TOGETHER or self._size > CHUNK:
            self._tell()

    def hand_out(self) -> None:
        """Give each connection what it is to be told, to write it together with what else there is."""
        for broadcast in self._taken():
            for link in broadcast.links:
                link.queue_broadcast(broadcast)

    def _tell(self) -> None:
        for broadcast in self._taken():
            for link in broadcast.links:
                link.send_broadcast(broadcast)

    def _taken(self) -> list[Broadcast]:
        broadcasts, self.broadcasts = self.broadcasts, []
        self._count = self._size = 0
        return broadcasts

    def _end(self) -> None:
        writers, self._writers = self._writers, []
        for writer in writers:
            writer.flush()


def _later(delay: float, call: Callable[[], None]) -> asyncio.TimerHandle:
    return asyncio.get_running_loop().call_later(delay, call)


# A turn must not refer to its loop, or neither would ever be freed.
_turns: Final[weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, WriteBatch]] = weakref.WeakKeyDictionary()


class BroadcastRecipient(Protocol):
    """A connection that is told."""

    def send_broadcast(self, broadcast: Broadcast) -> None:
        """Write it, or let it wait behind what waits already."""
        ...

    def queue_broadcast(self, broadcast: Broadcast) -> None:
        """Let it wait for the end of the turn, so that more can be written together with it."""
        ...


class Broadcast:
    """Frames for the same connections, in their order."""

    __slots__ = ("_packed", "frames", "links", "now", "plain")

    def __init__(self, frame: PreparedFrame, links: Sequence[BroadcastRecipient], now: float) -> None:
        """Begin with one frame.

        Args:
            frame: What to tell.
            links: Whom.
            now: When, by the clock of the application.
        """
        self.frames = [frame]
        self.links = links
        self.now = now
        self.plain = frame.plain
        """All frames, as connections without compression get them."""
        self._packed: dict[int, bytes] = {}

    def add(self, frame: PreparedFrame, now: float) -> None:
        """Tell the same connections one thing more."""
        self.frames.append(frame)
        self.now = now
        self.plain += frame.plain

    def packed(self, agreement: DeflateParams) -> bytes:
        """Return all frames as connections with this agreement get them; made once for each size of window."""
        data = self._packed.get(agreement.server_bits)
        if data is None:
            data = b"".join(frame.agreed(agreement) for frame in self.frames)
            self._packed[agreement.server_bits] = data
        return data
