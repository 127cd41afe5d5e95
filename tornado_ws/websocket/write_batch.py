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
from .time_slice import TimeSlice
from .write_queue import WRITE_BYTES

__all__ = ["FRAMES_PER_WRITE", "Broadcast", "BroadcastRecipient", "Flushable", "WriteBatch"]


FRAMES_PER_WRITE: Final = 64
"""Maximum number of frames that are joined for one write."""
SLICE_SECONDS: Final = 0.005
"""Time of all writes in one iteration of the event loop, in seconds."""
STEP = 16
"""Number of connections between two readings of the clock."""
MAX_BROADCASTS: Final = 64
"""Maximum number of broadcasts that wait for later iterations."""
MAX_BYTES: Final = 8 * 1024 * 1024
"""Maximum size of these broadcasts together, in bytes; one of any size may wait."""


class Flushable(Protocol):
    """Connection with frames to write."""

    def flush(self) -> None:
        """Write the frames."""
        ...


class WriteBatch:
    """Frames of the current loop iteration, and the timer that the connections of an event loop share.

    Writes to many connections take several iterations. The order of the frames of each connection does not change.
    """

    def __init__(self) -> None:
        self._writers: list[Flushable] = []
        self._flush_scheduled = False
        self._sending_scheduled = False
        self._size = 0
        self._slice = TimeSlice(SLICE_SECONDS)
        self.broadcasts: list[Broadcast] = []
        """Broadcasts to send, in order; a recipient that sends another frame receives its broadcasts before."""
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
        self._writers.append(writer)
        if not self._flush_scheduled:
            self._flush_scheduled = True
            asyncio.get_running_loop().call_soon(self._flush)

    def broadcast(self, frame: PreparedFrame, recipients: Sequence[BroadcastRecipient], now: float) -> None:
        """Send a frame to many connections at the end of the iteration.

        Args:
            frame: Frame to send.
            recipients: Connections; the sequence must not change afterwards.
            now: Time by the clock of the application, in seconds.
        """
        broadcasts = self.broadcasts
        last = broadcasts[-1] if broadcasts else None
        if last is not None and last.can_grow and last.recipients == recipients:
            last.add(frame, now)
        else:
            last = Broadcast(frame, recipients, now)
            broadcasts.append(last)
        if not self._sending_scheduled:
            self._sending_scheduled = True
            asyncio.get_running_loop().call_soon(self._send_broadcasts)
        self._size += len(frame.plain)
        while len(broadcasts) > 1 and (len(broadcasts) > MAX_BROADCASTS or self._size > MAX_BYTES):
            self._send_first(len(broadcasts[0].recipients))  # the caller waits instead of the memory growing

    def queue_broadcasts(self, recipient: BroadcastRecipient) -> None:
        """Add the broadcasts to the pending frames of a recipient, which keeps the order of its frames."""
        for broadcast in self.broadcasts:
            if broadcast.take(recipient):
                recipient.queue_broadcast(broadcast)

    def _send_broadcasts(self) -> None:
        broadcasts = self.broadcasts
        while broadcasts:
            self._send_first(STEP)
            if broadcasts and self._slice.used_up:
                asyncio.get_running_loop().call_soon(self._send_broadcasts)
                return
        self._sending_scheduled = False

    def _send_first(self, count: int) -> None:
        """Send the first broadcast to its next ``count`` recipients."""
        first = self.broadcasts[0]
        if first.send(count):
            del self.broadcasts[:1]
            self._size -= len(first.plain)

    def _flush(self) -> None:
        writers, self._writers = self._writers, []
        self._flush_scheduled = False
        count = len(writers)
        start = 0
        while start < count:
            end = min(start + STEP, count)
            for index in range(start, end):
                try:
                    writers[index].flush()
                except Exception as error:
                    _report(error)  # the others are still flushed
            start = end
            if start < count and self._slice.used_up:
                self._writers = [*writers[start:], *self._writers]
                if not self._flush_scheduled:
                    self._flush_scheduled = True
                    asyncio.get_running_loop().call_soon(self._flush)
                return


def _report(error: Exception) -> None:
    """Report the failure of one connection to the event loop."""
    context = {"message": "a connection failed to write", "exception": error}
    asyncio.get_running_loop().call_exception_handler(context)


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

    __slots__ = ("_compressed", "_position", "_waiting", "frames", "plain", "recipients", "sent_at")

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
        self._position = 0
        self._waiting: set[BroadcastRecipient] | None = None

    @property
    def can_grow(self) -> bool:
        """True if :meth:`add` is allowed: nothing was sent, and the limits of one write are not reached."""
        return (
            not self._position
            and self._waiting is None
            and len(self.frames) < FRAMES_PER_WRITE
            and len(self.plain) <= WRITE_BYTES
        )

    def send(self, count: int) -> bool:
        """Send the frames to the next ``count`` recipients; return True if there are no others."""
        recipients, waiting = self.recipients, self._waiting
        start = self._position
        self._position = end = min(start + count, len(recipients))
        for index in range(start, end):
            recipient = recipients[index]
            try:
                if waiting is None:
                    recipient.send_broadcast(self)
                elif recipient in waiting:
                    waiting.discard(recipient)
                    recipient.queue_broadcast(self)  # other frames follow soon, and are joined with these for one write
            except Exception as error:
                _report(error)  # the others still receive the frames
        return end == len(recipients)

    def take(self, recipient: BroadcastRecipient) -> bool:
        """Remove a recipient that still waits for the frames; return False for any other connection."""
        if self._waiting is None:
            self._waiting = set(self.recipients[self._position :])
        if recipient not in self._waiting:
            return False
        self._waiting.discard(recipient)
        return True

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
