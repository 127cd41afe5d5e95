"""Decide what one handler does next: its messages one after the other, its streams beside them."""

from __future__ import annotations

import asyncio
import contextvars
import enum
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from ..endpoint import MessageType
from ..validation.envelopes import Frame
from ..websocket.coroutine_runner import CoroutineRunner
from .responder import Raised, Responder, SessionHandler
from .state import SessionState

__all__ = ["Method", "Dispatcher"]

Method: TypeAlias = Callable[..., Any]
"""A method of the handler's class, for one kind of message: called with the handler, and the payload if there is one.
Returns what is to be awaited."""


class _Stage(enum.Enum):
    NEW = enum.auto()
    OPEN = enum.auto()
    ENDING = enum.auto()
    """The connection is over; what it has brought is still handled."""
    LAST = enum.auto()
    """The speaker is being told."""
    OVER = enum.auto()


class Dispatcher:
    """Runs one coroutine after the other.

    A message that is no request costs one call of its method, which is driven where it arrives and not by a task, as
    long as it does not wait (see :class:`~.connection.CoroutineRunner`).
    """

    __slots__ = (
        "_consumed",
        "_consumer",
        "_context",
        "_direct",
        "_failures",
        "_inbox",
        "_loop",
        "_methods",
        "_patience",
        "_quiet",
        "_responder",
        "_running",
        "_session",
        "_speaker",
        "_special",
        "_stage",
        "_unwanted",
    )

    def __init__(
        self,
        responder: Responder,
        *,
        methods: Mapping[str, Method],
        session: SessionState,
        consumed: Callable[[], None],
        context: contextvars.Context,
        direct: bool,
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            responder: Does what takes time.
            methods: By the name of the message.
            session: Holds what there is to do.
            consumed: Called when something was taken out of the inbox.
            context: In which all of it runs.
            direct: Whether the event loop itself brings messages, except those that had to wait; else a task does.
        """
        self._responder = responder
        self._speaker: SessionHandler = responder.speaker
        self._methods = methods
        self._session = session
        self._inbox = session.inbox
        self._consumed = consumed
        self._loop = asyncio.get_running_loop()
        self._context = context
        self._direct = direct
        self._consumer = CoroutineRunner(self._next, self._raised, context)
        self._quiet: list[asyncio.Future[None]] = []
        self._failures: list[tuple[str, Raised]] = []
        self._running: MessageType | None = None
        self._stage = _Stage.NEW
        self._special = True
        """Whether there is something else to do than what is in the inbox."""
        self._unwanted = False
        self._patience: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin with the speaker's :meth:`~SessionHandler._connected`."""
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

    def run(self, message: MessageType, method: Method, data: Any) -> bool:
        """Call the method for a message that is no request, now, if nothing else is to be done.

        It is what :meth:`wake` would come to, by the shortest way, since most messages go it. To be called in the
        context.

        Args:
            message: Its kind.
            method: What handles it.
            data: Its payload, of the type that the slot states.

        Returns:
            Whether it was called.
        """
        consumer = self._consumer
        if consumer.busy or self._special or not self._direct or consumer.pool.in_task:
            return False
        self._running = message
        consumer.run(method(self._speaker, data))
        if self._failures:
            self.wake()
        return True

    def cancel(self, id: int) -> None:
        """Stop what answers a request."""
        if self._responder.drop(id) and self._consumer.task is not None:
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
        self._responder.end()
        if not patience:
            self._give_up()
        elif self._consumer.busy:
            self._patience = self._loop.call_later(patience, self._give_up)
        self._context.run(self.wake)

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to do: no method runs and no message waits. Streams may go on."""
        return self.over or not (self._consumer.busy or self._inbox)

    @property
    def over(self) -> bool:
        """Whether :meth:`~SessionHandler._disconnected` has returned."""
        return self._stage is _Stage.OVER

    def when_quiet(self) -> asyncio.Future[None]:
        """Return what is done when there is nothing to do any more, for now or for ever."""
        future: asyncio.Future[None] = self._loop.create_future()
        self._quiet.append(future)
        self._special = True
        return future

    def _give_up(self) -> None:
        self._inbox.clear()
        if self._consumer.busy and self._stage is _Stage.ENDING and self._consumer.task is not None:
            self._unwanted = True
            self._responder.give_up()
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
            return self._responder.connect()
        if self._failures:
            method, error = self._failures.pop(0)
            return self._responder.fail(method, error, None)
        if self._inbox:
            return None
        if self._stage is _Stage.ENDING:
            self._stage = _Stage.LAST
            return self._responder.disconnect(self._end)
        self._special = False
        self._tell_quiet()
        return None

    def _begin(self, frame: Frame) -> Awaitable[object] | None:
        """Call the method for a frame; return what is left to await."""
        message, id = frame.message, frame.id
        if message is None:
            return self._speaker._resume(frame.data)
        self._running = message
        method = self._methods[message.name]
        try:
            work: Any = method(self._speaker) if message.payload is None else method(self._speaker, frame.data)
        except Exception as error:  # of a method that is no coroutine, against its type
            self._session.answered(id)
            return self._responder.fail(message.method, error, id)
        if id is None:
            awaitable: Awaitable[object] | None = work
            return awaitable
        if message.stream is None:
            return self._responder.answer(message, id, work)
        self._responder.begin_stream(message, id, work)
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

    def _end(self) -> None:
        self._stage = _Stage.OVER
        if self._patience is not None:
            self._patience.cancel()
        self._consumer.cancel()
        self._consumed = _nothing  # a circle, which would wait for the garbage collector
        self._tell_quiet()

    def _tell_quiet(self) -> None:
        waiting, self._quiet = self._quiet, []
        for future in waiting:
            if not future.done():
                future.set_result(None)


def _nothing() -> None:
    pass
