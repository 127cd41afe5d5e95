"""Run the methods of one handler: its messages one after the other, its streams beside them."""

from __future__ import annotations

import asyncio
import contextvars
import enum
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

from .codec import Codec
from .connection.consumer import Consumer
from .errors import ApplicationError, CloseCode, ErrorData
from .frames import Frame
from .messages import MessageType
from .session import Session
from .wire import Wire

__all__ = ["Speaker", "Worker"]

logger = logging.getLogger("tornado_ws")

CANCELLED = ErrorData(code="cancelled", message="cancelled by the client")
INTERNAL = ErrorData(code="internal", message="internal error")


class Speaker(Protocol):
    """Whose methods are run: a handler, or a fake in a test. It also has a method for every client message."""

    async def _connected(self) -> None:
        """Begin; no message is handled before it has returned."""
        ...

    async def _disconnected(self) -> None:
        """End; called once if :meth:`_connected` was called, however that went."""
        ...

    async def _failed(self, error: Exception) -> None:
        """Take an exception of one of the methods, which was logged and answered."""
        ...

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close the connection."""
        ...


class _Stage(enum.Enum):
    NEW = enum.auto()
    OPEN = enum.auto()
    ENDING = enum.auto()
    """The connection is over; what it has brought is still handled."""
    LAST = enum.auto()
    """The speaker is being told."""
    OVER = enum.auto()


class Worker:
    """Runs one coroutine after the other, and a task for each open stream."""

    def __init__(
        self,
        speaker: Speaker,
        *,
        codec: Codec,
        session: Session,
        wire: Wire,
        resume: Callable[[Frame], Awaitable[None]],
        consumed: Callable[[], None],
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            speaker: Whose methods are run.
            codec: Encodes replies.
            session: Holds what there is to do.
            wire: Takes replies.
            resume: Answers ``$resume``, in order with the messages.
            consumed: Called when something was taken out of the inbox.
        """
        self._speaker = speaker
        self._codec = codec
        self._session = session
        self._inbox = session.inbox
        self._wire = wire
        self._resume = resume
        self._consumed = consumed
        self._loop = asyncio.get_running_loop()
        self._context = contextvars.copy_context()
        self._consumer = Consumer(self._next, self._cancelled, self._context)
        self._streams: dict[int, asyncio.Task[None]] = {}
        self._quiet: list[asyncio.Future[None]] = []
        self._answering: int | None = None
        self._stage = _Stage.NEW
        self._unwanted = False

    def wake(self) -> None:
        """Look whether there is something to do; at first that is the speaker's :meth:`~Speaker._connected`.

        What does not wait for anything is done when this returns, if nothing else runs.
        """
        consumer = self._consumer
        if consumer.busy:
            return
        if asyncio.current_task() is not None:
            consumer.wake()  # on Tornado's own loop messages come from inside of a task
            return
        while not consumer.busy and (work := self._next()) is not None:
            self._context.run(consumer.run, work)

    def cancel(self, id: int) -> None:
        """Stop what answers a request."""
        if (stream := self._streams.get(id)) is not None:
            stream.cancel()
        elif self._answering == id and self._consumer.task is not None:
            self._consumer.task.cancel()

    def end(self, patience: float) -> None:
        """Handle what is in the inbox, then end.

        Args:
            patience: Seconds until what still runs is cancelled; 0: at once.
        """
        if self._stage is not _Stage.OPEN:
            return
        self._stage = _Stage.ENDING
        for stream in tuple(self._streams.values()):
            stream.cancel()
        if not patience:
            self._give_up()
        elif self._consumer.busy:
            self._loop.call_later(patience, self._give_up)
        self.wake()

    async def quiet(self) -> None:
        """Wait until there is nothing to do: no method runs and no message waits. Streams may go on."""
        if self._stage is not _Stage.OVER and (self._consumer.busy or self._inbox):
            await self._when_quiet()

    async def finished(self) -> None:
        """Wait until :meth:`~Speaker._disconnected` has returned."""
        while self._stage is not _Stage.OVER:
            await self._when_quiet()

    async def _when_quiet(self) -> None:
        future: asyncio.Future[None] = self._loop.create_future()
        self._quiet.append(future)
        await future

    def _give_up(self) -> None:
        self._inbox.clear()
        if self._consumer.busy and self._stage is _Stage.ENDING and self._consumer.task is not None:
            self._unwanted = True
            self._consumer.task.cancel()

    def _next(self) -> Awaitable[object] | None:
        """Return what to do next, None: nothing for now."""
        if self._stage is _Stage.NEW:
            self._stage = _Stage.OPEN
            return self._connect()
        if self._inbox:
            frame = self._inbox.popleft()
            self._consumed()
            return self._handle(frame)
        if self._stage is _Stage.ENDING:
            self._stage = _Stage.LAST
            return self._disconnect()
        if self._quiet:
            self._tell_quiet()
        return None

    def _cancelled(self, error: BaseException) -> None:
        """Take a cancellation, since what is run catches all other exceptions."""
        task = asyncio.current_task()
        if self._unwanted and task is not None:
            self._unwanted = False
            task.uncancel()
        else:  # somebody ends the whole program
            self._inbox.clear()
            self._stage = _Stage.ENDING if self._stage is _Stage.OPEN else self._stage

    async def _connect(self) -> None:
        try:
            await self._speaker._connected()
        except Exception as error:
            await self._fail("on_connect", error, None)
            self._speaker.close(CloseCode.INTERNAL, "on_connect failed")

    async def _disconnect(self) -> None:
        try:
            await self._speaker._disconnected()
        except Exception as error:
            await self._fail("on_disconnect", error, None)
        finally:
            self._stage = _Stage.OVER
            self._consumer.cancel()
            self._tell_quiet()

    async def _handle(self, frame: Frame) -> None:
        message, id = frame.message, frame.id
        if message is None:
            await self._resume(frame)
            return
        try:
            method = getattr(self._speaker, message.method)
            result = method() if message.payload is None else method(frame.data)
            if id is None:
                await result
            elif message.stream is not None:
                self._streams[id] = self._loop.create_task(self._stream(message, id, result))
            else:
                await self._answer(message, id, result)
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and _is_cancelled():
                raise
            if id is not None:
                self._session.answered(id)
            await self._fail(message.method, error, id)
        if id is not None and (room := self._wire.room()) is not None:
            await room

    async def _answer(self, message: MessageType, id: int, result: Awaitable[object]) -> None:
        self._answering = id
        try:
            self._wire.send(self._codec.encode_reply(message, id, await result))
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._unwanted or task is None or not task.cancelling():
                raise
            task.uncancel()
            self._wire.send(self._codec.encode_error(CANCELLED, re=id))
        finally:
            self._answering = None
            self._session.answered(id)

    async def _stream(
        self, message: MessageType, id: int, result: Any
    ) -> None:  # result: an asynchronous iterator of items, or what returns one when awaited
        try:
            items: AsyncIterator[object] = result if hasattr(result, "__aiter__") else await result
            try:
                async for item in items:
                    self._wire.send(self._codec.encode_reply(message, id, item))
                    if (room := self._wire.room()) is not None:
                        await room
            finally:
                if (close := getattr(items, "aclose", None)) is not None:
                    await close()
            self._wire.send(self._codec.encode_end(id))
        except asyncio.CancelledError:
            self._wire.send(self._codec.encode_error(CANCELLED, re=id))
        except Exception as error:
            await self._fail(message.method, error, id)
        finally:
            del self._streams[id]
            self._session.answered(id)

    async def _fail(self, method: str, error: Exception | asyncio.CancelledError, re: int | None) -> None:
        """Log, answer and pass on what a method raised."""
        if isinstance(error, ApplicationError) and error.error.code in self._codec.endpoint.errors:
            self._wire.send(self._codec.encode_error(error.error, re=re))
            return
        logger.error("%s.%s raised", type(self._speaker).__qualname__, method, exc_info=error)
        self._wire.send(self._codec.encode_error(INTERNAL, re=re))
        if isinstance(error, asyncio.CancelledError):  # of something else that the method awaited
            return
        try:
            await self._speaker._failed(error)
        except Exception:
            logger.exception("%s.on_error raised", type(self._speaker).__qualname__)

    def _tell_quiet(self) -> None:
        waiting, self._quiet = self._quiet, []
        for future in waiting:
            if not future.done():
                future.set_result(None)


def _is_cancelled() -> bool:
    """Tell whether it is this task that is being cancelled, and not something that it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
