"""Session of one open connection, between its socket and its handler."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable, Mapping
from threading import get_ident
from typing import Any, Final

from ..endpoint import MessageType
from ..errors import CloseCode, ConnectionClosed, ErrorData, InvalidFrame, LimitReached, TornadoWsError, WrongThread
from ..limits import Limits
from ..loggers import MESSAGE
from ..validation.codec import Codec
from ..validation.envelopes import Frame
from ..validation.message_classes import MessageClasses
from ..websocket import Connection, cut_reason
from .coalescing import latest_key
from .concurrent_calls import ConcurrentCalls
from .deliveries import Deliveries, DeliveryNotes
from .dispatcher import Dispatcher, Method
from .request_deadlines import RequestDeadlines
from .responder import Responder, SessionHandler
from .state import CancelTask, Effect, RequestPresence, ResumeChannel, ResumeStream, SendError, SendPong, SessionState
from .statistics import EndpointStatistics, ReceivedMessages

__all__ = ["Session"]

EXACT: Final = 256
"""Number of messages with one name whose methods are all measured."""
SAMPLED: Final = 8
"""Of later methods that do not suspend, one of this number is measured, and stands for all, since a measurement takes
some percent of the time of a message."""
BINARY = ErrorData(code="unsupported_frame", message="expected a text frame, got a binary frame")
MIN_GRACE = 1.0
"""Minimum time between the cancellation of a method and its abandonment, in seconds."""
_PONG: Final = object()
"""Key of ``$pong`` frames in the write queue: the newest one replaces older ones."""


class Session:
    """Session of one open connection: decodes and dispatches its frames, sends messages and requests."""

    __slots__ = (
        "_clock",
        "_codec",
        "_deadlines",
        "_decode",
        "_dispatcher",
        "_encode",
        "_fast_methods",
        "_hooks",
        "_limits",
        "_queue_policies",
        "_readable",
        "_received",
        "_receiving",
        "_state",
        "_statistics",
        "_thread_id",
        "close_info",
        "connection",
        "last_message_at",
        "loop",
    )

    def __init__(
        self,
        hooks: SessionHandler,
        target: object,
        *,
        methods: Mapping[str, Method],
        fast_methods: dict[type[Frame], tuple[MessageType, Method, ReceivedMessages | None]],
        queue_policies: MessageClasses[MessageType | None] | None,
        codec: Codec,
        limits: Limits,
        connection: Connection,
        clock: Callable[[], float],
        context: contextvars.Context,
        delivery_notes: DeliveryNotes | None = None,
        statistics: EndpointStatistics | None = None,
    ) -> None:
        """Prepare; nothing is sent before :meth:`start`.

        Args:
            hooks: Hooks of the session.
            target: Handler with the methods for messages.
            methods: Methods by message name.
            fast_methods: Types, methods and numbers of messages without answers and rates, by frame class.
            queue_policies: Types of messages that a write queue may drop or replace, by message class; None for other
                messages, or if there are none.
            codec: Codec of the endpoint.
            limits: Limits of the client.
            connection: Connection of the client.
            clock: Current time, in seconds.
            context: Context variables of the methods.
            delivery_notes: Notes about acknowledged messages; None if the endpoint has none.
            statistics: Numbers of messages, and times of methods; None to count nothing.
        """
        self.connection = connection
        self.close_info: tuple[int | None, str | None] | None = None
        """Close code and reason, once the connection is closing."""
        self._hooks = hooks
        self._codec = codec
        self._decode = codec.decode
        self._encode = codec.encode
        self._queue_policies = queue_policies
        self._clock = clock
        self.last_message_at = clock()
        """Time of the last message in either direction, without heartbeats and broadcasts."""
        self._limits = limits
        self._state = SessionState(limits, clock)
        self._fast_methods = fast_methods
        self._statistics = statistics
        self._received = 0
        self._receiving = False
        self.loop = asyncio.get_running_loop()
        self._thread_id = get_ident()
        self._readable: asyncio.Future[None] | None = None
        responder = Responder(
            hooks,
            target,
            codec=codec,
            state=self._state,
            connection=connection,
            context=context,
            statistics=statistics,
        )
        deliveries: Deliveries | None = None
        if delivery_notes is not None:
            deliveries = Deliveries(
                delivery_notes,
                responder,
                codec=codec,
                connection=connection,
                context=context,
                state=self._state,
                wake=self._wake,
            )
        calls: ConcurrentCalls | None = None
        if any(message.concurrent for message in codec.endpoint.client):
            calls = ConcurrentCalls(
                responder,
                methods=methods,
                limit=limits.concurrent_requests,
                codec=codec,
                state=self._state,
                connection=connection,
                context=context,
                clock=clock,
                on_end=self._on_call_end,
                statistics=statistics,
            )
        self._deadlines: RequestDeadlines | None = None
        self._dispatcher = Dispatcher(
            responder,
            methods=methods,
            state=self._state,
            on_dequeue=self._resume_reading,
            context=context,
            deliveries=deliveries,
            calls=calls,
            clock=clock,
            statistics=statistics,
        )

    @property
    def last_activity(self) -> float:
        """Time of the last message in either direction, without heartbeats."""
        return max(self.last_message_at, self.connection.last_broadcast_at)

    def start(self) -> None:
        """Schedule the hook for a new connection; messages are handled after it."""
        self._dispatcher.start()

    @property
    def idle(self) -> bool:
        """True if no method runs and no message waits."""
        return self._dispatcher.idle

    @property
    def closed(self) -> bool:
        """True once the hook for a closed connection has returned."""
        return self._dispatcher.closed

    @property
    def running_method(self) -> str:
        """Name of a running hook or method; empty if none runs."""
        return self._dispatcher.running_method

    def when_idle(self) -> Awaitable[None]:
        """Return a future that resolves when idle or closed."""
        return self._dispatcher.when_idle()

    def receive(self, text: bytes) -> Awaitable[None] | None:
        """Handle a text frame. Call it in the session's context, or in a task.

        Returns:
            Future that resolves when the next frame may be read; None if it may be read now.
        """
        self._received += 1
        if self.close_info is not None:
            return None
        try:
            frame = self._decode(text)
        except InvalidFrame as invalid:
            return self._reject(invalid)
        state = self._state
        if (fast := self._fast_methods.get(type(frame))) is not None:
            self.last_message_at = now = self._clock()
            message, method, received = fast
            self._receiving = True
            try:
                called = self._dispatcher.try_call(message, method, frame.data)
            finally:
                self._receiving = False
            if called:
                state.invalid_count = 0
                if received is not None:
                    received.count = count = received.count + 1
                    if count <= EXACT or not count % SAMPLED or self._dispatcher.busy:
                        self._dispatcher.measure(received.times, now, 1 if count <= EXACT else SAMPLED)
                return None
        elif frame.message is not None:
            self.last_message_at = self._clock()
        if (effect := state.receive(frame)) is not None:
            self._apply(effect)
            return None
        if self._statistics is not None and frame.message is not None:
            self._statistics.received[frame.message.name].count += 1
        if state.deadlines:
            self._watch_deadlines()
        self._dispatcher.wake()
        return self._wait_readable() if (state.inbox or state.waiting) and state.full else None

    def receive_binary(self, data: bytes) -> Awaitable[None] | None:
        """Reject a binary frame: the protocol uses text frames only."""
        return None if self.close_info is not None else self._reject(InvalidFrame(BINARY))

    def close(self, code: int, reason: str) -> None:
        """Close the connection after the messages sent so far; messages in the inbox are dropped.

        Raises:
            ValueError: If a close frame must not carry the code.
        """
        if self.close_info is None:
            self.connection.close(code, reason)
            self.close_info = (code, reason := cut_reason(reason))
            self._state.drop_frames()
            self._state.pending.fail_all(ConnectionClosed(code, reason))
            self._dispatcher.stop_streams()
            self._resume_reading()

    def abort(self, code: CloseCode, reason: str) -> None:
        """Drop the connection, after a close frame if it can be written immediately."""
        if self.close_info is None:
            self.close_info = (code, cut_reason(reason))
        self._dispatcher.stop_streams()
        if code == CloseCode.UNRESPONSIVE:
            self.connection.close_unresponsive()
        else:
            self.connection.fail(code, reason)

    def connection_lost(self, code: int | None, reason: str | None) -> None:
        """End the session, because the connection has ended.

        After a close frame of the client, received messages are handled for :attr:`.Limits.closing_timeout` seconds at
        most. Otherwise the running method is cancelled.

        Args:
            code: Code of the first close frame; None without one.
            reason: Reason of that frame.
        """
        if self.close_info is None:
            self.close_info = (code, reason)
        self._state.pending.fail_all(ConnectionClosed(code, reason))
        if self._deadlines is not None:
            self._deadlines.close()
        seconds = self._limits.closing_timeout
        self._dispatcher.close(seconds if self.connection.was_clean else 0.0, max(seconds, MIN_GRACE))
        self._resume_reading()

    def abandon(self) -> None:
        """Stop waiting for a method that suppresses its cancellation."""
        self._dispatcher.abandon()

    def send(self, message: object) -> Awaitable[None] | None:
        """Send a message.

        Returns:
            Awaitable for back-pressure; None if the next message can be sent now.

        Raises:
            InvalidMessage: If the message violates the schema.
            TypeError: If the message class is not one that this side sends.
            WrongThread: If the event loop runs in another thread.
        """
        if not self._receiving and get_ident() != self._thread_id:  # `receive` runs in the thread of the event loop
            raise WrongThread("send")
        text = self._encode(message)
        if not self._receiving:  # else `receive` has set the time
            self.last_message_at = self._clock()
        if self._queue_policies is not None and (message_type := self._queue_policies[type(message)]) is not None:
            return self.connection.send_text(text, message_type.volatile, latest_key(message_type, message))
        return self.connection.send_text(text)

    def request(self, message: object, message_type: MessageType) -> tuple[int, asyncio.Future[Any]]:
        """Send a request.

        Returns:
            Id of the request, and the future for its reply. Call :meth:`discard_request` after waiting.

        Raises:
            InvalidMessage: If the request violates the schema.
            ConnectionClosed: If the connection is closed.
            LimitReached: If too many requests wait for a reply (:attr:`.Limits.requests`).
        """
        if self.close_info is not None:
            raise ConnectionClosed(*self.close_info)
        if len(self._state.pending) >= self._limits.requests:
            raise LimitReached("requests", self._limits.requests)
        future: asyncio.Future[Any] = self.loop.create_future()
        id = self._state.pending.add(
            message_type, lambda value: _set_result(future, value), lambda error: _set_exception(future, error)
        )
        self._resume_reading()  # a full inbox must not delay the reply
        try:
            self.connection.send_text(self._codec.encode(message, id=id))
        except BaseException:
            self.discard_request(id)
            raise
        return id, future

    def discard_request(self, id: int) -> None:
        """Ignore the reply to a request from now on."""
        self._state.pending.discard(id)

    def cancel_request(self, id: int) -> None:
        """Send ``$cancel`` for a request."""
        self.connection.send_text(self._codec.encode_cancel(id))

    def _reject(self, invalid: InvalidFrame) -> Awaitable[None] | None:
        for effect in self._state.receive_invalid(invalid):
            self._apply(effect)
        return self.connection.wait_writable()  # back-pressure for a client that does not read its errors

    def _apply(self, effect: Effect) -> None:
        if isinstance(effect, SendError):
            if MESSAGE.isEnabledFor(logging.DEBUG):
                self._log_refusal(effect)
            self.connection.send_text(self._codec.encode_error(effect.error, re=effect.re))
        elif isinstance(effect, SendPong):
            self._send_pong()
        elif isinstance(effect, CancelTask):
            self._dispatcher.cancel_request(effect.id)
        elif isinstance(effect, ResumeChannel):
            self._hooks.on_resume(effect.data)
        elif isinstance(effect, RequestPresence):
            self._hooks.on_presence(effect.data)
        elif isinstance(effect, ResumeStream):
            self._dispatcher.resume_stream(effect.id)
        else:
            self._hooks.close(effect.code, effect.reason)

    def _log_refusal(self, effect: SendError) -> None:
        error, name = effect.error, self._codec.endpoint.name
        if error.code == "cancelled":
            return  # by the client
        extra = {
            **self._hooks.log_attributes(),
            "message_type": effect.message,
            "code": error.code,
            "pointer": error.pointer,
            "keyword": error.keyword,
        }
        text, message = "%s refused %s: %s", effect.message or "a message"
        log = self.connection.settings.log
        log.log(MESSAGE, logging.DEBUG, f"refused messages of {name}", text, name, message, error, extra=extra)

    def _wake(self) -> None:
        self._dispatcher.wake()

    def _on_call_end(self) -> None:
        self._dispatcher.call_ended()

    def _watch_deadlines(self) -> None:
        """Wait for the next deadline of an open request."""
        if self._deadlines is None:
            self._deadlines = RequestDeadlines(self._state, self._clock, self._dispatcher.time_out)
        self._deadlines.watch()

    def confirm_unread(self) -> None:
        """Send ``$pong`` if the session reads nothing now, so that the client does not miss answers to its pings."""
        if self._readable is not None:
            self._send_pong()

    def _send_pong(self) -> None:
        self.connection.send_text(self._codec.encode_pong(self._received), volatile=True, latest=_PONG)

    def _wait_readable(self) -> Awaitable[None]:
        if self._readable is None:
            self._readable = self.loop.create_future()
        return self._readable

    def _resume_reading(self) -> None:
        if self._readable is not None and (self.close_info is not None or not self._state.full):
            _set_result(self._readable, None)  # already done if its waiter was cancelled
            self._readable = None


def _set_result(future: asyncio.Future[Any], value: object) -> None:
    if not future.done():
        future.set_result(value)


def _set_exception(future: asyncio.Future[Any], error: TornadoWsError) -> None:
    if not future.done():
        future.set_exception(error)
        future.exception()  # the method that waits may be cancelled, too, and asyncio logs exceptions not retrieved
