"""WebSocket connection of a handler, from the end of the handshake to the end of the TCP connection."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable
from time import monotonic
from types import CoroutineType
from typing import Any, Final, Protocol, TypeAlias

import tornado.gen
from tornado.httputil import HTTPServerRequest
from tornado.iostream import IOStream
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from ..errors import CloseCode
from .coroutine_runner import CoroutineRunner
from .frames import PING, PONG, FrameError, close_frame, frame
from .keepalive import Heartbeat, Keepalive, KeepaliveAction
from .permessage_deflate import DeflateParams
from .settings import ConnectionSettings
from .transport import Transport

__all__ = ["Connection", "ConnectionHandler"]

logger = logging.getLogger("tornado_ws")

NO_STATUS: Final = 1005
"""Close code for a close frame without a code (RFC 6455 section 7.4.1)."""
PEER_CHECK_INTERVAL: Final = 1.0
"""Seconds between two checks of `peer_closed` while reading is paused."""

Receiver: TypeAlias = Callable[[bytes], Awaitable[object] | None]


class ConnectionHandler(Protocol):
    """Handler of a connection: some methods of Tornado's handler, and four more."""

    request: HTTPServerRequest

    def on_ping(self, data: bytes) -> None:
        """Handle a ping, which is answered already."""
        ...

    def on_pong(self, data: bytes) -> None:
        """Handle a pong."""
        ...

    def on_ws_connection_close(self, close_code: int | None = None, close_reason: str | None = None) -> None:
        """Handle the end of the connection; called once."""
        ...

    def on_text(self, data: bytes) -> Awaitable[object] | None:
        """Handle a text message, which is valid UTF-8. The next message waits for the returned awaitable."""
        ...

    def on_binary(self, data: bytes) -> Awaitable[object] | None:
        """Handle a binary message. The next message waits for the returned awaitable."""
        ...

    def on_failure(self, error: BaseException) -> None:
        """Handle an exception of one of these methods, or of an awaitable that they returned."""
        ...

    def on_heartbeat(self) -> None:
        """Send a frame that the client answers."""
        ...


