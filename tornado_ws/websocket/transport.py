"""Carry frames over the socket of one connection: reads in batches, writes once a turn, holds what may wait."""

from __future__ import annotations

import abc
import asyncio
import contextvars
import socket
import ssl
from collections.abc import Callable, Hashable
from contextlib import suppress
from time import monotonic
from typing import Final

from tornado.ioloop import IOLoop
from tornado.iostream import IOStream, SSLIOStream

from .frames import BINARY, SHORT_TEXT, TEXT, FrameError, PreparedFrame, frame
from .parser import FrameParser
from .permessage_deflate import COMPRESS_FROM, Decompressor, DeflateParams, compress
from .settings import ConnectionSettings
from .tcp_info import acknowledged, hung_up, unacknowledged
from .write_batch import TOGETHER, Broadcast, WriteBatch
from .write_queue import CHUNK, WriteQueue

__all__ = ["Transport"]

READ_BYTES: Final = 64 * 1024
FIRST_READ_BYTES: Final = 4 * 1024
EARLY_BYTES: Final = 1 << 24
LINGER_BYTES: Final = 64 << 20
WOULD_BLOCK: Final = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Transport(FrameParser):
    """Takes the socket over from Tornado's stream, which goes on owning it, once the upgrade was answered.

    The stream is not asked to read or write any more: it makes a future for each. TLS works because the socket that
    it holds does it.
    """

    __slots__ = (
        "_acknowledged",
        "_agreement",
        "_batch",
        "_clean",
        "_context",
        "_events",
        "_fd",
        "_first",
        "_heard",
        "_heard_at",
        "_lingered",
        "_loop",
        "_more",
        "_outbox",
        "_parting",
        "_read_size",
        "_receive",
        "_room",
        "_tls",
        "_transmit",
        "_turn",
        "_unacknowledged",
        "closing",
        "last_broadcast_at",
        "settings",
        "stream",
    )

    _receive: Callable[[int], bytes]
    _transmit: Callable[[bytes | memoryview], int]

    def __init__(
        self, stream: IOStream, settings: ConnectionSettings, max_size: int, agreement: DeflateParams | None
    ) -> None:
        """Prepare; nothing is read or written before `attach`.

        Args:
            stream: Whose socket it is.
            settings: The limits.
            max_size: Bytes a message may have, unpacked.
            agreement: How messages are compressed; None: they are not.
        """
        super().__init__(max_size, None if agreement is None else Decompressor(agreement))
        self.stream = stream
        self.settings = settings
        self.closing = False
        """Whether nothing is sent any more."""
        self._agreement = agreement
        self._first = b""
        self._more: list[bytes] = []
        self._outbox: WriteQueue | None = None
        self._turn = WriteBatch.current()
        self._events = 0
        self._fd = -1
        self._read_size = FIRST_READ_BYTES
        self._tls = False
        self._batch = False
        self._parting = self._clean = False
        self._lingered = 0
        self._loop = asyncio.get_running_loop()
        self._room: asyncio.Future[None] | None = None
        self._context = contextvars.copy_context()
        self._heard = True
        self._heard_at = 0.0
        self._unacknowledged = self._acknowledged = 0
        self.last_broadcast_at = 0.0
        """When it was last sent what goes to many, by the clock of the application."""

    # What the connection does about what happens here.

    @abc.abstractmethod
    def lost(self, error: BaseException | None) -> None:
        """Note that the TCP connection is gone; called once."""

    @abc.abstractmethod
    def on_protocol_error(self, error: FrameError) -> None:
        """Note that the client broke the protocol."""

    @abc.abstractmethod
    def on_overflow(self) -> None:
        """Note that there is no room for a message."""

    @abc.abstractmethod
    def on_write_blocked(self) -> None:
        """Note that writing has to wait for the client from now on."""

    # The socket.

    def attach(self) -> None:
        """Take the socket over."""
        stream = self.stream
        self._tls = isinstance(stream, SSLIOStream)
        stream.set_nodelay(True)
        stream.set_close_callback(self._stream_closed)
        if stream.closed():
            self._loop.call_soon(self._stream_closed)
            return
        # What came together with the request; if nothing did this read stays open and the stream never sees a byte.
        early = asyncio.ensure_future(stream.read_bytes(EARLY_BYTES, partial=True))
        early.add_done_callback(self._read_early)
        if stream.writing():  # the answer to the upgrade has not left yet
            self._block(memoryview(b""))
            stream.write(b"").add_done_callback(lambda _: self._take_over())
        else:
            self._take_over()

    def _take_over(self) -> None:
        stream = self.stream
        if stream.closed():
            return
        self._receive = stream.socket.recv
        self._transmit = stream.socket.send
        self._fd = stream.socket.fileno()
        stream.io_loop.remove_handler(stream.fileno())
        self._events = IOLoop.READ
        stream.io_loop.add_handler(stream.fileno(), self._on_events, self._events)
        self._read_directly()
        if self._tls:
            self._read_soon()  # bytes that TLS holds already make no socket readable
        if self._outbox is not None:
            self._watch(IOLoop.WRITE, True)

    def _read_early(self, early: asyncio.Future[bytes]) -> None:
        if early.cancelled() or early.exception() is not None:
            return
        self._context.run(self._take, early.result())

    def _stream_closed(self) -> None:
        self._detached()
        self.lost(self.stream.error)

    def _detached(self) -> None:
        self._first = b""
        self._more.clear()
        self._outbox = None
        self._give_room()

    @property
    def heard(self) -> float:
        """When the client last showed that it is there, by `time.monotonic`: by any byte, or by taking a download.

        Whatever it did since this was last asked was done just now.
        """
        if not self.stream.closed():
            self._ask_kernel()
        if self._heard:
            self._heard = False
            self._heard_at = monotonic()
        return self._heard_at

    def _ask_kernel(self) -> None:
        left, taken = unacknowledged(self._fd), acknowledged(self.stream.socket)
        if left is None or taken is None:
            return
        downloading = taken > self._acknowledged and (left or self._unacknowledged)
        if downloading or (self.halted and not left):  # while we do not read it cannot be heard
            self._heard = True
        self._acknowledged, self._unacknowledged = taken, left

    @property
    def hung_up(self) -> bool:
        """Whether the client closed the TCP connection, which reading would tell, if we read."""
        return not self.stream.closed() and hung_up(self._fd)

    def _watch(self, event: int, wanted: bool) -> None:
        events = self._events | event if wanted else self._events & ~event
        if events != self._events and not self.stream.closed():
            self._events = events
            self.stream.io_loop.update_handler(self.stream.fileno(), events)
            if event == IOLoop.READ and wanted:
                self._read_directly()

    def _on_events(self, fd: object, events: int) -> None:
        if events & IOLoop.READ:
            self._context.run(self._readable)
        if events & IOLoop.WRITE and not self.stream.closed():
            self._writable()

    def _read_directly(self) -> None:
        """Let the event loop call `_readable` without the calls in between; for it, this replaces the handler."""
        with suppress(NotImplementedError):
            self._loop.add_reader(self._fd, self._context.run, self._readable)

    def read_in(self, context: contextvars.Context) -> None:
        """Let what arrives from now on be taken in this context."""
        self._context = context
        if self._events & IOLoop.READ and not self.stream.closed():
            self._read_directly()

    def drop(self) -> None:
        """Close the socket at once."""
        if not self.stream.closed():
            self.stream.io_loop.remove_handler(self.stream.fileno())
            self.stream.close()
        self._transmit = len  # whatever is still written is gone
        self._detached()

    # Reading.

    def pause_reading(self) -> None:
        """Read nothing until `resume_reading`; what the client sends stays with the client."""
        self.halted = True
        self._watch(IOLoop.READ, False)

    def resume_reading(self) -> None:
        """Go on where `pause_reading` stopped, in the next turn."""
        if self.halted and not self.stopped:
            self.halted = False
            self._loop.call_soon(self._read_on)

    def _read_on(self) -> None:
        if self.halted or self.stream.closed():
            return
        if self.pending:
            self._context.run(self._take, b"")
        if not self.pending and not self.halted:
            self._watch(IOLoop.READ, True)
            if self._tls:
                self._read_more()

    def _readable(self) -> None:
        if self.halted or self._rest:
            self._readable_otherwise()
            return
        try:
            data = self._receive(self._read_size)
        except WOULD_BLOCK:
            return
        except OSError as error:
            self._gone(error)
            return
        if not data:
            self._gone(None)
            return
        if len(data) == self._read_size:
            self._read_size = READ_BYTES  # a large buffer costs more than most messages need
        self._heard = True
        self._take(data)
        if self._tls:
            self._read_more()

    def _readable_otherwise(self) -> None:
        if not self._parting or self.stream.closed():
            return  # it has had its share of this turn, or what it asked for is still being done
        try:
            data = self._receive(READ_BYTES)
        except WOULD_BLOCK:
            return
        except OSError as error:
            self._gone(error)
            return
        self._lingered += len(data)
        if not data or self._lingered > LINGER_BYTES:
            self.drop()

    def _read_more(self) -> None:
        """Read what TLS holds decrypted: the socket will not become readable for it."""
        socket = self.stream.socket
        if isinstance(socket, ssl.SSLSocket) and socket.pending():
            self._read_soon()

    def _read_soon(self) -> None:
        self._loop.call_soon(self._context.run, self._readable)

    def _take(self, data: bytes) -> None:
        self._batch = True
        try:
            if data:
                self.feed(data)
            else:
                self.resume()
        except FrameError as error:
            self.on_protocol_error(error)
        self._batch = False
        if self._first:
            self.flush()
        if self.halted or self._rest:
            self._after_batch()

    def _after_batch(self) -> None:
        if self._parting:
            self._shut()
        elif not self.halted:
            self._loop.call_soon(self._read_on)

    def _gone(self, error: OSError | None) -> None:
        self.stream.error = error
        self.drop()

    # Writing.

    def send_frame(self, data: bytes, volatile: bool = False, latest: Hashable = None) -> asyncio.Future[None] | None:
        """Write one whole frame at the end of this turn, or let it wait; when the connection is closed do nothing.

        Returns:
            What to await before the next is sent; None: there is room.
        """
        if self.closing:
            return None  # nothing follows a close frame
        if self._turn.broadcasts:
            self._turn.hand_out()  # what was said to all came before
        if self._outbox is not None:
            if not self._outbox.put(data, monotonic(), volatile=volatile, latest=latest):
                self.on_overflow()
            return self.room()
        if not self._first:
            self._first = data
            if not self._batch:
                self._turn.add(self)
            return None
        self._more.append(data)
        if len(self._more) >= TOGETHER or len(data) > CHUNK:
            self.flush()
            return self.room()
        return None

    def send_text(self, data: bytes, volatile: bool = False, latest: Hashable = None) -> asyncio.Future[None] | None:
        """Send a text message, as `send_frame` does."""
        size = len(data)
        if size < 126:
            return self.send_frame(SHORT_TEXT[size] + data, volatile, latest)
        if self._agreement is None or size < COMPRESS_FROM:
            return self.send_frame(frame(TEXT, data), volatile, latest)
        return self.send_frame(self._compressed(TEXT, data), volatile, latest)

    def send_binary(self, data: bytes) -> None:
        """Send a binary message."""
        if self._agreement is None or len(data) < COMPRESS_FROM:
            self.send_frame(frame(BINARY, data))
        else:
            self.send_frame(self._compressed(BINARY, data))

    def send_prepared(self, prepared: PreparedFrame) -> None:
        """Send a text message that goes to many connections."""
        self.send_frame(prepared.agreed(self._agreement), prepared.volatile, prepared.latest)

    def send_broadcast(self, broadcast: Broadcast) -> None:
        """Write what goes to many, at once unless something has to go before."""
        if self._first or self._outbox is not None:
            self.queue_broadcast(broadcast)
        elif not self.closing:
            self.last_broadcast_at = broadcast.now
            agreed = self._agreement
            self._write(broadcast.plain if agreed is None else broadcast.packed(agreed))

    def queue_broadcast(self, broadcast: Broadcast) -> None:
        """Send what goes to many as if it went to this connection alone."""
        self.last_broadcast_at = broadcast.now
        for prepared in broadcast.frames:
            self.send_prepared(prepared)

    def send_last(self, data: bytes) -> None:
        """Send a frame for which there is always room, behind all others."""
        if self._outbox is not None:
            self._outbox.put_last(data, monotonic())
        else:
            self.send_frame(data)

    def send_pong(self, data: bytes) -> None:
        """Send a pong; if pongs have to wait, only the latest does."""
        if self._outbox is not None:
            self._outbox.pong = data
        else:
            self.send_frame(data)

    def _compressed(self, opcode: int, data: bytes) -> bytes:
        agreed = self._agreement
        assert agreed is not None
        return frame(opcode, compress(data, agreed.server_bits, agreed.level, agreed.memory), deflated=True)

    def flush(self) -> None:
        """Write what this turn has brought."""
        data = self._first
        if not data:
            return
        self._first = b""
        if self._more:
            data = b"".join((data, *self._more))
            self._more.clear()
        self._write(data)

    def _write(self, data: bytes) -> None:
        try:
            count = self._transmit(data)
        except WOULD_BLOCK:
            count = 0
        except OSError as error:
            self._gone(error)
            return
        if count < len(data):
            self._block(memoryview(data)[count:])
            self._watch(IOLoop.WRITE, True)
            self.on_write_blocked()

    def _block(self, rest: memoryview) -> None:
        self._outbox = WriteQueue(rest, self.settings.outbox_bytes, self.settings.counters, monotonic())

    def _writable(self) -> None:
        outbox = self._outbox
        while outbox is not None and outbox.head is not None:
            try:
                count = self._transmit(outbox.head) if outbox.head else 0
            except WOULD_BLOCK:
                break
            except OSError as error:
                self._gone(error)
                return
            self._heard = True
            outbox.advance(count, monotonic())
        if outbox is None or outbox.head is None:
            self._outbox = None
            self._watch(IOLoop.WRITE, False)
        if self._room is not None and (outbox is None or outbox.size <= self.settings.outbox_bytes // 4):
            self._give_room()
        if self._parting:
            self._shut()

    def room(self) -> asyncio.Future[None] | None:
        """Return what to await before the next message is sent; None: there is room."""
        if self._outbox is None or self._outbox.size <= self.settings.outbox_bytes // 2:
            return None
        if self._room is None:
            self._room = asyncio.get_running_loop().create_future()
        return self._room

    def _give_room(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        self._room = None

    # Parting.

    def part(self, *, clean: bool) -> None:
        """Write what is left and close the socket.

        Args:
            clean: The client said good-bye. If it did not, it may still be sending, and closing with bytes unread
                makes the kernel send a reset that overtakes the close frame; so reading goes on until it closes.
        """
        if self._parting or self.stream.closed():
            return
        self._parting = True
        self._clean = clean
        self.stop()
        if self._batch:
            return  # it is flushed when the batch ends
        self.flush()
        self._shut()

    def _shut(self) -> None:
        if self.stream.closed() or self._first or self._outbox is not None:
            return
        if self._clean and not self._unread():
            self.drop()
            return
        try:
            self.stream.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.drop()
        else:
            self._watch(IOLoop.READ, True)

    def _unread(self) -> bool:
        try:
            return bool(self._receive(READ_BYTES))
        except OSError:
            return False
