"""Frames written together at the end of one iteration of the event loop."""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from .deadline_scheduler import DeadlineScheduler
from .frames import PreparedFrame
from .permessage_deflate import DeflateParams
from .write_queue import WRITE_BYTES

__all__ = ["FRAMES_PER_WRITE", "Broadcast", "BroadcastRecipient", "Flushable", "WriteBatch"]


FRAMES_PER_WRITE: Final = 64
"""Maximum number of frames that are joined for one write."""


class Flushable(Protocol):
    """Connection with frames to write."""

    def flush(self) -> None:
        """Write the frames."""
        ...


class WriteBatch:
    """Frames of the current loop iteration, and the timer that the connections of an event loop share."""

    def __init__(self) -> None:
        self._writers: list[Flushable] = []
        self._size = self._count = 0
        self.broadcasts: list[Broadcast] = []
        """Broadcasts to send at the end of the iteration; earlier if a recipient sends another frame before."""
        self.deadlines = DeadlineScheduler(time.monotonic, _call_later)
        """Scheduler of all connections, with one timer."""

    @classmethod
    def current(cls) -> WriteBatch:
        """Return the batch of the running event loop."""
        loop = asyncio.get_running_loop()
        batch = _batches.get(loop)
        if batch is None:
            batch = _batches[loop] = cls()
        return batch

    def add(self, writer: Flushable) -> None:
        """Flush ``writer`` at the end of the iteration; one callback serves all writers."""
        writers = self._writers
        writers.append(writer)
        if len(writers) == 1:
            asyncio.get_running_loop().call_soon(self._flush)

    def broadcast(self, frame: PreparedFrame, recipients: Sequence[BroadcastRecipient], now: float) -> None:
        """Send a frame to many connections at the end of the iteration.

        Args:
            frame: Frame to send.
            recipients: Connections; the sequence must not change afterwards.
            now: Time by the clock of the application, in seconds.
        """
        broadcasts = self.broadcasts
        if broadcasts and broadcasts[-1].recipients == recipients:
            broadcasts[-1].add(frame, now)
        else:
            broadcasts.append(Broadcast(frame, recipients, now))
        self._count += 1
        self._size += len(frame.plain)
        if self._count == 1:
            asyncio.get_running_loop().call_soon(self._send_broadcasts)
        elif self._count >= FRAMES_PER_WRITE or self._size > WRITE_BYTES:
            self._send_broadcasts()

    def queue_broadcasts(self) -> None:
        """Add all broadcasts to the pending frames of each recipient, which keeps the order of its frames."""
        for broadcast in self._take_broadcasts():
            for recipient in broadcast.recipients:
                recipient.queue_broadcast(broadcast)

    def _send_broadcasts(self) -> None:
        for broadcast in self._take_broadcasts():
            for recipient in broadcast.recipients:
                recipient.send_broadcast(broadcast)

    def _take_broadcasts(self) -> list[Broadcast]:
        broadcasts, self.broadcasts = self.broadcasts, []
        self._count = self._size = 0
        return broadcasts

    def _flush(self) -> None:
        writers, self._writers = self._writers, []
        for writer in writers:
            writer.flush()


def _call_later(delay: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
    return asyncio.get_running_loop().call_later(delay, callback)


# A batch must not reference its loop, otherwise neither is freed.
_batches: Final[weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, WriteBatch]] = weakref.WeakKeyDictionary()


class BroadcastRecipient(Protocol):
    """Connection that receives broadcasts."""

    def send_broadcast(self, broadcast: Broadcast) -> None:
        """Write the frames now, or queue them behind pending frames."""
        ...

    def queue_broadcast(self, broadcast: Broadcast) -> None:
        """Add the frames to the pending frames."""
        ...


class Broadcast:
    """Consecutive frames with the same recipients."""

    __slots__ = ("_compressed", "frames", "plain", "recipients", "sent_at")

    def __init__(self, frame: PreparedFrame, recipients: Sequence[BroadcastRecipient], now: float) -> None:
        """Create a broadcast of one frame.

        Args:
            frame: First frame.
            recipients: Connections.
            now: Time by the clock of the application, in seconds.
        """
        self.frames = [frame]
        self.recipients = recipients
        self.sent_at = now
        """Time of the last frame by the clock of the application, in seconds."""
        self.plain = frame.plain
        """All frames, joined, for connections without compression."""
        self._compressed: dict[int, bytes] = {}

    def add(self, frame: PreparedFrame, now: float) -> None:
        """Append a frame."""
        self.frames.append(frame)
        self.sent_at = now
        self.plain += frame.plain

    def compressed(self, params: DeflateParams) -> bytes:
        """Return all frames, joined, for connections with these parameters; built once for each window size."""
        data = self._compressed.get(params.server_window_bits)
        if data is None:
            data = b"".join(frame.encoded_for(params) for frame in self.frames)
            self._compressed[params.server_window_bits] = data
        return data
