"""Reading half of a connection: takeover of the socket, reads in batches, and signs of life."""

from __future__ import annotations

import abc
import asyncio
import contextvars
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from tornado.ioloop import IOLoop
from tornado.iostream import IOStream, SSLIOStream

from .frame_skipper import FrameSkipper
from .frames import FrameError
from .parser import FrameParser
from .permessage_deflate import Decompressor
from .tcp_info import acknowledged_bytes, peer_closed, unacknowledged_bytes

__all__ = ["READ_BYTES", "WOULD_BLOCK", "SocketReader"]

READ_BYTES: Final = 64 * 1024
"""Maximum size of one read."""
FIRST_READ_BYTES: Final = 4 * 1024
"""Maximum size of one read until a read has this size."""
EARLY_BYTES: Final = 1 << 24
"""Maximum size of bytes received with the handshake request."""
MAX_DISCARDED_BYTES: Final = 64 << 20
"""Maximum size of bytes discarded after a close frame, before the socket is closed."""
WOULD_BLOCK: Final = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
"""Exceptions of a socket that is not ready."""


class SocketReader(FrameParser):
    """Parser that reads from the socket of one connection.

    After the handshake it takes over the socket from Tornado's stream. The stream still owns the socket, but neither
    reads nor writes, because it creates a future for each operation. With TLS, the socket encrypts and decrypts.
    """

    __slots__ = (
        "_acknowledged",
        "_context",
        "_discarded",
        "_discarding",
        "_events",
        "_fd",
        "_in_batch",
        "_loop",
        "_read_size",
        "_received",
        "_recv",
        "_shutting_down",
        "_skipper",
        "_socket_send",
        "_tls",
        "_unacknowledged",
        "stream",
    )

    _recv: Callable[[int], bytes]
    _socket_send: Callable[[bytes | memoryview], int]

    def __init__(self, stream: IOStream, max_size: int, decompressor: Decompressor | None) -> None:
        super().__init__(max_size, decompressor)
        self.stream = stream
        """Tornado's stream, which owns the socket."""
        self._loop = asyncio.get_running_loop()
        self._context = contextvars.copy_context()
        self._socket_send = len  # discards all, until the connection has the socket
        self._events = 0
        self._fd = -1
        self._tls = False
        self._read_size = FIRST_READ_BYTES
        self._in_batch = False
        self._shutting_down = False
        self._discarding = False
        self._discarded = 0
        self._skipper: FrameSkipper | None = None
        self._received = True
        self._unacknowledged = self._acknowledged = 0

    # Implemented by subclasses.

    @abc.abstractmethod
    def flush(self) -> None:
        """Write the frames of the current batch."""

    @abc.abstractmethod
    def on_connection_lost(self) -> None:
        """Handle the end of the TCP connection; called once."""

    @abc.abstractmethod
    def on_protocol_error(self, error: FrameError) -> None:
        """Handle a violation of the protocol by the client."""

    @abc.abstractmethod
    def on_close_frame_skipped(self) -> None:
        """Handle the close frame of the client among discarded bytes."""

    @abc.abstractmethod
    def _wait_for_stream(self) -> None:
        """Queue all frames until the stream has written the response to the handshake."""

    @abc.abstractmethod
    def _is_blocked(self) -> bool:
        """Return True if frames wait for the socket to become writable."""

    @abc.abstractmethod
    def _on_writable(self) -> None:
        """Write queued frames."""

    @abc.abstractmethod
    def _discard_frames(self) -> None:
        """Discard all frames that are not written."""

    @abc.abstractmethod
    def _shut_down(self) -> None:
        """Shut down or close the socket, once all frames are written."""

    # The socket.

    def attach(self) -> None:
        """Take over the socket from the stream."""
        stream = self.stream
        self._tls = isinstance(stream, SSLIOStream)
        stream.set_nodelay(True)
        stream.set_close_callback(self._on_stream_closed)
        if stream.closed():
            self._loop.call_soon(self._on_stream_closed)
            return
        # Bytes received with the request. Without any, this read stays pending, because the stream receives no bytes.
        early = asyncio.ensure_future(stream.read_bytes(EARLY_BYTES, partial=True))
        early.add_done_callback(self._process_early)
        if stream.writing():  # the response to the handshake
            self._wait_for_stream()
            stream.write(b"").add_done_callback(lambda _: self._take_over())
        else:
            self._take_over()

    def close_socket(self) -> None:
        """Close the socket immediately."""
        if not self.stream.closed():
            self.stream.io_loop.remove_handler(self.stream.fileno())
            self.stream.close()
        self._socket_send = len  # discards later writes
        self._discard_frames()

    def set_context(self, context: contextvars.Context) -> None:
        """Run all callbacks for received frames in ``context`` from now on."""
        self._context = context
        if self._events & IOLoop.READ and not self.stream.closed():
            self._add_reader()

    def _take_over(self) -> None:
        stream = self.stream
        if stream.closed():
            return
        self._recv = stream.socket.recv
        self._socket_send = stream.socket.send
        self._fd = stream.socket.fileno()
        stream.io_loop.remove_handler(stream.fileno())
        self._events = IOLoop.READ
        stream.io_loop.add_handler(stream.fileno(), self._on_events, self._events)
        self._add_reader()
        if self._tls:
            self._read_soon()  # decrypted bytes do not make the socket readable
        if self._is_blocked():
            self._set_interest(IOLoop.WRITE, True)

    def _process_early(self, early: asyncio.Future[bytes]) -> None:
        if early.cancelled() or early.exception() is not None:
            return
        self._context.run(self._process, early.result())

    def _on_stream_closed(self) -> None:
        self._discard_frames()
        self.on_connection_lost()

    def _on_socket_error(self, error: OSError | None) -> None:
        self.stream.error = error
        self.close_socket()

    def _set_interest(self, event: int, enabled: bool) -> None:
        events = self._events | event if enabled else self._events & ~event
        if events != self._events and not self.stream.closed():
            self._events = events
            self.stream.io_loop.update_handler(self.stream.fileno(), events)
            if event == IOLoop.READ and enabled:
                self._add_reader()

    def _add_reader(self) -> None:
        """Register `_on_readable` with the event loop instead of Tornado's handler, which costs more calls."""
        with suppress(NotImplementedError):
            self._loop.add_reader(self._fd, self._context.run, self._on_readable)

    def _on_events(self, fd: object, events: int) -> None:
        if events & IOLoop.READ:
            self._context.run(self._on_readable)
        if events & IOLoop.WRITE and not self.stream.closed():
            self._on_writable()

    # Signs of life.

    def take_sign_of_life(self) -> bool:
        """Return True if a byte was received or acknowledged since the last call; no clock is read for each byte."""
        if not self.stream.closed():
            self._update_acknowledged()
        received, self._received = self._received, False
        return received

    @property
    def peer_closed(self) -> bool:
        """True if the client closed the TCP connection, even while reading is paused."""
        return not self.stream.closed() and peer_closed(self._fd)

    def _update_acknowledged(self) -> None:
        unacknowledged, acknowledged = unacknowledged_bytes(self._fd), acknowledged_bytes(self.stream.socket)
        if unacknowledged is None or acknowledged is None:
            return
        downloading = acknowledged > self._acknowledged and (unacknowledged or self._unacknowledged)
        if downloading or (self.paused and not unacknowledged):  # while paused, no bytes are received
            self._received = True
        self._acknowledged, self._unacknowledged = acknowledged, unacknowledged

    # Reading.

    def pause_reading(self) -> None:
        """Stop reading until `resume_reading`; TCP applies back-pressure to the client."""
        self.paused = True
        self._set_interest(IOLoop.READ, False)

    def resume_reading(self) -> None:
        """Continue reading in the next loop iteration."""
        if self.paused and not self.stopped:
            self.paused = False
            self._loop.call_soon(self._continue_reading)

    def _continue_reading(self) -> None:
        if self.paused or self.stream.closed():
            return
        if self.has_unparsed:
            self._context.run(self._process, b"")
        if not self.has_unparsed and not self.paused:
            self._set_interest(IOLoop.READ, True)
            if self._tls:
                self._read_pending()

    def _on_readable(self) -> None:
        if self.paused or self._unparsed:
            self._discard_readable()
            return
        try:
            data = self._recv(self._read_size)
        except WOULD_BLOCK:
            return
        except OSError as error:
            self._on_socket_error(error)
            return
        if not data:
            self._on_socket_error(None)
            return
        if len(data) == self._read_size:
            self._read_size = READ_BYTES  # most connections never need the large buffer, which is slower to allocate
        self._received = True
        self._process(data)
        if self._tls:
            self._read_pending()

    def discard(self, unparsed: bytes) -> None:
        """Stop parsing, and discard received bytes from now on.

        Args:
            unparsed: Received bytes from the start of a frame on, to find the client's close frame after it; empty if
                the start of the next frame is unknown.
        """
        self.stop()
        self._discarding = True
        self._set_interest(IOLoop.READ, True)
        if unparsed:
            self._skipper = FrameSkipper()
            self._skip(unparsed)

    def _skip(self, data: bytes) -> None:
        if self._skipper is not None and self._skipper.feed(data):
            self._skipper = None
            self.on_close_frame_skipped()

    def _discard_readable(self) -> None:
        if not (self._shutting_down or self._discarding) or self.stream.closed():
            return  # paused, or the rest of the previous batch comes first
        try:
            data = self._recv(READ_BYTES)
        except WOULD_BLOCK:
            return
        except OSError as error:
            self._on_socket_error(error)
            return
        self._discarded += len(data)
        if not data or self._discarded > MAX_DISCARDED_BYTES:
            self.close_socket()
        else:
            self._skip(data)

    def _read_pending(self) -> None:
        """Read bytes that TLS has already decrypted; they do not make the socket readable."""
        socket = self.stream.socket
        if isinstance(socket, ssl.SSLSocket) and socket.pending():
            self._read_soon()

    def _read_soon(self) -> None:
        self._loop.call_soon(self._context.run, self._on_readable)

    def _process(self, data: bytes) -> None:
        """Parse a batch of received bytes, then write all answers together. Empty ``data`` resumes parsing."""
        self._in_batch = True
        try:
            if data:
                self.feed(data)
            else:
                self.resume()
        except FrameError as error:
            self.on_protocol_error(error)
        except BaseException:  # a method ends the program; a frame may be parsed in part
            self._in_batch = False
            self.close_socket()
            raise
        self._in_batch = False
        self.flush()
        if self.paused or self._unparsed:
            self._after_batch()

    def _after_batch(self) -> None:
        if self._shutting_down:
            self._shut_down()
        elif not self.paused:
            self._loop.call_soon(self._continue_reading)
