"""Do what takes time for one handler: its hooks, its answers and its streams.

Not compiled, as no module with coroutines is: mypyc's forget which exception was being handled before them.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol, TypeAlias

from ..endpoint import MessageType
from ..errors import ApplicationError, CloseCode, ErrorData
from ..validation.codec import Codec
from ..validation.envelopes import ResumeData
from ..websocket.sender import Sender
from .state import SessionState

__all__ = ["Raised", "Responder", "SessionHandler"]

Raised: TypeAlias = Exception | asyncio.CancelledError

logger = logging.getLogger("tornado_ws")

CANCELLED = ErrorData(code="cancelled", message="cancelled by the client")
INTERNAL = ErrorData(code="internal", message="internal error")


class SessionHandler(Protocol):
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

    async def _resume(self, seen: ResumeData) -> None:
        """Send what a client that came back has missed."""
        ...

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close the connection."""
        ...


class Responder:
    """What may have to wait, as coroutines that fail with nothing but a cancellation."""

    __slots__ = ("_answering", "_codec", "_context", "_dropped", "_session", "_streams", "_wire", "speaker")

    def __init__(
        self,
        speaker: SessionHandler,
        *,
        codec: Codec,
        session: SessionState,
        wire: Sender,
        context: contextvars.Context,
    ) -> None:
        """Prepare.

        Args:
            speaker: Whose methods are run.
            codec: Encodes replies.
            session: Is told what was answered.
            wire: Takes replies.
            context: Streams run in copies of it.
        """
        self.speaker = speaker
        self._codec = codec
        self._session = session
        self._wire = wire
        self._context = context
        self._streams: dict[int, asyncio.Task[None]] = {}
        self._answering: int | None = None
        self._dropped: int | None = None

    async def connect(self) -> None:
        """Let the speaker begin."""
        try:
            await self.speaker._connected()
        except Exception as error:
            await self.fail("on_connect", error, None)
            self.speaker.close(CloseCode.INTERNAL, "on_connect failed")

    async def disconnect(self, over: Callable[[], None]) -> None:
        """Let the speaker take its leave; call ``over`` when it has, however that went."""
        try:
            await self.speaker._disconnected()
        except Exception as error:
            await self.fail("on_disconnect", error, None)
        finally:
            over()

    async def answer(self, message: MessageType, id: int, work: Awaitable[object]) -> None:
        """Await a reply and send it."""
        self._answering = id
        try:
            reply = self._codec.encode_reply(message, id, await work)
        except (Exception, asyncio.CancelledError) as error:
            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
                if self._dropped != id:
                    raise
                task.uncancel()
                reply = self._codec.encode_error(CANCELLED, re=id)
            else:
                await self.fail(message.method, error, id)
                return
        finally:
            self._answering = self._dropped = None
            self._session.answered(id)
        if (room := self._wire.send(reply)) is not None:
            await room

    def drop(self, id: int) -> bool:
        """Stop a stream; tell whether the request is another one, whose answer is being awaited.

        The task of that is to be cancelled, unless :meth:`keep` follows.
        """
        if (stream := self._streams.get(id)) is not None:
            stream.cancel()
        elif self._answering == id:
            self._dropped = id
            return True
        return False

    def end(self) -> None:
        """Stop all streams."""
        for stream in tuple(self._streams.values()):
            stream.cancel()

    def give_up(self) -> None:
        """Let no answer survive that its task is cancelled."""
        self._dropped = None

    def begin_stream(self, message: MessageType, id: int, result: Any) -> None:
        """Send items beside the other messages.

        Args:
            message: The request.
            id: Its number.
            result: An asynchronous iterator of items, or what returns one when awaited.
        """
        loop = asyncio.get_running_loop()
        self._streams[id] = loop.create_task(self._stream(message, id, result), context=self._context.copy())

    async def _stream(self, message: MessageType, id: int, result: Any) -> None:
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
            await self.fail(message.method, error, id)
        finally:
            del self._streams[id]
            self._session.answered(id)

    async def fail(self, method: str, error: Raised, re: int | None) -> None:
        """Log, answer and pass on what a method raised."""
        if isinstance(error, ApplicationError) and error.error.code in self._codec.endpoint.errors:
            self._wire.send(self._codec.encode_error(error.error, re=re))
            return
        logger.error("%s.%s raised", type(self.speaker).__qualname__, method, exc_info=error)
        self._wire.send(self._codec.encode_error(INTERNAL, re=re))
        if isinstance(error, asyncio.CancelledError):
            return  # something that the method awaited was cancelled
        try:
            await self.speaker._failed(error)
        except Exception:
            logger.exception("%s.on_error raised", type(self.speaker).__qualname__)
