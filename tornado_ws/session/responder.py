"""Coroutines of one session: hooks and replies.

Not compiled: coroutines compiled by mypyc lose the exception that is being handled.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import msgspec

from ..endpoint import MessageType
from ..errors import (
    ApplicationError,
    BackplaneDown,
    CloseCode,
    ConnectionClosed,
    ErrorData,
    InvalidMessage,
    LimitReached,
)
from ..loggers import HANDLER, new_reference
from ..validation.codec import Codec
from ..validation.envelopes import PresenceRequestData, ResumeData
from ..websocket import Connection
from ..websocket.coroutine_runner import program_ends
from .state import SessionState
from .statistics import EndpointStatistics
from .streams import CANCELLED, INTERNAL, Streams

__all__ = ["INTERNAL", "UNAVAILABLE", "Responder", "SessionHandler"]

UNAVAILABLE = ErrorData(code="unavailable", message="try again later", retryable=True)


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

    def on_resume(self, data: ResumeData) -> None:
        """Send the messages of a channel after a position of the client."""
        ...

    def on_presence(self, data: PresenceRequestData) -> None:
        """Send the presence of a channel."""
        ...

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close the connection."""
        ...

    def log_attributes(self) -> dict[str, object]:
        """Return the attributes of log records about the connection (:data:`.loggers.LOG_ATTRIBUTES`)."""
        ...


