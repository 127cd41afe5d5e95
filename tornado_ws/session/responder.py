"""Coroutines of one session: hooks and replies.

Not compiled: coroutines compiled by mypyc lose the exception that is being handled.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeAlias

import msgspec

from ..endpoint import MessageType
from ..errors import ApplicationError, CloseCode
from ..validation.codec import Codec
from ..validation.envelopes import ResumeData
from ..websocket.sender import Sender
from .state import SessionState
from .streams import CANCELLED, INTERNAL, Streams

__all__ = ["MethodError", "Responder", "SessionHandler"]

MethodError: TypeAlias = Exception | asyncio.CancelledError
"""Exception of a handler method, including the cancellation of an awaitable in it."""

logger = logging.getLogger("tornado_ws")


class SessionHandler(Protocol):
    """Hooks of a session, implemented by the server, or by a fake in tests."""

    async def on_connect(self) -> None:
        """Run before the first message is handled."""
        ...

    async def on_disconnect(self) -> None:
        """Run once after :meth:`on_connect`, even if it raised."""
        ...

    async def on_error(self, error: Exception) -> None:
        """Run after a method raised; the error is already logged and answered."""
        ...

    async def on_resume(self, position: ResumeData) -> None:
        """Send the messages that a reconnected client has missed."""
        ...

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close the connection."""
        ...


class Responder:
    """Coroutines of one session. They raise nothing except :exc:`asyncio.CancelledError`."""

    __slots__ = ("_answering", "_cancelled", "_codec", "_sender", "_state", "hooks", "streams", "target")

    def __init__(
        self,
        hooks: SessionHandler,
        target: object,
        *,
        codec: Codec,
        state: SessionState,
        sender: Sender,
        context: contextvars.Context,
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            hooks: Hooks of the session.
            target: Handler with the methods for messages; the log contains its class.
            codec: Encoder of replies.
            state: State of the session.
            sender: Sender of replies.
            context: Context variables; each stream has a copy.
        """
        self.hooks = hooks
        self.target = target
        self._codec = codec
        self._state = state
        self._sender = sender
        self.streams = Streams(
            type(target).__qualname__,
            codec=codec,
            state=state,
            sender=sender,
            context=context,
        )
        """Open streams."""
        self._answering: int | None = None
        self._cancelled: int | None = None

    async def connect(self) -> None:
        """Run the hook for a new connection; close the connection if it raises."""
        try:
            await self.hooks.on_connect()
        except Exception as error:
            await self.report_error("on_connect", error, None)
            self.hooks.close(CloseCode.INTERNAL, "on_connect failed")

    async def disconnect(self, done: Callable[[], None]) -> None:
        """Run the hook for a closed connection, then call ``done``, even if the hook raises."""
        try:
            await self.hooks.on_disconnect()
        except Exception as error:
            await self.report_error("on_disconnect", error, None)
        finally:
            done()

    async def reply(self, message: MessageType, id: int, result: Awaitable[object]) -> None:
        """Await the result of a method and send it as the reply to request ``id``."""
        self._answering = id
        try:
            reply = self._codec.encode_reply(message, id, await result)
        except (Exception, asyncio.CancelledError) as error:
            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
                if self._cancelled != id:
                    raise
                task.uncancel()
                reply = self._codec.encode_error(CANCELLED, re=id)
            else:
                await self.report_error(message.method, error, id)
                return
        finally:
            self._answering = self._cancelled = None
            self._state.request_answered(id)
        if (writable := self._sender.send(reply)) is not None:
            await writable

    def cancel(self, id: int) -> bool:
        """Stop the stream for request ``id``, if there is one.

        Returns:
            True if the method for request ``id`` is running; then the caller must cancel its task.
        """
        if not self.streams.stop(id) and self._answering == id:
            self._cancelled = id
            return True
        return False

    def start_stream(self, message: MessageType, id: int, result: Any) -> None:
        """Start a stream; see :meth:`.Streams.start`."""
        self.streams.start(message, id, result, self.report_error)

    def discard_cancellation(self) -> None:
        """Undo :meth:`cancel`, so that the cancelled task ends without sending an error."""
        self._cancelled = None

    async def report_error(self, method: str, error: BaseException, re: int | None) -> None:
        """Log the exception of a method, send an error and run the hook :meth:`SessionHandler.on_error`.

        An error that the schema declares (:class:`.ApplicationError`) is only sent.

        Args:
            method: Name of the method.
            error: Its exception.
            re: Id of the request that the error answers.
        """
        if isinstance(error, ApplicationError) and error.error.code in self._codec.endpoint.errors:
            data, retryable = error.error, error.retryable
            if retryable is None and data.code in self._codec.endpoint.retryable_errors:
                data = msgspec.structs.replace(data, retryable=True)
            self._sender.send(self._codec.encode_error(data, re=re))
            return
        logger.error("%s.%s raised", type(self.target).__qualname__, method, exc_info=error)
        if isinstance(error, ApplicationError):
            endpoint, code = self._codec.endpoint, error.error.code
            declared = ", ".join(endpoint.errors) or "none"
            logger.error("%s declares no error %s: expected one of %s", endpoint.name, code, declared)
        self._sender.send(self._codec.encode_error(INTERNAL, re=re))
        if not isinstance(error, Exception):
            return
        try:
            await self.hooks.on_error(error)
        except Exception:
            logger.exception("%s.on_error raised", type(self.target).__qualname__)
