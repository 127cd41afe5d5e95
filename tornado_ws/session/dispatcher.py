"""Calls of the methods of one handler: one at a time, in order, with streams and concurrent requests beside them."""

from __future__ import annotations

import asyncio
import contextvars
import enum
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from ..endpoint import MessageType
from ..errors import CloseCode
from ..histogram import Histogram
from ..loggers import HANDLER
from ..validation.envelopes import Frame
from ..websocket.coroutine_runner import CoroutineRunner
from .concurrent_calls import ConcurrentCalls
from .deliveries import Deliveries
from .responder import Responder
from .state import SessionState
from .statistics import EndpointStatistics

__all__ = ["Dispatcher", "Method"]

Method: TypeAlias = Callable[..., Any]
"""Method of a handler class for one message type. It takes the handler and the payload, if any, and returns an
awaitable."""


class _Stage(enum.Enum):
    OPEN = enum.auto()
    CLOSING = enum.auto()
    """The connection is closed; received messages are still handled."""
    DISCONNECTING = enum.auto()
    """The hook for a closed connection is running."""
    CLOSED = enum.auto()


class Dispatcher:
    """Runner of the coroutines of one session, one at a time.

    A message without an answer costs one call of its method. The method runs in a callback of the event loop, and
    continues in a task if it suspends (see :class:`~tornado_ws.websocket.coroutine_runner.CoroutineRunner`).
    """

    __slots__ = (
        "_calls",
        "_clock",
        "_connected",
        "_context",
        "_deliveries",
        "_errors",
        "_grace",
        "_has_other_work",
        "_idle_waiters",
        "_inbox",
        "_loop",
        "_methods",
        "_on_dequeue",
        "_reporting",
        "_responder",
        "_runner",
        "_running",
        "_since",
        "_stage",
        "_started",
        "_state",
        "_statistics",
        "_target",
        "_timeout",
        "_times",
    )

    def __init__(
        self,
        responder: Responder,
        *,
        methods: Mapping[str, Method],
        state: SessionState,
        on_dequeue: Callable[[], None],
        context: contextvars.Context,
        deliveries: Deliveries | None,
        calls: ConcurrentCalls | None,
        clock: Callable[[], float],
        statistics: EndpointStatistics | None,
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            responder: Coroutines for hooks, replies and streams.
            methods: Methods by message name.
            state: State of the session, with the inbox.
            on_dequeue: Function that is called for each frame removed from the inbox.
            context: Context variables of all hooks and methods.
            deliveries: Acknowledged messages; None if the endpoint has none.
            calls: Concurrent requests; None if the endpoint has none.
            clock: Current time, in seconds.
            statistics: Times of methods; None to measure nothing.
        """
        self._responder = responder
        self._target = responder.target
        self._methods = methods
        self._state = state
        self._inbox = state.inbox
        self._on_dequeue = on_dequeue
        self._loop = asyncio.get_running_loop()
        self._context = context
        self._deliveries = deliveries
        self._runner = CoroutineRunner(self._next, self._handle_exception, context)
        self._idle_waiters: list[asyncio.Future[None]] = []
        self._errors: list[tuple[str, BaseException]] = []
        self._calls = calls
        self._running: MessageType | None = None
        self._reporting = False
        """True while an error is reported."""
        self._stage = _Stage.OPEN
        self._started = False
        """True once the hook for a new connection was called."""
        self._connected = False
        """True once that hook has returned; until then, frames of the client are not handled."""
        self._has_other_work = True
        """True if there is work other than frames in the inbox, and until :attr:`_connected` is true."""
        self._timeout: asyncio.TimerHandle | None = None
        self._grace = 0.0
        self._clock = clock
        self._statistics = statistics
        self._times: Histogram | None = None
        """Times to which that of the current method is added at its end; None if it is not measured."""
        self._since = 0.0
        """Start of the current method, in seconds."""

    def start(self) -> None:
        """Schedule the hook for a new connection."""
        self._runner.wake()

    def wake(self) -> None:
        """Run waiting work, unless work is running. Work that does not suspend is done when this returns.

        Call it in the session's context, or in a task.
        """
        runner = self._runner
        if runner.busy:
            return
        if asyncio.current_task(self._loop) is not None:
            runner.wake()  # queued messages arrive inside a task
            return
        while not runner.busy and (self._inbox or self._has_other_work) and (work := self._next()) is not None:
            runner.run(work)
            if self._times is not None and not runner.busy:
                self._measured()

    @property
    def busy(self) -> bool:
        """True while a coroutine is suspended."""
        return self._runner.busy

    def measure(self, times: Histogram, since: float, weight: int) -> None:
        """Add the time of the method that :meth:`try_call` has called, once it ends.

        Args:
            times: Times of the method.
            since: Start of the method, in seconds.
            weight: Number of methods for which it stands, if it has ended; a method that suspends stands for itself.
        """
        if self._runner.busy:
            self._times, self._since = times, since
        else:
            times.observe(self._clock() - since, weight)

    def try_call(self, message: MessageType, method: Method, data: Any) -> bool:
        """Call the method of a message without an answer immediately, unless other work comes first.

        A shortcut for :meth:`wake` that most messages take. Call it in the session's context.

        Args:
            message: Type of the message.
            method: Its method.
            data: Its payload.

        Returns:
            True if the method was called.
        """
        runner = self._runner
        if runner.busy or self._has_other_work or runner.pool.in_task:
            return False
        self._running = message
        try:
            work = method(self._target, data)
        except BaseException as error:  # from a method that is not a coroutine function, despite its declared type
            self._handle_exception(error)
        else:
            runner.run(work)
        if self._errors:
            self.wake()
        return True

    def cancel_request(self, id: int) -> None:
        """Cancel the method or the stream that answers request ``id``."""
        if self._calls is not None and self._calls.cancel(id):
            return
        if self._responder.cancel(id) and self._runner.task is not None:
            self._runner.task.cancel()

    def time_out(self, id: int) -> None:
        """Answer request ``id`` with ``timeout``, and cancel its method."""
        if (message := self._state.withdraw(id)) is not None:
            self._responder.send_timeout(message, id, has_begun=False)
            self._on_dequeue()
            return
        if self._calls is not None and self._calls.time_out(id):
            return
        task, message = self._runner.task, self._running
        if task is not None and message is not None and self._responder.time_out(message, id):
            task.cancel()

    def resume_stream(self, id: int) -> None:
        """Continue the stream for request ``id``, which has received credit."""
        self._responder.streams.resume(id)

    def stop_streams(self) -> None:
        """Stop all streams, because nothing more can be sent."""
        self._responder.streams.stop_all()

    def call_ended(self) -> None:
        """Continue after the end of a concurrent request: it may be the last one for which something waits."""
        self._on_dequeue()
        if self._calls is None or self._calls.busy:
            return
        if self._idle_waiters or self._stage is _Stage.CLOSING:
            self._has_other_work = True
            self._context.run(self.wake)

    def close(self, timeout: float, grace: float) -> None:
        """Handle the remaining messages, then run the hook for a closed connection.

        Args:
            timeout: Seconds until a running method is cancelled (:attr:`.Limits.closing_timeout`); 0 for immediately.
            grace: Seconds from then until a method that suppresses its cancellation is abandoned.
        """
        if self._stage is not _Stage.OPEN:
            return
        self._stage = _Stage.CLOSING
        self._has_other_work = True
        self._grace = grace
        self._responder.streams.stop_all()
        if self._deliveries is not None:
            self._deliveries.close()
        if not timeout:
            self._cancel_running()
        self._context.run(self.wake)
        if timeout and not self.idle and self._stage is _Stage.CLOSING:
            self._timeout = self._loop.call_later(timeout, self._cancel_running)

    def abandon(self) -> None:
        """Stop waiting for a method that suppresses its cancellation, then run the hook for a closed connection."""
        if self._stage is not _Stage.CLOSING:
            return
        if self._calls is not None:
            self._calls.abandon_all()
        if self._runner.task is None or self._stage is not _Stage.CLOSING:
            return
        if self._deliveries is not None and not self._responder.stopping and self._deliveries.give_up():
            self._cancel_timeout()
            self._cancel_running()
            return
        self._responder.log_abandoned(self.running_method)
        self._runner.abandon()
        self._context.run(self.wake)

    @property
    def running_method(self) -> str:
        """Name of a running hook or method; empty if none runs."""
        if not self._runner.busy:
            return "" if self._calls is None else self._calls.running_method
        return self._responder.hook or ("" if self._running is None else self._running.method)

    @property
    def idle(self) -> bool:
        """True if no method runs and no message waits. Streams may be running."""
        if self._calls is not None and self._calls.busy:
            return self.closed
        return self.closed or not (self._runner.busy or self._inbox)

    @property
    def closed(self) -> bool:
        """True once the hook for a closed connection has returned."""
        return self._stage is _Stage.CLOSED

    def when_idle(self) -> asyncio.Future[None]:
        """Return a future that resolves when idle or closed."""
        future: asyncio.Future[None] = self._loop.create_future()
        self._idle_waiters.append(future)
        self._has_other_work = True
        return future

    def _cancel_running(self) -> None:
        self._inbox.clear()
        if self._calls is not None:
            self._calls.stop_all(self._grace)
        if self._deliveries is not None and (seconds := self._deliveries.outlive()):
            self._timeout = self._loop.call_later(seconds, self._cancel_running)
        elif self._stage is _Stage.CLOSING and self._runner.task is not None:
            self._responder.stop()
            self._runner.task.cancel()
            self._timeout = self._loop.call_later(self._grace, self.abandon)

    def _next(self) -> Awaitable[object] | None:
        """Return the next work; None if no work is waiting."""
        if self._times is not None:
            self._measured()
        self._reporting = False
        if self._has_other_work and (work := self._next_other()) is not None:
            return work
        while self._inbox:
            frame = self._inbox.pop(0)
            self._on_dequeue()
            if (work := self._call(frame)) is not None:
                return work
        return self._next_other() if self._has_other_work else None

    def _measured(self) -> None:
        """Add the time of the method that has ended."""
        times, self._times = self._times, None
        if times is not None:
            times.observe(self._clock() - self._since)

    def _next_other(self) -> Awaitable[object] | None:
        if not self._started:
            self._started = True
            if self._stage is _Stage.CLOSING:
                self._loop.call_soon(self._cancel_running)
            return self._responder.connect(self._set_connected)
        if self._errors:
            method, error = self._errors.pop(0)
            self._reporting = True
            return self._responder.report_error(method, error, None)
        if not self._connected:
            self._inbox.clear()
        if self._inbox:
            return None
        if self._calls is not None and self._calls.busy:
            self._has_other_work = not self._connected  # until `call_ended`
            return None
        if self._stage is _Stage.CLOSING:
            self._stage = _Stage.DISCONNECTING
            self._cancel_timeout()
            return self._responder.disconnect(self._finish)
        self._has_other_work = not self._connected
        self._resolve_idle_waiters()
        return None

    def _call(self, frame: Frame) -> Awaitable[object] | None:
        """Call the method for a frame; return the awaitable to finish, if any."""
        message, id = frame.message, frame.id
        assert message is not None
        if message.concurrent and self._calls is not None:
            self._calls.add(frame)
            return None
        self._running = message
        method = self._methods[message.name]
        if self._statistics is not None and message.stream is None:
            self._times, self._since = self._statistics.received[message.name].times, self._clock()
        if self._deliveries is not None and message.acknowledged:
            return self._deliveries.handle(frame, method)
        try:
            if message.resume is not None:
                result: Any = _stream(method, self._target, message, frame)
            elif message.payload is None:
                result = method(self._target)
            else:
                result = method(self._target, frame.data)
        except BaseException as error:  # from a method that is not a coroutine function, despite its declared type
            self._state.request_answered(id)
            return self._responder.report_error(message.method, error, id)
        if id is None:
            awaitable: Awaitable[object] | None = result
            return awaitable
        if message.stream is None:
            return self._responder.reply(message, id, result)
        self._responder.start_stream(message, id, result)
        return None

    def _set_connected(self) -> None:
        self._connected = True

    def _handle_exception(self, error: BaseException) -> None:
        """Handle an exception of a method without an answer; :class:`.Responder` handles all others."""
        self._has_other_work = True
        if isinstance(error, SystemExit | KeyboardInterrupt):
            raise error
        if isinstance(error, asyncio.CancelledError):
            if self._responder.stopping:
                return
            if self._runner.pool.ending:
                self._responder.hooks.close(CloseCode.GOING_AWAY, "the server is shutting down")
                self._inbox.clear()
                self._stage = _Stage.CLOSING if self._stage is _Stage.OPEN else self._stage
                return
        if self._reporting:  # a further report would fail again, without end
            text, name = "the error of a method of %s cannot be reported", type(self._target).__qualname__
            HANDLER.error(text, name, exc_info=error, extra=self._responder.log_attributes(None))
            return
        self._errors.append(("" if self._running is None else self._running.method, error))

    def _finish(self) -> None:
        self._stage = _Stage.CLOSED
        self._cancel_timeout()
        self._runner.cancel()
        if self._calls is not None:
            self._calls.close()
        self._on_dequeue = _ignore  # breaks a reference cycle, so that memory is freed immediately
        self._resolve_idle_waiters()

    def _cancel_timeout(self) -> None:
        if self._timeout is not None:
            self._timeout.cancel()
            self._timeout = None

    def _resolve_idle_waiters(self) -> None:
        waiters, self._idle_waiters = self._idle_waiters, []
        for future in waiters:
            if not future.done():
                future.set_result(None)


def _stream(method: Method, target: object, message: MessageType, frame: Frame) -> Any:  # an asynchronous iterator
    """Call the method for a stream that goes on after a position, if the client has one."""
    if message.payload is None:
        return method(target, resume=frame.resume)
    return method(target, frame.data, resume=frame.resume)


def _ignore() -> None:
    pass
