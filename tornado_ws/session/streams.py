"""Streams of one session: requests that asynchronous iterators answer, each in a task.

Not compiled: coroutines compiled by mypyc lose the exception that is being handled.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

import msgspec

from ..endpoint import MessageType
from ..errors import ErrorData
from ..loggers import HANDLER, new_reference
from ..validation.codec import Codec
from ..websocket import Connection
from ..websocket.coroutine_runner import program_ends
from ..websocket.time_slice import TimeSlice
from .state import SessionState
from .statistics import EndpointStatistics

__all__ = ["CANCELLED", "INTERNAL", "Streams"]

CANCELLED = ErrorData(code="cancelled", message="cancelled by the client")
INTERNAL = ErrorData(code="internal", message="internal error")
SLICE_SECONDS = 0.004
"""Time of all streams together in one iteration of the event loop, in seconds."""
STOP_SECONDS = 1.0
"""Seconds until a stopped stream that still runs is reported."""


class ErrorReporter(Protocol):
    """Function that logs the exception of a method and sends an error (:meth:`.Responder.report_error`).

    It raises exceptions that end the program.
    """

    def __call__(self, method: str, error: BaseException, re: int | None) -> Awaitable[None]:
        """Log, answer request ``re`` and run the hook for errors."""
        ...


class LogSubject(Protocol):
    """Connection whose log records have attributes."""

    def log_attributes(self) -> dict[str, object]:
        """Return the attributes (:data:`.loggers.LOG_ATTRIBUTES`)."""
        ...


class _Stream:
    __slots__ = ("answered", "id", "message", "more", "started", "stopping", "task", "timer")

    def __init__(self, message: MessageType, id: int) -> None:
        self.message = message
        self.id = id
        self.task: asyncio.Task[None] | None = None
        self.started = False
        """True once the task has entered its coroutine."""
        self.stopping = False
        self.answered = False
        """True once ``$end`` or ``$error`` was sent."""
        self.more: asyncio.Future[None] | None = None
        """Future that resolves when credit arrives, while the stream has none."""
        self.timer: asyncio.TimerHandle | None = None


class Streams:
    """Open streams of one session.

    A stream sends as many items as the client has granted (:attr:`.SessionState.credit`); then its iterator is not
    advanced. An iterator that never suspends gives way to the event loop.
    """

    __slots__ = (
        "_codec",
        "_connection",
        "_context",
        "_name",
        "_slice",
        "_state",
        "_statistics",
        "_streams",
        "_subject",
    )

    def __init__(
        self,
        name: str,
        *,
        subject: LogSubject,
        codec: Codec,
        state: SessionState,
        connection: Connection,
        context: contextvars.Context,
        statistics: EndpointStatistics | None = None,
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            name: Name of the handler class, for the log.
            subject: Hooks of the session, for the log.
            codec: Encoder of items.
            state: State of the session, with the credit of each stream.
            connection: Connection of the client.
            context: Context variables; each stream has a copy.
            statistics: Numbers of messages; None to count nothing.
        """
        self._name = name
        self._subject = subject
        self._statistics = statistics
        self._codec = codec
        self._state = state
        self._connection = connection
        self._context = context
        self._slice = TimeSlice.current("streams", SLICE_SECONDS)
        self._streams: dict[int, _Stream] = {}

    def start(self, message: MessageType, id: int, result: Any, report_error: ErrorReporter) -> None:
        """Start a task that sends the items of a stream.

        Args:
            message: Type of the request.
            id: Id of the request.
            result: Asynchronous iterator of items, or an awaitable of one.
            report_error: Function for an exception of the iterator.
        """
        stream = self._streams[id] = _Stream(message, id)
        stream.task = asyncio.get_running_loop().create_task(
            self._run(stream, result, report_error), context=self._context.copy()
        )
        stream.task.add_done_callback(lambda task: self._finish(stream, task))
        if self._connection.closing:
            self._stop(stream)

    def resume(self, id: int) -> None:
        """Continue a stream that waits for credit."""
        stream = self._streams.get(id)
        if stream is not None and stream.more is not None and not stream.more.done():
            stream.more.set_result(None)

    def stop(self, id: int) -> bool:
        """Stop the stream for request ``id``; return False if there is none."""
        stream = self._streams.get(id)
        if stream is None:
            return False
        self._stop(stream)
        return True

    def stop_all(self) -> None:
        """Stop all streams."""
        for stream in tuple(self._streams.values()):
            self._stop(stream)

    def _stop(self, stream: _Stream) -> None:
        if stream.stopping or stream.task is None:
            return
        stream.stopping = True
        if stream.started:  # a task that is cancelled before its first step never enters its coroutine
            stream.task.cancel()
        stream.timer = asyncio.get_running_loop().call_later(STOP_SECONDS, self._give_up, stream)

    def _give_up(self, stream: _Stream) -> None:
        """Answer for a stream that suppresses its cancellation. Its task counts as an open stream until it ends."""
        text, extra = "%s.%s still runs %g s after its cancellation", self._log_attributes(stream)
        HANDLER.error(text, self._name, stream.message.method, STOP_SECONDS, extra=extra)
        self._answer(stream, CANCELLED)
        if stream.task is not None:
            stream.task.cancel()

    def _answer(self, stream: _Stream, error: ErrorData | None) -> None:
        """End a stream with an error, or with ``$end``, unless it has ended."""
        if not stream.answered:
            stream.answered = True
            id, codec = stream.id, self._codec
            self._connection.send_text(codec.encode_end(id) if error is None else codec.encode_error(error, re=id))

    async def _run(self, stream: _Stream, result: Any, report_error: ErrorReporter) -> None:
        stream.started = True
        try:
            await self._send_items(stream, result)
        except GeneratorExit:
            raise  # the event loop has ended
        except BaseException as error:
            if not isinstance(error, asyncio.CancelledError) or not (stream.stopping or program_ends()):
                answered, stream.answered = stream.answered, True
                await report_error(stream.message.method, error, None if answered else stream.id)
                return
            if stream.stopping or stream.message.resume is None:
                self._answer(stream, CANCELLED)
            else:
                stream.answered = True  # the program ends, and the client goes on with the next one
        else:
            self._answer(stream, CANCELLED if stream.stopping else None)

    async def _send_items(self, stream: _Stream, result: Any) -> None:
        message, id, credit = stream.message, stream.id, self._state.credit
        encode, send, turn = self._codec.encode_reply, self._connection.send_text, self._slice
        if stream.stopping:
            if (close := getattr(result, "close", None)) is not None:
                close()  # a coroutine that is dropped before it started causes a warning
            return
        items: AsyncIterator[object] = result if hasattr(result, "__aiter__") else await result
        try:
            async for item in items:
                if stream.stopping or self._connection.closing:
                    return
                writable = send(encode(message, id, item))
                if self._statistics is not None:
                    self._statistics.count_sent(message.name)
                credit[id] -= 1
                if writable is not None:
                    await writable
                while not credit[id]:
                    stream.more = asyncio.get_running_loop().create_future()
                    await stream.more
                if turn.used_up:
                    await asyncio.sleep(0)
        finally:
            aclose: Callable[[], Awaitable[object]] | None = getattr(items, "aclose", None)
            if aclose is not None:
                await aclose()

    def _finish(self, stream: _Stream, task: asyncio.Task[None]) -> None:
        """Remove a stream whose task has ended, for any reason."""
        del self._streams[stream.id]
        self._state.request_answered(stream.id)
        if stream.timer is not None:
            stream.timer.cancel()
        answer = CANCELLED if stream.stopping else INTERNAL
        if not task.cancelled() and (error := task.exception()) is not None:
            answer = msgspec.structs.replace(answer, reference=new_reference())
            extra = {**self._log_attributes(stream), "reference": answer.reference}
            text = "%s.%s raised, reference %s"
            HANDLER.error(text, self._name, stream.message.method, answer.reference, exc_info=error, extra=extra)
        self._answer(stream, answer)

    def _log_attributes(self, stream: _Stream) -> dict[str, object]:
        return {**self._subject.log_attributes(), "message_type": stream.message.name}