class Connection(Transport):
    """Connection that enforces RFC 6455 and bounds all queues, without a task or future for each message.

    The handler is notified of the end at once. The rest, such as reading until the client has received the close
    frame, happens without the handler.
    """

    __slots__ = (
        "_finished",
        "_handler",
        "_handler_deadline",
        "_has_receivers",
        "_keepalive",
        "_on_binary",
        "_on_text",
        "_open_task",
        "_receive_queue",
        "_receive_queue_size",
        "_runner",
        "_scheduled",
        "_sent_code",
        "_socket_deadline",
        "close_code",
        "close_reason",
        "was_clean",
    )

    def __init__(
        self,
        handler: ConnectionHandler,
        stream: IOStream,
        settings: ConnectionSettings,
        *,
        max_size: int,
        deflate: DeflateParams | None,
    ) -> None:
        """Create a connection that does nothing before :meth:`open`.

        Args:
            handler: Handler of received messages.
            stream: Tornado's stream, which owns the socket.
            settings: Limits of the connection.
            max_size: Maximum size of a message after decompression, in bytes.
            deflate: Parameters of the compression; None for no compression.
        """
        super().__init__(stream, settings, max_size, deflate)
        self.was_clean = False
        """True if the closing handshake was completed; known at the end of the connection."""
        self.close_code: int | None = None
        """Code of the first close frame, from either side; None without one."""
        self.close_reason: str | None = None
        """Reason of the first close frame."""
        self._handler: ConnectionHandler | None = handler
        self._on_text: Receiver = handler.on_text
        self._on_binary: Receiver = handler.on_binary
        self._runner = CoroutineRunner(self._next_work, self._on_error, self._context)
        self._runner.busy = True  # queues messages until `start_delivery`
        self._receive_queue: list[tuple[Receiver, bytes]] = []  # short; an empty deque takes more memory
        self._receive_queue_size = 0
        self._open_task: asyncio.Task[Any] | None = None
        self._has_receivers = self._finished = False
        self._sent_code: int | None = None
        self._keepalive: Keepalive | None = None
        self._scheduled: float | None = None
        self._socket_deadline: float | None = None
        self._handler_deadline: float | None = None

    def set_receivers(self, on_text: Receiver, on_binary: Receiver, context: contextvars.Context) -> None:
        """Deliver all further messages to these functions, in ``context``, instead of the handler's methods."""
        self._on_text, self._on_binary = on_text, on_binary
        self._has_receivers = True
        self._runner.context = context
        self.set_context(context)

    def open(self, heartbeat: Heartbeat | None) -> None:
        """Take the socket over, in the task that calls the handler's `open`. Messages wait for `start_delivery`.

        Args:
            heartbeat: Intervals of pings; None for no pings.
        """
        self._open_task = asyncio.current_task()
        if heartbeat is not None:
            self._keepalive = Keepalive(heartbeat, None, monotonic())
            self._schedule(self._keepalive.deadline)
        self.attach()

    @property
    def opening(self) -> bool:
        """True if the current task is the one that calls the handler's `open`."""
        return self._open_task is not None and self._open_task is asyncio.current_task()

    def start_delivery(self) -> None:
        """Deliver messages from now on: the handler's `open` has returned or failed."""
        self._open_task = None
        if not self._has_receivers:
            self._runner.context = contextvars.copy_context()
            self.set_context(self._runner.context)
        if self._receive_queue:
            self._runner.wake()
        else:
            self._runner.busy = False
        if self._finished:
            self._loop.call_soon(self._notify_handler)

    def ping(self, data: bytes) -> None:
        """Send a ping with a payload of at most 125 bytes.

        Raises:
            ValueError: The payload is longer.
        """
        if len(data) > 125:
            raise ValueError(f"expected at most 125 bytes in a ping, got {len(data)}")
        if not self.closing:
            self.send_control(frame(PING, data))

    # Receiving.

    def text_received(self, payload: bytes) -> None:
        """Deliver or queue a text message."""
        # The body of `_deliver`, repeated: most messages come here, and the call is a measurable part of their cost.
        runner = self._runner
        if runner.busy or self.closing:
            self._enqueue(self._on_text, payload)
            return
        try:
            work = self._on_text(payload)
        except (Exception, asyncio.CancelledError) as error:
            self._on_error(error)
            return
        if work is not None:
            runner.run(work if type(work) is CoroutineType else _as_awaitable(work))

    def binary_received(self, payload: bytes) -> None:
        """Deliver or queue a binary message."""
        self._deliver(self._on_binary, payload)

    def ping_received(self, payload: bytes) -> None:
        """Send a pong, and deliver the ping if the handler overrides `on_ping`."""
        if not self.closing:
            self.send_pong(frame(PONG, payload))
        if self._handler is not None and _overrides(self._handler, "on_ping"):
            self._deliver(self._handler.on_ping, payload)

    def pong_received(self, payload: bytes) -> None:
        """Deliver the pong if the handler overrides `on_pong`."""
        if self._handler is not None and _overrides(self._handler, "on_pong"):
            self._deliver(self._handler.on_pong, payload)

    def close_received(self, code: int | None, reason: str | None) -> None:
        """Complete the closing handshake (RFC 6455 section 5.5.1). Earlier messages are still handled."""
        if self.closing:
            first = self._sent_code is not None
            self._finish(self._sent_code if first else code, self.close_reason if first else reason, clean=True)
        else:
            self._send_close_frame(close_frame(code, None))
            self._finish(NO_STATUS if code is None else code, reason, clean=True)
        self._close_socket_within(self.settings.linger, linger=False)

    def _deliver(self, receiver: Receiver, payload: bytes) -> None:
        runner = self._runner
        if runner.busy or self.closing:
            self._enqueue(receiver, payload)
            return
        try:
            work = receiver(payload)
        except (Exception, asyncio.CancelledError) as error:
            self._on_error(error)
            return
        if work is not None:
            runner.run(_as_awaitable(work))

    def _enqueue(self, receiver: Receiver, payload: bytes) -> None:
        """Add a message to the receive queue; pause reading at its limits."""
        if self.closing:
            return  # our close frame is sent
        self._receive_queue.append((receiver, payload))
        self._receive_queue_size += len(payload)
        if (
            len(self._receive_queue) >= self.settings.receive_queue_messages
            or self._receive_queue_size >= self.settings.receive_queue_bytes
        ):
            self.pause_reading()
            self._schedule(monotonic() + PEER_CHECK_INTERVAL)

    def _next_work(self) -> Awaitable[object] | None:
        """Deliver queued messages up to the first that returns an awaitable; return the awaitable."""
        queue = self._receive_queue
        while queue:
            receiver, payload = queue.pop(0)
            self._receive_queue_size -= len(payload)
            if self.paused and len(queue) <= self.settings.receive_queue_messages // 4:
                self.resume_reading()
            try:
                work = receiver(payload)
            except (Exception, asyncio.CancelledError) as error:
                self._on_error(error)
                continue
            if work is not None:
                return _as_awaitable(work)
        if self._finished:
            self._loop.call_soon(self._notify_handler)
        return None

    def _on_error(self, error: BaseException) -> None:
        if isinstance(error, asyncio.CancelledError) and (task := asyncio.current_task()) and task.cancelling():
            self.fail(CloseCode.GOING_AWAY, "the server stops")  # all tasks are being cancelled
            return
        send_after_close = isinstance(error, WebSocketClosedError) and self.closing
        if self._handler is not None and not send_after_close:
            self._handler.on_failure(error)

    # Closing.

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Start the closing handshake (RFC 6455 section 7.1.2); messages not handled yet are dropped.

        Raises:
            ValueError: The code must not be sent.
        """
        if self.closing:
            return
        data = close_frame(code, reason)
        self.send_control(data)
        self.closing = True
        self._sent_code = code if code is not None or not reason else CloseCode.NORMAL
        self.close_reason = reason
        self._receive_queue.clear()
        self._receive_queue_size = 0
        self.resume_reading()
        self._socket_deadline = monotonic() + self.settings.close_timeout
        self._schedule(self._socket_deadline)

    def fail(self, code: CloseCode, reason: str) -> None:
        """Send a close frame instead of queued frames, cancel the handler, and close (RFC 6455 section 7.1.7)."""
        self._fail(code, reason, self.settings.linger, linger=True)

    def abort(self) -> None:
        """Close the socket without a close frame, and cancel the handler."""
        self._finish(None, None, clean=False)
        self.close_socket()

    def abort_if_attached(self) -> None:
        """Abort, unless the handler has been notified of the end; Tornado calls this then, too."""
        if self._handler is not None:
            self.abort()

    def close_unresponsive(self) -> None:
        """Close with 4508: nothing was received for longer than the heartbeat allows."""
        self.settings.counters.unresponsive += 1
        self._log_close(CloseCode.UNRESPONSIVE, "unresponsive")
        self._fail(CloseCode.UNRESPONSIVE, "unresponsive", 0.0, linger=False)

    def on_overflow(self) -> None:
        """Close with 3008: the client reads too slowly. It receives the close frame when it reads again."""
        if self._finished:
            return
        self.settings.counters.too_slow += 1
        self._log_close(CloseCode.TOO_SLOW, "too slow")
        self._fail(CloseCode.TOO_SLOW, "too slow", self.settings.slow_linger, linger=True)

    def on_protocol_error(self, error: FrameError) -> None:
        """Close with the code of the error."""
        self.settings.counters.protocol_errors += 1
        self._log_close(error.code, error.reason)
        self.fail(error.code, error.reason)

    def on_connection_lost(self) -> None:
        """Finish: the TCP connection is closed."""
        self._socket_deadline = None
        if self.closing:
            self._finish(self._sent_code, self.close_reason, clean=True)
        else:
            self._finish(None, None, clean=False)
        if self._handler_deadline is None:
            self._write_batch.deadlines.remove(self)

    def _fail(self, code: CloseCode, reason: str, seconds: float, *, linger: bool) -> None:
        if not self._finished:
            self._send_close_frame(close_frame(code, reason))
            self._finish(code, reason, clean=False)
            self._close_socket_within(seconds, linger=linger)

    def _send_close_frame(self, data: bytes) -> None:
        """Send a close frame instead of queued frames, unless one was sent."""
        if not self.closing:
            if self._write_queue is not None:
                self._write_queue.clear()
            self.send_control(data)
            self.closing = True

    def _close_socket_within(self, seconds: float, *, linger: bool) -> None:
        self._socket_deadline = monotonic() + seconds
        self._schedule(self._socket_deadline)
        self.begin_close(linger=linger)

    def _finish(self, code: int | None, reason: str | None, *, clean: bool) -> None:
        """End the connection for the handler.

        Args:
            code: Code of the first close frame, from either side; None without one.
            reason: Its reason.
            clean: True to handle the messages received before, within ``handler_timeout``; else they are dropped.
        """
        if self._finished:
            return
        self._finished = True
        self.closing = True
        self.close_code, self.close_reason, self.was_clean = code, reason, clean
        self.stop()
        self._notify_writable()
        if clean and self._runner.busy:
            self._handler_deadline = monotonic() + self.settings.handler_timeout
            self._schedule(self._handler_deadline)
        else:
            self._cancel_handler()
        self._loop.call_soon(self._notify_handler)

    def _cancel_handler(self) -> None:
        self._handler_deadline = None
        self._receive_queue.clear()
        if self._open_task is not None and self._open_task is not asyncio.current_task():
            self._open_task.cancel()
        runner = self._runner
        runner.cancel()
        if runner.task is not None:
            runner.task.add_done_callback(self._notify_handler)

    def _notify_handler(self, task: object = None) -> None:
        """Notify the handler of the end, once none of its methods runs."""
        handler, runner = self._handler, self._runner
        if handler is None or self._open_task is not None or (runner.busy and not runner.ended):
            return
        self._cancel_handler()
        self._on_text = self._on_binary = _ignore
        self._handler = None
        handler.on_ws_connection_close(self.close_code, self.close_reason)
        if self._socket_deadline is None:
            self._write_batch.deadlines.remove(self)

    # Deadlines.

    def on_write_blocked(self) -> None:
        """Schedule the check of the age of queued frames."""
        self._schedule(monotonic() + self.settings.write_queue_age)

    def _on_deadline(self, now: float) -> float | None:
        """Do what is due; return the next deadline, or None."""
        self._scheduled = 0.0  # no call below needs to schedule the connection
        if self._socket_deadline is not None and now >= self._socket_deadline:
            self._socket_deadline = None
            self._finish(self._sent_code, self.close_reason, clean=True)
            self.close_socket()
        if self._handler_deadline is not None and now >= self._handler_deadline:
            self._cancel_handler()
        if not self.closing:
            self._check_deadlines(now)
        self._scheduled = self._next_deadline(now)
        return self._scheduled

    def _check_deadlines(self, now: float) -> None:
        """Close the connection if the client is too slow, gone or unresponsive; else send a ping if one is due."""
        if self._write_queue is not None and now >= self._write_queue.oldest() + self.settings.write_queue_age:
            self.on_overflow()
        elif self.paused and self.peer_closed:
            self.close_socket()
        elif self._keepalive is not None and self._handler is not None:
            action = self._keepalive.next_action(now, last_received_at=self.last_received_at, last_activity=now)
            if action is KeepaliveAction.PING:
                self._handler.on_heartbeat()
            elif action is KeepaliveAction.UNRESPONSIVE:
                self.close_unresponsive()

    def _next_deadline(self, now: float) -> float | None:
        deadlines = [at for at in (self._socket_deadline, self._handler_deadline) if at is not None]
        if not self.closing:
            if self._keepalive is not None:
                deadlines.append(self._keepalive.deadline)
            if self._write_queue is not None:
                deadlines.append(self._write_queue.oldest() + self.settings.write_queue_age)
            if self.paused:
                deadlines.append(now + PEER_CHECK_INTERVAL)
        return min(deadlines, default=None)

    def _schedule(self, deadline: float) -> None:
        if self._scheduled is None or deadline < self._scheduled:
            if self._scheduled is not None:
                self._write_batch.deadlines.remove(self)
            self._scheduled = deadline
            self._write_batch.deadlines.add(self, deadline)

    def _log_close(self, code: int, reason: str) -> None:
        if self._handler is not None:
            logger.info("closed the connection of %s: %s [%d]", self._handler.request.remote_ip, reason, code)


def _as_awaitable(work: Any) -> Awaitable[object]:
    """Return the result of a handler's method as an awaitable; Tornado also allows other types."""
    return work if hasattr(work, "__await__") else tornado.gen.convert_yielded(work)


def _overrides(handler: ConnectionHandler, name: str) -> bool:
    return getattr(type(handler), name) is not getattr(WebSocketHandler, name)


def _ignore(payload: bytes) -> None:
    pass
