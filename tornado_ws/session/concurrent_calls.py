"""Concurrent requests of one session: methods that run beside the other messages, each in a task of its own.

Not compiled: coroutines compiled by mypyc lose the exception that is being handled.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from ..endpoint import MessageType
from ..validation.codec import Codec
from ..validation.envelopes import Frame
from ..websocket import Connection
from ..websocket.coroutine_runner import program_ends
from .responder import Responder
from .state import SessionState
from .statistics import EndpointStatistics
from .streams import CANCELLED

__all__ = ["ConcurrentCalls"]


class _Call:
    __slots__ = ("answered", "id", "message", "reporting", "stopping", "task")

    def __init__(self, message: MessageType, id: int) -> None:
        self.message = message
        self.id = id
        self.task: asyncio.Task[None] | None = None
        self.answered = False
        """True once the reply or an error was sent."""
        self.reporting = False
        """True while an error is reported; the hook for errors is not cancelled."""
        self.stopping = False
        """True once the session has cancelled the task."""


class ConcurrentCalls:
    """Concurrent requests of one session (:attr:`.MessageType.concurrent`).

    Requests begin in the order in which they were sent, each after the messages before it. Those behind do not wait for
    its end. If as many run as are allowed, further requests wait, and ordinary messages pass them.
    """

    __slots__ = (
        "_calls",
        "_clock",
        "_codec",
        "_connection",
        "_context",
        "_limit",
        "_loop",
        "_methods",
        "_numbers",
        "_on_end",
        "_responder",
        "_state",
        "_statistics",
        "_timer",
    )

    def __init__(
        self,
        responder: Responder,
        *,
        methods: Mapping[str, Callable[..., Any]],
        limit: int,
        codec: Codec,
        state: SessionState,
        connection: Connection,
        context: contextvars.Context,
        clock: Callable[[], float],
        on_end: Callable[[], None],
        statistics: EndpointStatistics | None = None,
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            responder: Reports of errors.
            methods: Methods by message name.
            limit: Maximum number of running methods (:attr:`.Limits.concurrent_requests`).
            codec: Encoder of replies.
            state: State of the session, with the requests that wait.
            connection: Connection of the client.
            context: Context variables; each method has a copy.
            clock: Current time, in seconds.
            on_end: Function that is called after each method.
            statistics: Numbers of messages, and times of methods; None to measure nothing.
        """
        self._responder = responder
        self._methods = methods
        self._limit = limit
        self._codec = codec
        self._state = state
        self._connection = connection
        self._context = context
        self._clock = clock
        self._on_end = on_end
        self._statistics = statistics
        self._loop = asyncio.get_running_loop()
        self._calls: dict[_Call, None] = {}
        """Calls whose methods run, the oldest first."""
        self._numbers: Counter[str] = Counter()
        """Numbers of running methods by message name."""
        self._timer: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> bool:
        """True while a method runs or a request waits."""
        return bool(self._calls or self._state.waiting)

    @property
    def running_method(self) -> str:
        """Name of the method that has run longest; empty if none runs."""
        return next((call.message.method for call in self._calls), "")

    def add(self, frame: Frame) -> None:
        """Start the method for a request, now or as soon as it is allowed."""
        if self._may_start(frame):
            self._start(frame)
        else:
            self._state.waiting.append(frame)

    def cancel(self, id: int) -> bool:
        """Cancel the method for request ``id``; return False if none runs."""
        call = self._find(id)
        if call is not None:
            self._stop(call)
        return call is not None

    def time_out(self, id: int) -> bool:
        """Answer request ``id`` with ``timeout`` and cancel its method; return False if none runs."""
        call = self._find(id)
        if call is not None:
            self._mark_answered(call)
            self._responder.send_timeout(call.message, id)
            self._stop(call)
        return call is not None

    def stop_all(self, grace: float) -> None:
        """Cancel all methods, because the connection has ended.

        Args:
            grace: Seconds until methods that suppress their cancellation are abandoned.
        """
        self._state.waiting.clear()
        for call in self._calls:
            self._stop(call)
        if self._calls and self._timer is None:
            self._timer = self._loop.call_later(grace, self.abandon_all)

    def abandon_all(self) -> None:
        """Stop waiting for the methods that run."""
        self._state.waiting.clear()
        calls, self._calls = self._calls, {}
        for call in calls:
            call.answered = call.stopping = True
            if call.task is not None:
                _abandoned.add(call.task)
                call.task.cancel()
            self._responder.log_abandoned(call.message.method)
        if calls:
            self._on_end()

    def close(self) -> None:
        """Break the reference cycle with the owner of the callback."""
        self._on_end = _ignore
        if self._timer is not None:
            self._timer.cancel()

    def _may_start(self, frame: Frame) -> bool:
        message = frame.message
        assert message is not None
        limit = message.concurrent
        return len(self._calls) < self._limit and (limit is True or self._numbers[message.name] < limit)

    def _start(self, frame: Frame) -> None:
        message, id = frame.message, frame.id
        assert message is not None
        assert id is not None
        call = _Call(message, id)
        self._calls[call] = None
        self._numbers[message.name] += 1
        call.task = self._loop.create_task(self._run(call, frame.data), context=self._context.copy())
        call.task.add_done_callback(lambda task: self._finish(call, task))

    def _find(self, id: int) -> _Call | None:
        return next((call for call in self._calls if call.id == id and not call.answered), None)

    def _stop(self, call: _Call) -> None:
        # A second cancellation would interrupt the clean-up of the method.
        if not call.stopping and not call.reporting and call.task is not None:
            call.stopping = True
            call.task.cancel()

    async def _run(self, call: _Call, data: Any) -> None:
        message, since = call.message, self._clock()
        method, target = self._methods[message.name], self._responder.target
        try:
            result = await (method(target) if message.payload is None else method(target, data))
            reply = self._responder.encode_reply(message, call.id, result)
        except BaseException as error:
            if isinstance(error, GeneratorExit) and not self._loop.is_running():
                raise  # the interpreter destroys the task
            if isinstance(error, asyncio.CancelledError) and (call.stopping or program_ends()):
                return
            call.reporting, was_answered = True, self._mark_answered(call)
            await self._responder.report_error(message.method, error, call.id, is_answered=was_answered)
            return
        finally:
            if self._statistics is not None:
                self._statistics.received[message.name].times.observe(self._clock() - since)
        if not self._mark_answered(call):
            if self._statistics is not None:
                self._statistics.count_sent(message.name)
            if (writable := self._connection.send_text(reply)) is not None:
                await writable

    def _mark_answered(self, call: _Call) -> bool:
        """Note that a request is answered; return True if it was answered before."""
        was_answered, call.answered = call.answered, True
        if not was_answered:
            self._state.request_answered(call.id)
        return was_answered

    def _finish(self, call: _Call, task: asyncio.Task[None]) -> None:
        """Remove a call whose task has ended, for any reason, and start those that waited for it."""
        _abandoned.discard(task)
        if not task.cancelled():
            task.exception()  # it ends the program, and the event loop raises it
        if not self._mark_answered(call):
            self._connection.send_text(self._codec.encode_error(CANCELLED, re=call.id))
        if call not in self._calls:
            return  # abandoned
        del self._calls[call]
        self._numbers[call.message.name] -= 1
        if program_ends():
            self._state.waiting.clear()
        for frame in tuple(self._state.waiting):
            if self._may_start(frame):
                self._state.waiting.remove(frame)
                self._start(frame)
        self._on_end()


def _ignore() -> None:
    pass


_abandoned: Final[set[asyncio.Task[None]]] = set()
"""Tasks of abandoned methods, since the event loop itself keeps no tasks."""
