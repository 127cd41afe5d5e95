"""WebSocket connection of a handler, from the end of the handshake to the end of the TCP connection."""

from __future__ import annotations

import asyncio
import logging
from time import monotonic
from typing import Final

from tornado.iostream import IOStream

from ..errors import CloseCode
from ..loggers import CONNECTION, HANDLER
from .frames import PING, FrameError, close_frame, cut_reason, frame
from .keepalive import Heartbeat, Keepalive, KeepaliveAction
from .message_delivery import PEER_CHECK_INTERVAL, ConnectionHandler, MessageDelivery
from .permessage_deflate import DeflateParams
from .settings import ConnectionSettings

__all__ = ["Connection"]

QUIET_SECONDS: Final = 1.0
"""Seconds without a received byte after which a client with a message that is too big counts as finished."""
NO_STATUS: Final = 1005
"""Close code for a close frame without a code (RFC 6455 section 7.4.1)."""


class Connection(MessageDelivery):
    """Connection that enforces RFC 6455: opening, closing handshake, failures and deadlines.

    The handler is notified of the end without delay. The connection then closes the socket without the handler, for
    example after the client has received the close frame.
    """

    __slots__ = (
        "_discard_check_at",
        "_discard_until",
        "_discarded_before",
        "_handler_deadline",
        "_keepalive",
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
        super().__init__(handler, stream, settings, max_size, deflate)
        self.was_clean = False
        """True if the closing handshake was completed; set at the end of the connection."""
        self.close_code: int | None = None
        """Code of the first close frame, from either side; None without one."""
        self.close_reason: str | None = None
        """Reason of the first close frame."""
        self._sent_code: int | None = None
        self._keepalive: Keepalive | None = None
        self._scheduled: float | None = None
        self._socket_deadline: float | None = None
        self._handler_deadline: float | None = None
        self._discard_check_at: float | None = None
        self._discard_until = 0.0
        self._discarded_before = 0

    def open(self, heartbeat: Heartbeat | None) -> None:
        """Take over the socket, in the task that calls the handler's `open`. Messages wait for `start_delivery`.

        Args:
            heartbeat: Intervals of pings; None for no pings.
        """
        self._open_task = asyncio.current_task()
        if heartbeat is not None:
            self._keepalive = Keepalive(heartbeat, None, monotonic())
            self._schedule(self._keepalive.deadline)
        self.attach()

    def ping(self, data: bytes) -> None:
        """Send a ping with a payload of at most 125 bytes.

        Raises:
            ValueError: If the payload is longer.
        """
        if len(data) > 125:
            raise ValueError(f"expected at most 125 bytes in a ping, got {len(data)}")
        if not self.closing:
            self.send_control(frame(PING, data))

    # Closing.

    def close_received(self, code: int | None, reason: str | None) -> None:
        """Complete the closing handshake (RFC 6455 section 5.5.1). Earlier messages are still handled."""
        if self.closing:
            first = self._sent_code is not None
            self._finish(self._sent_code if first else code, self.close_reason if first else reason, clean=True)
        else:
            self._send_close_frame(close_frame(code, None))
            self._finish(NO_STATUS if code is None else code, reason, clean=True)
        self._close_socket_within(self.settings.linger, linger=False)

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Start the closing handshake (RFC 6455 section 7.1.2); received messages that wait are dropped.

        Args:
            code: Close code; None for a close frame without a code.
            reason: Close reason, cut to 123 bytes.

        Raises:
            ValueError: If the code must not be sent (RFC 6455 section 7.4).
        """
        if self.closing:
            return
        data = close_frame(code, reason)
        self.queue_broadcasts()
        self.send_control(data)
        self.closing = True
        self._sent_code = code if code is not None or not reason else CloseCode.NORMAL
        self.close_reason = None if reason is None else cut_reason(reason)
        self._drop_received()
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
        """Abort, unless the handler has been notified of the end. Tornado also calls this in that case."""
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
        if error.code == CloseCode.TOO_BIG:
            self._fail_too_big(error)
        else:
            self.fail(error.code, error.reason)

    def on_close_frame_skipped(self) -> None:
        """Close the socket: the client has received the close frame."""
        self._discard_check_at = None
        self.begin_close(linger=False)

    def on_connection_lost(self) -> None:
        """Finish: the TCP connection is closed."""
        self._socket_deadline = self._discard_check_at = None
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

    def _fail_too_big(self, error: FrameError) -> None:
        """Send a close frame, and discard the rest of the message before the socket is shut down.

        A proxy closes both sides as soon as the server has shut down its own. If the client still sends then, it
        receives a reset, which may overtake the close frame.
        """
        if self._finished:
            return
        self._send_close_frame(close_frame(error.code, error.reason))
        self._finish(error.code, error.reason, clean=False)
        now = monotonic()
        self._discard_until = now + self.settings.discard_timeout
        self._socket_deadline = self._discard_until + self.settings.linger
        self._discard_check_at = now + QUIET_SECONDS
        self._schedule(self._discard_check_at)
        self.discard(error.unparsed)

    def _check_discarding(self, now: float) -> None:
        """Shut down the socket if the client has stopped sending, or sends for too long."""
        if now >= self._discard_until or self._discarded == self._discarded_before:
            self._discard_check_at = None
            self._close_socket_within(self.settings.linger, linger=True)
        else:
            self._discarded_before = self._discarded
            self._discard_check_at = now + QUIET_SECONDS

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
            clean: True to handle earlier messages within ``handler_timeout``; False to drop them.
        """
        if self._finished:
            return
        self._finished = True
        self.closing = True
        self.close_code, self.close_reason, self.was_clean = code, reason, clean
        self.stop()
        self._notify_writable()
        if clean and self._runner.busy:
            self._set_handler_deadline()
        else:
            self._cancel_handler_within()
        self._loop.call_soon(self._notify_handler)

    def _cancel_handler_within(self) -> None:
        """Cancel the running method of the handler; if that has no effect, abandon it after the same time."""
        self._cancel_handler()
        if not self._runner.ended or self._open_task is not None:
            self._set_handler_deadline()

    def _set_handler_deadline(self) -> None:
        self._handler_deadline = monotonic() + self.settings.handler_timeout
        self._schedule(self._handler_deadline)

    def _notify_handler(self) -> None:
        """Notify the handler of the end once none of its methods is running."""
        handler, runner = self._handler, self._runner
        if handler is None or self._open_task is not None or (runner.busy and not runner.ended):
            return
        self._handler_deadline = None
        self._cancel_handler()
        self._detach_handler()
        self._call_hook(handler.on_ws_connection_close, self.close_code, self.close_reason)
        if self._socket_deadline is None:
            self._write_batch.deadlines.remove(self)

    # Deadlines.

    def on_write_blocked(self) -> None:
        """Schedule the check of the age of queued frames."""
        self._schedule(monotonic() + self.settings.write_queue_age)

    def _on_deadline(self, now: float) -> float | None:
        """Handle expired deadlines; return the next deadline, or None."""
        self._scheduled = 0.0  # the scheduler gets the result, so the calls need not schedule the connection
        if self._socket_deadline is not None and now >= self._socket_deadline:
            self._socket_deadline = None
            self._finish(self._sent_code, self.close_reason, clean=True)
            self.close_socket()
        if self._discard_check_at is not None and now >= self._discard_check_at:
            self._check_discarding(now)
        if self._handler_deadline is not None and now >= self._handler_deadline:
            self._handler_deadline = None
            if self._runner.cancelled:
                self._log_abandoned()
                self._abandon_handler()
            else:
                self._cancel_handler_within()
        if not self.closing:
            self._check_deadlines(now)
        self._scheduled = self._next_deadline(now)
        return self._scheduled

    def _check_deadlines(self, now: float) -> None:
        """Close the connection if the client is too slow, disconnected or unresponsive; otherwise send a due ping."""
        if self._write_queue is not None and now >= self._write_queue.waiting_since() + self.settings.write_queue_age:
            self.on_overflow()
        elif self.paused and self.peer_closed:
            self.close_socket()
        elif self._keepalive is not None and self._handler is not None:
            action = self._keepalive.next_action(now, sign_of_life=self.take_sign_of_life(), last_activity=now)
            if action is KeepaliveAction.PING:
                self._handler.send_heartbeat()
            elif action is KeepaliveAction.UNRESPONSIVE:
                self.close_unresponsive()

    def _next_deadline(self, now: float) -> float | None:
        candidates = (self._socket_deadline, self._handler_deadline, self._discard_check_at)
        deadlines = [at for at in candidates if at is not None]
        if not self.closing:
            if self._keepalive is not None:
                deadlines.append(self._keepalive.deadline)
            if self._write_queue is not None:
                deadlines.append(self._write_queue.waiting_since() + self.settings.write_queue_age)
            if self.paused:
                deadlines.append(now + PEER_CHECK_INTERVAL)
        return min(deadlines, default=None)

    def _schedule(self, deadline: float) -> None:
        if self._scheduled is None or deadline < self._scheduled:
            if self._scheduled is not None:
                self._write_batch.deadlines.remove(self)
            self._scheduled = deadline
            self._write_batch.deadlines.add(self, deadline)

    def _log_abandoned(self) -> None:
        if self._handler is not None:
            name = type(self._handler).__qualname__
            text = "a method of %s suppresses its cancellation; the connection is abandoned"
            extra = self._handler.log_attributes()
            self.settings.log.log(HANDLER, logging.WARNING, f"abandoned methods of {name}", text, name, extra=extra)

    def _log_close(self, code: int, reason: str) -> None:
        if self._handler is not None:
            extra = {**self._handler.log_attributes(), "code": code}
            text, address = "closed the connection of %s: %s [%d]", extra["address"]
            kind = f"closed connections [{code}]"
            self.settings.log.log(CONNECTION, logging.INFO, kind, text, address, reason, code, extra=extra)