class Responder:
    """Coroutines of one session.

    They raise only exceptions that end the program, and :exc:`asyncio.CancelledError` while :attr:`stopping`.
    """

    __slots__ = (
        "_answering",
        "_cancelled",
        "_codec",
        "_connection",
        "_state",
        "_statistics",
        "_timed_out",
        "hook",
        "hooks",
        "stopping",
        "streams",
        "target",
    )

    def __init__(
        self,
        hooks: SessionHandler,
        target: object,
        *,
        codec: Codec,
        state: SessionState,
        connection: Connection,
        context: contextvars.Context,
        statistics: EndpointStatistics | None = None,
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            hooks: Hooks of the session.
            target: Handler with the methods for messages; the log contains its class.
            codec: Encoder of replies.
            state: State of the session.
            connection: Connection of the client.
            context: Context variables; each stream has a copy.
            statistics: Numbers of messages; None to count nothing.
        """
        self.hooks = hooks
        self.target = target
        self.hook = ""
        """Name of the running hook; empty while a method for a message runs."""
        self.stopping = False
        """True once the session has cancelled the running method, because the connection has ended."""
        self._codec = codec
        self._state = state
        self._connection = connection
        self._statistics = statistics
        self.streams = Streams(
            type(target).__qualname__,
            subject=hooks,
            codec=codec,
            state=state,
            connection=connection,
            context=context,
            statistics=statistics,
        )
        """Open streams."""
        self._answering: int | None = None
        self._cancelled: int | None = None
        self._timed_out = False
        """True once the running method was cancelled after its time, and its request is answered."""

    async def connect(self, done: Callable[[], None]) -> None:
        """Run the hook for a new connection, then call ``done``; close the connection if the hook raises."""
        self.hook = "on_connect"
        try:
            await self.hooks.on_connect()
        except BaseException as error:
            if self.is_expected(error):
                raise
            is_fault = self._answer("on_connect", error, None)
            self.hooks.close(CloseCode.INTERNAL, "on_connect failed")
            if is_fault:
                await self.run_on_error(error)
        else:
            done()
        finally:
            self.hook = ""

    async def disconnect(self, done: Callable[[], None]) -> None:
        """Run the hook for a closed connection, then call ``done``, even if the hook raises."""
        self.hook, self.stopping = "on_disconnect", False
        try:
            await self.hooks.on_disconnect()
        except BaseException as error:
            if not self.is_expected(error):
                await self.report_error("on_disconnect", error, None)
        finally:
            done()

    async def reply(self, message: MessageType, id: int, result: Awaitable[object]) -> None:
        """Await the result of a method and send it as the reply to request ``id``."""
        self._answering = id
        failure: BaseException | None = None
        reply = b""
        try:
            reply = self.encode_reply(message, id, await result)
            if self._statistics is not None and not self._timed_out:
                self._statistics.count_sent(message.name)
        except BaseException as error:
            if not isinstance(error, asyncio.CancelledError) or self._cancelled != id:
                if self.is_expected(error):
                    raise
                failure = error
            elif not self._timed_out:
                reply = self._codec.encode_error(CANCELLED, re=id)
        finally:
            self._answering = self._cancelled = None
            timed_out, self._timed_out = self._timed_out, False
            if not timed_out:
                self._state.request_answered(id)
        if failure is not None:
            await self.report_error(message.method, failure, id, is_answered=timed_out)
        elif not timed_out and (writable := self._connection.send_text(reply)) is not None:
            await writable

    def encode_reply(self, message: MessageType, id: int, value: object) -> bytes:
        """Return the frame of a reply.

        Raises:
            ApplicationError: If the method has returned an error.
            InvalidMessage: If the schema rejects the reply.
        """
        if isinstance(value, ApplicationError):
            raise value
        return self._codec.encode_reply(message, id, value)

    def is_expected(self, error: BaseException) -> bool:
        """Return True for a cancellation by the end of the connection or of the program."""
        return isinstance(error, asyncio.CancelledError) and (self.stopping or program_ends())

    def cancel(self, id: int) -> bool:
        """Stop the stream for request ``id``, if there is one.

        Returns:
            True if the method for request ``id`` is running; then the caller must cancel its task.
        """
        if not self.streams.stop(id) and self._answering == id and self._cancelled != id:
            self._cancelled = id
            return True
        return False

    def time_out(self, message: MessageType, id: int) -> bool:
        """Answer request ``id`` with ``timeout``, if its method is running.

        Returns:
            True if the method must be cancelled; then the caller must cancel its task.
        """
        if self._answering != id:
            return False
        self._timed_out = True
        self._state.request_answered(id)
        self.send_timeout(message, id)
        was_cancelled, self._cancelled = self._cancelled == id, id
        return not was_cancelled

    def send_timeout(self, message: MessageType, id: int, *, has_begun: bool = True) -> None:
        """Log a request without an answer in time, and send the error ``timeout``.

        Args:
            message: Type of the request.
            id: Id of the request.
            has_begun: False if its method was not called.
        """
        seconds, name, log = message.timeout or 0.0, self._log_name(message.method), self._connection.settings.log
        text = "%s has not ended within %g s, and is cancelled" if has_begun else "%s has not begun within %g s"
        extra = {**self.log_attributes(message.method), "code": "timeout"}
        log.log(HANDLER, logging.WARNING, f"timeouts of {name}", text, name, seconds, extra=extra)
        error = ErrorData(code="timeout", message=f"no reply within {seconds:g} s", retryable=True)
        self._connection.send_text(self._codec.encode_error(error, re=id))

    def log_abandoned(self, method: str) -> None:
        """Log that a method runs on after the end of its connection."""
        text = "%s suppresses its cancellation; the connection is abandoned"
        HANDLER.warning(text, self._log_name(method), extra=self.log_attributes(method))

    def start_stream(self, message: MessageType, id: int, result: Any) -> None:
        """Start a stream; see :meth:`.Streams.start`."""
        self.streams.start(message, id, result, self.report_error)

    def stop(self) -> None:
        """Expect a cancellation because the connection has ended, which needs no answer."""
        self._cancelled = None
        self.stopping = True

    async def report_error(
        self, method: str, error: BaseException, re: int | None, *, is_answered: bool = False
    ) -> None:
        """Log the exception of a method, send an error and run the hook :meth:`SessionHandler.on_error`.

        An error that the schema declares (:class:`.ApplicationError`) is only sent; :exc:`.BackplaneDown` is sent as
        ``unavailable`` and logged without a traceback. A :exc:`.ConnectionClosed` of a method that has outlived its
        connection is ignored. The number of lines in the log is bounded, because clients can cause errors.

        Args:
            method: Name of the method.
            error: Its exception.
            re: Id of the request that the error answers.
            is_answered: True if the request has its answer; then the error is not sent.

        Raises:
            SystemExit: If it is the exception.
            KeyboardInterrupt: If it is the exception.
        """
        if self._answer(method, error, re, is_answered=is_answered):
            await self.run_on_error(error)

    def _answer(self, method: str, error: BaseException, re: int | None, *, is_answered: bool = False) -> bool:
        """Send an error, unless the method has only outlived its connection; return True if it is a fault."""
        if isinstance(error, ConnectionClosed) and self._connection.closing:
            return False
        data = self.error_data(method, error)
        if is_answered:
            return data.code == INTERNAL.code
        if re is None:
            name = self._message_name(method)
            data = msgspec.structs.replace(data, type=name)
            if name is None and method and data.code in (INTERNAL.code, UNAVAILABLE.code):
                data = msgspec.structs.replace(data, message=f"{method} failed")
        self._connection.send_text(self._codec.encode_error(data, re=re))
        return data.code == INTERNAL.code

    def error_data(self, method: str, error: BaseException) -> ErrorData:
        """Return the error that a client receives for the exception of a method; log an exception that is a fault."""
        errors, message = self._codec.application_errors, self._message_name(method)
        if isinstance(error, ApplicationError) and (declared := errors.find(message, error)) is not None:
            try:
                data = errors.error_data(declared, error)
            except InvalidMessage as invalid:
                invalid.__cause__ = invalid.__cause__ or error
                error = invalid
            else:
                if HANDLER.isEnabledFor(logging.DEBUG):
                    extra = {**self.log_attributes(method), "code": data.code}
                    name, log = self._log_name(method), self._connection.settings.log
                    text = "%s raised the declared error %s"
                    log.log(HANDLER, logging.DEBUG, f"declared errors of {name}", text, name, data.code, extra=extra)
                return data
        if isinstance(error, ConnectionClosed) and self._connection.closing:
            return INTERNAL
        name, log, extra = self._log_name(method), self._connection.settings.log, self.log_attributes(method)
        if isinstance(error, LimitReached | BackplaneDown):
            kind = f"{'limits' if isinstance(error, LimitReached) else 'outages'} of {name}"
            log.log(HANDLER, logging.WARNING, kind, "%s: %s", name, error, extra=extra)
            return error.error if isinstance(error, LimitReached) else UNAVAILABLE
        if isinstance(error, SystemExit | KeyboardInterrupt):
            return INTERNAL
        extra["reference"] = reference = new_reference()
        text = "%s raised, reference %s"
        is_logged = log.log(
            HANDLER, logging.ERROR, f"errors of {name}", text, name, reference, error=error, extra=extra
        )
        if isinstance(error, ApplicationError):
            place = f"{self._codec.endpoint.name}{'' if message is None else f'/{message}'}"
            codes = ", ".join(errors.codes(message)) or "none"
            text, kind = "%s declares no error %s: expected one of %s", f"undeclared errors of {name}"
            log.log(HANDLER, logging.ERROR, kind, text, place, type(error).__qualname__, codes, extra=extra)
        return msgspec.structs.replace(INTERNAL, reference=reference) if is_logged else INTERNAL

    async def run_on_error(self, error: BaseException) -> None:
        """Run the hook :meth:`SessionHandler.on_error` for an exception that is a fault, except a cancellation.

        Raises:
            SystemExit: If it is the exception.
            KeyboardInterrupt: If it is the exception.
        """
        if isinstance(error, SystemExit | KeyboardInterrupt):
            raise error
        if not isinstance(error, Exception):
            return  # a cancellation, or an exception of a test or of native code
        hook, self.hook = self.hook, "on_error"
        try:
            await self.hooks.on_error(error)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as failure:
            if self.is_expected(failure):
                raise
            name, extra = self._log_name("on_error"), self.log_attributes(None)
            log = self._connection.settings.log
            log.log(HANDLER, logging.ERROR, f"errors of {name}", "%s raised", name, error=failure, extra=extra)
        finally:
            self.hook = hook

    def log_attributes(self, method: str | None) -> dict[str, object]:
        """Return the attributes of a log record about a method; None for no method."""
        return {**self.hooks.log_attributes(), "message_type": self._message_name(method)}

    def _log_name(self, method: str) -> str:
        return f"{type(self.target).__qualname__}.{method}"

    def _message_name(self, method: str | None) -> str | None:
        return next((message.name for message in self._codec.endpoint.client if message.method == method), None)
