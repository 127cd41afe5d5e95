"""Writing half of a connection: one write per loop iteration, queueing for slow clients, and closing of the socket."""

from __future__ import annotations

import abc
import asyncio
import socket
from collections.abc import Hashable
from time import monotonic

from tornado.ioloop import IOLoop
from tornado.iostream import IOStream

from .frames import BINARY, SHORT_TEXT_HEADERS, TEXT, frame
from .permessage_deflate import COMPRESS_FROM, Decompressor, DeflateParams, compress
from .settings import ConnectionSettings
from .socket_reader import READ_BYTES, WOULD_BLOCK, SocketReader
from .write_batch import FRAMES_PER_WRITE, Broadcast, WriteBatch
from .write_queue import WRITE_BYTES, SocketWriteQueue

__all__ = ["Transport"]


class Transport(SocketReader):
    """Frames in both directions over the socket of one connection."""

    __slots__ = (
        "_deflate",
        "_first_frame",
        "_lingers",
        "_more_frames",
        "_writable",
        "_write_batch",
        "_write_queue",
        "closing",
        "last_broadcast_at",
        "settings",
    )

    def __init__(
        self, stream: IOStream, settings: ConnectionSettings, max_size: int, deflate: DeflateParams | None
    ) -> None:
        """Create a transport that reads and writes nothing before `attach`.

        Args:
            stream: Tornado's stream, which owns the socket.
            settings: Limits of the connection.
            max_size: Maximum size of a message after decompression, in bytes.
            deflate: Parameters of the compression; None for no compression.
        """
        super().__init__(stream, max_size, None if deflate is None else Decompressor(deflate))
        self.settings = settings
        self.closing = False
        """True once no frame can be sent, because a close frame was sent or the connection ended."""
        self.last_broadcast_at = 0.0
        """Time of the last broadcast to this connection, by the clock of the application, in seconds."""
        self._deflate = deflate
        self._first_frame = b""  # most iterations have one frame, which needs no list
        self._more_frames: list[bytes] = []
        self._write_queue: SocketWriteQueue | None = None
        self._write_batch = WriteBatch.current()
        self._writable: asyncio.Future[None] | None = None
        self._lingers = False

    # Implemented by subclasses.

    @abc.abstractmethod
    def on_overflow(self) -> None:
        """Handle a message that exceeds the limit of the write queue."""

    @abc.abstractmethod
    def on_write_blocked(self) -> None:
        """Handle the start of queueing."""

    # Writing.

    def send_frame(self, data: bytes, volatile: bool = False, latest: Hashable = None) -> asyncio.Future[None] | None:
        """Write a complete frame at the end of the loop iteration, or queue it. Does nothing once closing.

        Returns:
            Future for back-pressure (`wait_writable`), or None.
        """
        if self._write_batch.broadcasts:
            self._write_batch.queue_broadcasts(self)  # they precede this frame
        return self._put_frame(data, volatile, latest)

    def _put_frame(self, data: bytes, volatile: bool, latest: Hashable) -> asyncio.Future[None] | None:
        if self.closing:
            return None  # no frame follows a close frame
        if self._write_queue is not None:
            if not self._write_queue.put(data, monotonic(), volatile=volatile, latest=latest):
                self.on_overflow()
            return self.wait_writable()
        if not self._first_frame:
            self._first_frame = data
            if not self._in_batch:
                self._write_batch.add(self)
            return None
        self._more_frames.append(data)
        if len(self._more_frames) >= FRAMES_PER_WRITE or len(data) > WRITE_BYTES:
            self.flush()
            return self.wait_writable()
        return None

    def send_text(self, data: bytes, volatile: bool = False, latest: Hashable = None) -> asyncio.Future[None] | None:
        """Send a text message; see `send_frame`."""
        size = len(data)
        if size < 126:
            return self.send_frame(SHORT_TEXT_HEADERS[size] + data, volatile, latest)
        if self._deflate is None or size < COMPRESS_FROM:
            return self.send_frame(frame(TEXT, data), volatile, latest)
        return self.send_frame(self._compressed_frame(TEXT, data), volatile, latest)

    def send_binary(self, data: bytes) -> None:
        """Send a binary message."""
        if self._deflate is None or len(data) < COMPRESS_FROM:
            self.send_frame(frame(BINARY, data))
        else:
            self.send_frame(self._compressed_frame(BINARY, data))

    def send_broadcast(self, broadcast: Broadcast) -> None:
        """Write the frames of a broadcast now, or queue them behind pending frames."""
        if self._first_frame or self._write_queue is not None:
            self.queue_broadcast(broadcast)
        elif not self.closing:
            self.last_broadcast_at = broadcast.sent_at
            deflate = self._deflate
            self._write(broadcast.plain if deflate is None else broadcast.compressed(deflate))

    @property
    def write_queue_bytes(self) -> int:
        """Size of the frames that wait for the client, in bytes."""
        return 0 if self._write_queue is None else self._write_queue.size

    def queue_broadcast(self, broadcast: Broadcast) -> None:
        """Add the frames of a broadcast to the pending frames."""
        self.last_broadcast_at = broadcast.sent_at
        deflate = self._deflate
        for prepared in broadcast.frames:
            self._put_frame(prepared.encoded_for(deflate), prepared.volatile, prepared.latest)

    def queue_broadcasts(self) -> None:
        """Add all broadcasts so far to the pending frames."""
        if not self.closing and self._write_batch.broadcasts:
            self._write_batch.queue_broadcasts(self)

    def send_control(self, data: bytes) -> None:
        """Send a control frame after all other frames; the limit of the queue does not apply."""
        if self._write_queue is not None:
            self._write_queue.put_control(data, monotonic())
        else:
            self.send_frame(data)

    def send_pong(self, data: bytes) -> None:
        """Send a pong; it replaces a queued pong (RFC 6455 section 5.5.3)."""
        if self._write_queue is not None:
            self._write_queue.pong = data
        else:
            self.send_frame(data)

    def _compressed_frame(self, opcode: int, data: bytes) -> bytes:
        deflate = self._deflate
        assert deflate is not None
        compressed = compress(data, deflate.server_window_bits, deflate.compression_level, deflate.mem_level)
        return frame(opcode, compressed, compressed=True)

    def flush(self) -> None:
        """Write the frames of the current loop iteration or batch."""
        data = self._first_frame
        if not data:
            return
        self._first_frame = b""
        if self._more_frames:
            data = b"".join((data, *self._more_frames))
            self._more_frames.clear()
        self._write(data)

    def _write(self, data: bytes) -> None:
        try:
            count = self._socket_send(data)
        except WOULD_BLOCK:
            count = 0
        except OSError as error:
            self._on_socket_error(error)
            return
        if count < len(data):
            self._start_queue(memoryview(data)[count:])
            self._set_interest(IOLoop.WRITE, True)
            self.on_write_blocked()

    def _start_queue(self, head: memoryview) -> None:
        settings = self.settings
        self._write_queue = SocketWriteQueue(head, settings.write_queue_bytes, settings.counters, monotonic())

    def _wait_for_stream(self) -> None:
        self._start_queue(memoryview(b""))

    def _is_blocked(self) -> bool:
        return self._write_queue is not None

    def _discard_frames(self) -> None:
        self._first_frame = b""
        self._more_frames.clear()
        self._write_queue = None
        self._notify_writable()

    def _on_writable(self) -> None:
        queue = self._write_queue
        while queue is not None and queue.head is not None:
            try:
                count = self._socket_send(queue.head) if queue.head else 0
            except WOULD_BLOCK:
                break
            except OSError as error:
                self._on_socket_error(error)
                return
            self._received = True
            queue.advance(count, monotonic())
        if queue is None or queue.head is None:
            self._write_queue = None
            self._set_interest(IOLoop.WRITE, False)
        if self._writable is not None and (queue is None or queue.size <= self.settings.write_queue_bytes // 4):
            self._notify_writable()
        if self._shutting_down:
            self._shut_down()

    def wait_writable(self) -> asyncio.Future[None] | None:
        """Return a future that resolves when the queue falls to a quarter of its limit; None up to half of it."""
        if self._write_queue is None or self._write_queue.size <= self.settings.write_queue_bytes // 2:
            return None
        if self._writable is None:
            self._writable = self._loop.create_future()
        return asyncio.shield(self._writable)  # the cancellation of one waiting task must not affect the others

    def _notify_writable(self) -> None:
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None

    # Closing.

    def begin_close(self, *, linger: bool) -> None:
        """Write all frames, then close the socket.

        Args:
            linger: True to read and discard bytes until the client closes the connection. When a socket with unread
                bytes is closed, the kernel sends a reset, which may overtake the close frame.
        """
        if self._shutting_down or self.stream.closed():
            return
        self._shutting_down = True
        self._lingers = linger
        self.stop()
        if self._in_batch:
            return  # the end of the batch continues
        self.flush()
        self._shut_down()

    def _shut_down(self) -> None:
        if self.stream.closed() or self._first_frame or self._write_queue is not None:
            return
        if not self._lingers and not self._has_unread():
            self.close_socket()
            return
        try:
            self.stream.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.close_socket()
        else:
            self._set_interest(IOLoop.READ, True)

    def _has_unread(self) -> bool:
        try:
            return bool(self._recv(READ_BYTES))
        except OSError:
            return False
