"""One WebSocket connection: all that runs between the upgrade, which is Tornado's, and the handler."""

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
HANG_UP_CHECK: Final = 1.0

Method: TypeAlias = Callable[[bytes], Awaitable[object] | None]


class ConnectionHandler(Protocol):
    """What a connection needs of its handler: some of Tornado's methods, and the last four."""

    request: HTTPServerRequest

    def on_ping(self, data: bytes) -> None:
        """Take a ping, which was answered."""
        ...

    def on_pong(self, data: bytes) -> None:
        """Take a pong."""
        ...

    def on_ws_connection_close(self, close_code: int | None = None, close_reason: str | None = None) -> None:
        """Note that the connection is over; called once."""
        ...

    def on_text(self, data: bytes) -> Awaitable[object] | None:
        """Take a text message, valid UTF-8. What is returned is awaited before the next is taken."""
        ...

    def on_binary(self, data: bytes) -> Awaitable[object] | None:
        """Take a binary message. What is returned is awaited before the next is taken."""
        ...

    def on_failure(self, error: BaseException) -> None:
        """Take what one of these methods raised, or what they returned."""
        ...

    def on_heartbeat(self) -> None:
        """Send something that the client answers."""
        ...


class Connection(Transport):
    """Strict, bounded, and without a task or a future for each message.

    The handler is told that the connection is over as soon as it is; what is then left to do for the socket, such as
    reading on until the client has seen the close frame, is done without it.
    """

    __slots__ = (
        "_close_by",
        "_consumer",
        "_directed",
        "_due",
        "_ended",
        "_give_up_by",
        "_on_binary",
        "_on_text",
        "_opening",
        "_owner",
        "_pulse",
        "_queue",
        "_queued",
        "_sent",
        "clean",
        "close_code",
        "close_reason",
    )

    def __init__(
        self,
        handler: ConnectionHandler,
        stream: IOStream,
        settings: ConnectionSettings,
        *,
        max_size: int,
        agreement: DeflateParams | None,
    ) -> None:
        """Prepare; :meth:`open` begins.

        Args:
            handler: Takes what arrives.
            stream: Whose socket it is.
            settings: The limits.
            max_size: Bytes a message may have, unpacked.
            agreement: How messages are compressed; None: they are not.
        """
        super().__init__(stream, settings, max_size, agreement)
        self.clean = False
        """Whether the client said good-bye; known when the connection is over."""
        self.close_code: int | None = None
        """The code of whoever closed first; None if nobody did."""
        self.close_reason: str | None = None
        self._owner: ConnectionHandler | None = handler
        self._on_text: Method = handler.on_text
        self._on_binary: Method = handler.on_binary
        self._consumer = CoroutineRunner(self._next, self._failed, self._context)
        self._consumer.busy = True  # until `open` has returned messages wait
        self._queue: list[tuple[Method, bytes]] = []  # short; a deque is large when empty
        self._queued = 0
        self._opening: asyncio.Task[Any] | None = None
        self._directed = self._ended = False
        self._sent: int | None = None
        self._pulse: Keepalive | None = None
        self._due: float | None = None
        self._close_by: float | None = None
        self._give_up_by: float | None = None

    def direct(self, on_text: Method, on_binary: Method, context: contextvars.Context) -> None:
        """Let these take all messages from now on, in ``context``, instead of the methods of the handler."""
        self._on_text, self._on_binary = on_text, on_binary
        self._directed = True
        self._consumer.context = context
        self.read_in(context)

    def open(self, heartbeat: Heartbeat | None) -> None:
        """Begin, in the task that opens the handler; what arrives before it :meth:`opened` waits.

        Args:
            heartbeat: How often the client is asked whether it is there; None: never.
        """
        self._opening = asyncio.current_task()
        if heartbeat is not None:
            self._pulse = Keepalive(heartbeat, None, monotonic())
            self._schedule(self._pulse.due)
        self.attach()

    @property
    def opening(self) -> bool:
        """Whether the task that runs is the one that opens the handler."""
        return self._opening is not None and self._opening is asyncio.current_task()

    def ping(self, data: bytes) -> None:
        """Send a ping of at most 125 bytes."""
        if len(data) > 125:
            raise ValueError(f"expected at most 125 bytes in a ping, got {len(data)}")
        if not self.closing:
            self.send_last(frame(PING, data))

    def opened(self) -> None:
        """Take messages: the handler is open, or could not be opened."""
        self._opening = None
        if not self._directed:
            self._consumer.context = contextvars.copy_context()
            self.read_in(self._consumer.context)
        if self._queue:
            self._consumer.wake()
        else:
            self._consumer.busy = False
        if self._ended:
            self._loop.call_soon(self._report)

    # What arrives.

    def text_arrived(self, payload: bytes) -> None:
        """Let the handler take it, or wait."""
        consumer = self._consumer
        if consumer.busy or self.closing:
            self._enqueue(self._on_text, payload)
            return
        try:
            work = self._on_text(payload)
        except (Exception, asyncio.CancelledError) as error:
            self._failed(error)
            return
        if work is not None:
            consumer.run(work if type(work) is CoroutineType else _awaitable(work))

    def binary_arrived(self, payload: bytes) -> None:
        """Let the handler take it, or wait."""
        self._deliver(self._on_binary, payload)

    def ping_arrived(self, payload: bytes) -> None:
        """Answer."""
        if not self.closing:
            self.send_pong(frame(PONG, payload))
        if self._owner is not None and _overridden(self._owner, "on_ping"):
            self._deliver(self._owner.on_ping, payload)

    def pong_arrived(self, payload: bytes) -> None:
        """Tell the handler, if it wants to know."""
        if self._owner is not None and _overridden(self._owner, "on_pong"):
            self._deliver(self._owner.on_pong, payload)

    def close_arrived(self, code: int | None, reason: str | None) -> None:
        """Answer, and end: what arrived before may still be handled."""
        if self.closing:
            said = self._sent is not None
            self._end(self._sent if said else code, self.close_reason if said else reason, clean=True)
        else:
            self._say_good_bye(close_frame(code, None))
            self._end(NO_STATUS if code is None else code, reason, clean=True)
        self._part(self.settings.linger, clean=True)

    def _deliver(self, method: Method, payload: bytes) -> None:
        consumer = self._consumer
        if consumer.busy or self.closing:
            self._enqueue(method, payload)
            return
        try:
            work = method(payload)
        except (Exception, asyncio.CancelledError) as error:
            self._failed(error)
            return
        if work is not None:
            consumer.run(_awaitable(work))

    def _enqueue(self, method: Method, payload: bytes) -> None:
        if self.closing:
            return  # we have said good-bye
        self._queue.append((method, payload))
        self._queued += len(payload)
        if len(self._queue) >= self.settings.inbox_messages or self._queued >= self.settings.inbox_bytes:
            self.pause_reading()
            self._schedule(monotonic() + HANG_UP_CHECK)

    def _next(self) -> Awaitable[object] | None:
        queue = self._queue
        while queue:
            method, payload = queue.pop(0)
            self._queued -= len(payload)
            if self.halted and len(queue) <= self.settings.inbox_messages // 4:
                self.resume_reading()
            try:
                work = method(payload)
            except (Exception, asyncio.CancelledError) as error:
                self._failed(error)
                continue
            if work is not None:
                return _awaitable(work)
        if self._ended:
            self._loop.call_soon(self._report)
        return None

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, asyncio.CancelledError) and (task := asyncio.current_task()) and task.cancelling():
            self.fail(CloseCode.GOING_AWAY, "the server stops")  # somebody cancels all tasks
            return
        closed = isinstance(error, WebSocketClosedError) and self.closing
        if self._owner is not None and not closed:
            self._owner.on_failure(error)

    # How it ends.

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Say good-bye, after what was sent before; what has not been handled yet is dropped.

        Raises:
            ValueError: The code may not be sent.
        """
        if self.closing:
            return
        data = close_frame(code, reason)
        self.send_last(data)
        self.closing = True
        self._sent = code if code is not None or not reason else CloseCode.NORMAL
        self.close_reason = reason
        self._queue.clear()
        self._queued = 0
        self.resume_reading()
        self._close_by = monotonic() + self.settings.close_timeout
        self._schedule(self._close_by)

    def fail(self, code: CloseCode, reason: str) -> None:
        """Close at once, cancelling what is being handled."""
        if not self._ended:
            self._say_good_bye(close_frame(code, reason))
            self._end(code, reason, clean=False)
            self._part(self.settings.linger, clean=False)

    def abort_if_attached(self) -> None:
        """Abort, unless the handler says so because it has been told that the connection is over."""
        if self._owner is not None:
            self.abort()

    def abort(self) -> None:
        """Drop the connection at once, cancelling what is being handled."""
        self._end(None, None, clean=False)
        self.drop()

    def on_protocol_error(self, error: FrameError) -> None:
        """Tell the client what it did wrong, and end."""
        self.settings.counters.refused += 1
        self._log(error.code, error.reason)
        self.fail(error.code, error.reason)

    def on_overflow(self) -> None:
        """End: the client does not read. It may come back, and it gets to know that when it reads again."""
        if self._ended:
            return
        self.settings.counters.cut += 1
        self._log(CloseCode.TOO_SLOW, "too slow")
        self._say_good_bye(close_frame(CloseCode.TOO_SLOW, "too slow"))
        self._end(CloseCode.TOO_SLOW, "too slow", clean=False)
        self._part(self.settings.cut_linger, clean=False)

    def lost(self, error: BaseException | None) -> None:
        """End: nobody is there any more."""
        self._close_by = None
        if self.closing:
            self._end(self._sent, self.close_reason, clean=True)
        else:
            self._end(None, None, clean=False)
        if self._give_up_by is None:
            self._turn.heart.remove(self)

    def on_write_blocked(self) -> None:
        """See to it that nothing waits for too long."""
        self._schedule(monotonic() + self.settings.outbox_age)

    def _say_good_bye(self, data: bytes) -> None:
        if not self.closing:
            if self._outbox is not None:
                self._outbox.forget()
            self.send_last(data)
            self.closing = True

    def _part(self, linger: float, *, clean: bool) -> None:
        self._close_by = monotonic() + linger
        self._schedule(self._close_by)
        self.part(clean=clean)

    def _end(self, code: int | None, reason: str | None, *, clean: bool) -> None:
        """Let the connection be over for the handler.

        Args:
            code: The close code of whoever closed first; None if nobody did.
            reason: Its reason.
            clean: Whether what arrived before is still handled.
        """
        if self._ended:
            return
        self._ended = True
        self.closing = True
        self.close_code, self.close_reason, self.clean = code, reason, clean
        self.stop()
        self._give_room()
        if clean and self._consumer.busy:
            self._give_up_by = monotonic() + self.settings.handler_timeout
            self._schedule(self._give_up_by)
        else:
            self._give_up()
        self._loop.call_soon(self._report)

    def _give_up(self) -> None:
        self._give_up_by = None
        self._queue.clear()
        if self._opening is not None and self._opening is not asyncio.current_task():
            self._opening.cancel()
        consumer = self._consumer
        consumer.cancel()
        if consumer.task is not None:
            consumer.task.add_done_callback(self._report)

    def _report(self, task: object = None) -> None:
        """Tell the handler that the connection is over, once nothing of it runs any more."""
        owner, consumer = self._owner, self._consumer
        if owner is None or self._opening is not None or (consumer.busy and not consumer.ended):
            return
        self._give_up()
        self._on_text = self._on_binary = _nothing
        self._owner = None
        owner.on_ws_connection_close(self.close_code, self.close_reason)
        if self._close_by is None:
            self._turn.heart.remove(self)

    # What is due.

    def _beat(self, now: float) -> float | None:
        """Do what is due; return when to be called again."""
        self._due = 0.0  # so that nothing below schedules it
        if self._close_by is not None and now >= self._close_by:
            self._close_by = None
            self._end(self._sent, self.close_reason, clean=True)
            self.drop()
        if self._give_up_by is not None and now >= self._give_up_by:
            self._give_up()
        if not self.closing:
            self._check(now)
        self._due = self._next_due(now)
        return self._due

    def _check(self, now: float) -> None:
        if self._outbox is not None and now >= self._outbox.oldest() + self.settings.outbox_age:
            self.on_overflow()
        elif self.halted and self.hung_up:
            self.drop()
        elif self._pulse is not None and self._owner is not None:
            beat = self._pulse.beat(now, self.heard, now)
            if beat is KeepaliveAction.PING:
                self._owner.on_heartbeat()
            elif beat is KeepaliveAction.UNRESPONSIVE:
                self.give_up_client()

    def give_up_client(self) -> None:
        """End: nothing was heard from the client for too long."""
        self.settings.counters.unresponsive += 1
        self._log(CloseCode.UNRESPONSIVE, "unresponsive")
        self._say_good_bye(close_frame(CloseCode.UNRESPONSIVE, "unresponsive"))
        self._end(CloseCode.UNRESPONSIVE, "unresponsive", clean=False)
        self._part(0.0, clean=True)

    def _next_due(self, now: float) -> float | None:
        dues = [due for due in (self._close_by, self._give_up_by) if due is not None]
        if not self.closing:
            if self._pulse is not None:
                dues.append(self._pulse.due)
            if self._outbox is not None:
                dues.append(self._outbox.oldest() + self.settings.outbox_age)
            if self.halted:
                dues.append(now + HANG_UP_CHECK)
        return min(dues, default=None)

    def _schedule(self, due: float) -> None:
        if self._due is None or due < self._due:
            if self._due is not None:
                self._turn.heart.remove(self)
            self._due = due
            self._turn.heart.add(self, due)

    def _log(self, code: int, reason: str) -> None:
        if self._owner is not None:
            logger.info("closed the connection of %s: %s [%d]", self._owner.request.remote_ip, reason, code)


def _awaitable(work: Any) -> Awaitable[object]:
    """Return what a handler returned as what can be awaited; Tornado lets it be other things, too."""
    return work if hasattr(work, "__await__") else tornado.gen.convert_yielded(work)


def _overridden(owner: ConnectionHandler, name: str) -> bool:
    return getattr(type(owner), name) is not getattr(WebSocketHandler, name)


def _nothing(payload: bytes) -> None:
    pass
