"""Run the methods of one handler: its messages one after the other, its streams beside them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

from .codec import Codec
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


class Worker:
    """One task that lives as long as its connection, and one for each open stream."""

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
        self._wire = wire
        self._resume = resume
        self._consumed = consumed
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None
        self._streams: dict[int, asyncio.Task[None]] = {}
        self._wake: asyncio.Future[None] | None = None
        self._quiet: list[asyncio.Future[None]] = []
        self._answering: int | None = None
        self._ending = False
        self._unwanted = False

    def start(self) -> None:
        """Begin with the speaker's :meth:`~Speaker._connected`."""
        self._task = self._loop.create_task(self._run())

    def wake(self) -> None:
        """Look into the inbox again."""
        if self._wake is not None:
            self._wake.set_result(None)
            self._wake = None

    def cancel(self, id: int) -> None:
        """Stop what answers a request."""
        if (stream := self._streams.get(id)) is not None:
            stream.cancel()
        elif self._answering == id and self._task is not None:
            self._task.cancel()

    def end(self, patience: float) -> None:
        """Handle what is in the inbox, then end.

        Args:
            patience: Seconds until what still runs is cancelled; 0: at once.
        """
        self._ending = True
        for stream in tuple(self._streams.values()):
            stream.cancel()
        if self._task is None or self._task.done():
            return
        if patience:
            timer = self._loop.call_later(patience, self._give_up)
            self._task.add_done_callback(lambda _: timer.cancel())
            self.wake()
        else:
            self._give_up()

    async def quiet(self) -> None:
        """Wait until there is nothing to do: no method runs and no message waits. Streams may go on."""
        if self._task is None or self._task.done() or self._wake is not None:
            return
        future: asyncio.Future[None] = self._loop.create_future()
        self._quiet.append(future)
        await future

    async def finished(self) -> None:
        """Wait until :meth:`~Speaker._disconnected` has returned."""
        if self._task is not None:
            await asyncio.wait((self._task,))

    def _give_up(self) -> None:
        self._unwanted = True
        self._session.inbox.clear()
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        inbox = self._session.inbox
        try:
            await self._connect()
            while True:
                while inbox:
                    frame = inbox.popleft()
                    self._consumed()
                    await self._handle(frame)
                if self._ending:
                    return
                self._wake = self._loop.create_future()
                self._tell_quiet()
                await self._wake
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not self._unwanted or task is None:
                raise  # somebody ends the whole program
            task.uncancel()
        finally:
            self._wake = None
            await self._disconnect()
            self._tell_quiet()

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
                return
            if message.stream is not None:
                self._streams[id] = self._loop.create_task(self._stream(message, id, result))
                return
            self._answering = id
            self._wire.send(self._codec.encode_reply(message, id, await result))
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._unwanted or self._answering != id or task is None:
                raise
            task.uncancel()
            self._wire.send(self._codec.encode_error(CANCELLED, re=id))
        except Exception as error:
            await self._fail(message.method, error, id)
        finally:
            self._answering = None
            if message.stream is None:
                self._session.answered(id)
        if (room := self._wire.room()) is not None:
            await room

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

    async def _fail(self, method: str, error: Exception, re: int | None) -> None:
        """Log, answer and pass on what a method raised."""
        if isinstance(error, ApplicationError) and error.error.code in self._codec.endpoint.errors:
            self._wire.send(self._codec.encode_error(error.error, re=re))
            return
        logger.error("%s.%s raised", type(self._speaker).__qualname__, method, exc_info=error)
        self._wire.send(self._codec.encode_error(INTERNAL, re=re))
        try:
            await self._speaker._failed(error)
        except Exception:
            logger.exception("%s.on_error raised", type(self._speaker).__qualname__)

    def _tell_quiet(self) -> None:
        waiting, self._quiet = self._quiet, []
        for future in waiting:
            if not future.done():
                future.set_result(None)
