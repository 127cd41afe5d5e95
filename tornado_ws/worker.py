"""Run the methods of one handler: its messages one after the other, its streams beside them."""

from __future__ import annotations

import asyncio
import contextvars
import enum
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeAlias

from .codec import Codec
from .connection.consumer import Consumer
from .errors import ApplicationError, CloseCode, ErrorData
from .frames import Frame
from .messages import MessageType
from .session import Session
from .wire import Wire

__all__ = ["Speaker", "Worker"]

Raised: TypeAlias = Exception | asyncio.CancelledError

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
    """Runs one coroutine after the other, and a task for each open stream.

    A message that is no request costs one call of its method, which is driven where it arrives and not by a task, as
    long as it does not wait (see :class:`~.connection.Consumer`).
    """

    __slots__ = (
        "_answering",
        "_codec",
        "_consumed",
        "_consumer",
        "_context",
        "_direct",
        "_dropped",
        "_failures",
        "_inbox",
        "_loop",
        "_methods",
        "_patience",
        "_quiet",
        "_resume",
        "_running",
        "_session",
        "_speaker",
        "_special",
        "_stage",
        "_streams",
        "_unwanted",
        "_wire",
    )

    def __init__(
        self,
        speaker: Speaker,
        *,
        methods: Mapping[str, Callable[..., Any]],
        codec: Codec,
        session: Session,
        wire: Wire,
        resume: Callable[[Frame], Awaitable[None]],
        consumed: Callable[[], None],
        context: contextvars.Context,
        direct: bool,
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            speaker: Whose methods are run.
            methods: Its class's, by the name of the message; called with the speaker, and the payload if there is one.
            codec: Encodes replies.
            session: Holds what there is to do.
            wire: Takes replies.
            resume: Answers ``$resume``, in order with the messages.
            consumed: Called when something was taken out of the inbox.
            context: In which all of it runs.
            direct: Whether the event loop itself brings messages, except those that had to wait; else a task does.
        """
        self._speaker = speaker
        self._methods = methods
        self._codec = codec
        self._session = session
        self._inbox = session.inbox
        self._wire = wire
        self._resume = resume
        self._consumed = consumed
        self._loop = asyncio.get_running_loop()
        self._context = context
        self._direct = direct
        self._consumer = Consumer(self._next, self._raised, context)
        self._streams: dict[int, asyncio.Task[None]] = {}
        self._quiet: list[asyncio.Future[None]] = []
        self._failures: list[tuple[str, Raised]] = []
        self._running: MessageType | None = None
        self._answering: int | None = None
        self._dropped: int | None = None
        self._stage = _Stage.NEW
        self._special = True
        """Whether there is something else to do than what is in the inbox."""
        self._unwanted = False
        self._patience: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin with the speaker's :meth:`~Speaker._connected`."""
        self._consumer.wake()

    def wake(self) -> None:
        """Look whether there is something to do; to be called in the context, or in a task.

        What does not wait for anything is done when this returns, if nothing else runs.
        """
        consumer = self._consumer
        if consumer.busy:
            return
        if asyncio.current_task(self._loop) is not None:
            consumer.wake()  # messages of Tornado's own loop, and those that had to wait, come from inside of a task
            return
        while not consumer.busy and (self._inbox or self._special) and (work := self._next()) is not None:
            consumer.run(work)

    def run(self, message: MessageType, work: Callable[[Speaker, Any], Awaitable[object]], data: Any) -> bool:
        """Call the method for a message that is no request, now, if nothing else is to be done.

        It is what :meth:`wake` would come to, by the shortest way, since most messages go it. To be called in the
        context.

        Args:
            message: Its kind.
            work: The method.
            data: Its payload, of the type that the slot states.

        Returns:
            Whether it was called.
        """
        consumer = self._consumer
        if consumer.busy or self._special or not self._direct or consumer.pool.inside:
            return False
        self._running = message
        consumer.run(work(self._speaker, data))
        if self._failures:
            self.wake()
        return True

    def cancel(self, id: int) -> None:
        """Stop what answers a request."""
        if (stream := self._streams.get(id)) is not None:
            stream.cancel()
        elif self._answering == id and self._consumer.task is not None:
            self._dropped = id
            self._consumer.task.cancel()

    def end(self, patience: float) -> None:
        """Handle what is in the inbox, then end.

        Args:
            patience: Seconds until what still runs is cancelled; 0: at once.
        """
        if self._stage is not _Stage.OPEN:
            return
        self._stage = _Stage.ENDING
        self._special = True
        for stream in tuple(self._streams.values()):
            stream.cancel()
        if not patience:
            self._give_up()
        elif self._consumer.busy:
            self._patience = self._loop.call_later(patience, self._give_up)
        self._context.run(self.wake)

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
        self._special = True
        await future

    def _give_up(self) -> None:
        self._inbox.clear()
        if self._consumer.busy and self._stage is _Stage.ENDING and self._consumer.task is not None:
            self._unwanted = True
            self._consumer.task.cancel()

    def _next(self) -> Awaitable[object] | None:
        """Return what to do next, None: nothing for now."""
        if self._special and (work := self._next_special()) is not None:
            return work
        while self._inbox:
            frame = self._inbox.pop(0)
            self._consumed()
            if (work := self._begin(frame)) is not None:
                return work
        return self._next_special() if self._special else None

    def _next_special(self) -> Awaitable[object] | None:
        if self._stage is _Stage.NEW:
            self._stage = _Stage.OPEN
            self._special = False
            return self._connect()
        if self._failures:
            method, error = self._failures.pop(0)
            return self._fail(method, error, None)
        if self._inbox:
            return None
        if self._stage is _Stage.ENDING:
            self._stage = _Stage.LAST
            return self._disconnect()
        self._special = False
        self._tell_quiet()
        return None

    def _begin(self, frame: Frame) -> Awaitable[object] | None:
        """Call the method for a frame; return what is left to await."""
        message, id = frame.message, frame.id
        if message is None:
            return self._resume(frame)
        self._running = message
        method = self._methods[message.name]
        try:
            work: Any = method(self._speaker) if message.payload is None else method(self._speaker, frame.data)
        except Exception as error:  # of a method that is no coroutine, against its type
            self._session.answered(id)
            return self._fail(message.method, error, id)
        if id is None:
            awaitable: Awaitable[object] | None = work
            return awaitable
        if message.stream is None:
            return self._answer(message, id, work)
        self._streams[id] = self._loop.create_task(self._stream(message, id, work), context=self._context.copy())
        return None

    def _raised(self, error: BaseException) -> None:
        """Take what a method for a message without an answer raised; what else is run here catches its exceptions."""
        task = asyncio.current_task()
        cancelled = task is not None and task.cancelling() > 0
        self._special = True
        if isinstance(error, Exception) or (isinstance(error, asyncio.CancelledError) and not cancelled):
            method = "" if self._running is None else self._running.method
            self._failures.append((method, error))
        elif self._unwanted and task is not None:
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
            if self._patience is not None:
                self._patience.cancel()
            self._consumer.cancel()
            del self._resume, self._consumed  # circles, which would wait for the garbage collector
            self._tell_quiet()

    async def _answer(self, message: MessageType, id: int, work: Awaitable[object]) -> None:
        self._answering = id
        try:
            reply = self._codec.encode_reply(message, id, await work)
        except (Exception, asyncio.CancelledError) as error:
            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
                if self._dropped != id or self._unwanted:
                    raise
                task.uncancel()
                reply = self._codec.encode_error(CANCELLED, re=id)
            else:
                await self._fail(message.method, error, id)
                return
        finally:
            self._answering = self._dropped = None
            self._session.answered(id)
        if (room := self._wire.send(reply)) is not None:
            await room

    async def _stream(
        self, message: MessageType, id: int, result: Any
    ) -> None:  # result: an asynchronous iterator of items, or what returns one when awaited
        try:
            items: AsyncIterator[object] = result if hasattr(result, "__aiter__") else await result
            try:
                async for item in items:
                    if (room := self._wire.send(self._codec.encode_reply(message, id, item))) is not None:
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

    async def _fail(self, method: str, error: Raised, re: int | None) -> None:
        """Log, answer and pass on what a method raised."""
        if isinstance(error, ApplicationError) and error.error.code in self._codec.endpoint.errors:
            self._wire.send(self._codec.encode_error(error.error, re=re))
            return
        logger.error("%s.%s raised", type(self._speaker).__qualname__, method, exc_info=error)
        self._wire.send(self._codec.encode_error(INTERNAL, re=re))
        if isinstance(error, asyncio.CancelledError):
            return  # something that the method awaited was cancelled
        try:
            await self._speaker._failed(error)
        except Exception:
            logger.exception("%s.on_error raised", type(self._speaker).__qualname__)

    def _tell_quiet(self) -> None:
        waiting, self._quiet = self._quiet, []
        for future in waiting:
            if not future.done():
                future.set_result(None)
