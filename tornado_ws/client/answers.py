"""Answers of a client to requests of the server."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from ..endpoint import MessageType
from ..errors import ApplicationError, ErrorData, InvalidMessage
from ..validation.codec import Codec

__all__ = ["AnswerFunction", "Answers"]

LOG: Final = logging.getLogger("tornado_ws.client")
UNKNOWN: Final = ErrorData(code="unknown_message", message="this client does not answer it")
INTERNAL: Final = ErrorData(code="internal", message="the client failed to answer")

AnswerFunction: TypeAlias = Callable[[Any], Any]
"""Function from the message to its reply, or to an awaitable of it."""


class Answers:
    """Functions by message name, and the tasks of those that run."""

    def __init__(self, codec: Codec, write: Callable[[bytes], None]) -> None:
        """Create the answers of a client.

        Args:
            codec: Codec of its endpoint.
            write: Function that sends a frame; it does nothing without a connection.
        """
        self._codec = codec
        self._write = write
        self._functions: dict[str, AnswerFunction] = {}
        self._running: dict[int, asyncio.Task[None]] = {}

    def set(self, message: MessageType, function: AnswerFunction) -> Callable[[], None]:
        """Set the function for requests of one type, and return a function that removes it."""
        if message.name in self._functions:
            LOG.warning("%s has another function that answers %s; it is replaced", self._name, message.name)
        self._functions[message.name] = function

        def remove() -> None:
            if self._functions.get(message.name) is function:
                del self._functions[message.name]

        return remove

    def has(self, message: MessageType) -> bool:
        """Return True if there is a function for requests of one type."""
        return message.name in self._functions

    def start(self, message: MessageType, id: int, value: Any) -> None:
        """Answer request ``id`` in a task, so that the client receives other frames meanwhile.

        Args:
            message: Type of the request.
            id: Id of the request.
            value: Instance of its message class.
        """
        self.cancel(id)
        task = asyncio.get_running_loop().create_task(self._answer(message, id, value))
        self._running[id] = task
        task.add_done_callback(lambda done: self._running.pop(id) if self._running.get(id) is done else None)

    def cancel(self, id: int) -> None:
        """Cancel an answer, because the server has cancelled its request."""
        task = self._running.pop(id, None)
        if task is not None:
            task.cancel()

    def cancel_all(self) -> None:
        """Cancel all answers: ids are unique within a connection only, so no other one may carry them."""
        for id in [*self._running]:
            self.cancel(id)

    @property
    def _name(self) -> str:
        return self._codec.endpoint.name

    async def _answer(self, message: MessageType, id: int, value: Any) -> None:
        text = await self._reply(message, id, value)
        if self._running.get(id) is asyncio.current_task():  # else the function has suppressed its cancellation
            self._write(text)

    async def _reply(self, message: MessageType, id: int, value: Any) -> bytes:
        """Return the frame of the reply, or of an error."""
        function, task = self._functions.get(message.name), asyncio.current_task()
        if function is None:
            return self._codec.encode_error(UNKNOWN, re=id)
        try:
            reply = function(value)
            if inspect.isawaitable(reply):
                reply = await reply
            return self._codec.encode_reply(message, id, reply)
        except (Exception, asyncio.CancelledError) as error:  # any, from code of the application
            if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
                raise
            return self._codec.encode_error(self._error_data(message, error), re=id)

    def _error_data(self, message: MessageType, error: BaseException) -> ErrorData:
        """Return the answer to an exception: that of the application if the endpoint declares it, else ``internal``."""
        errors = self._codec.application_errors
        declared = errors.find(message.name, error)
        if declared is not None and isinstance(error, ApplicationError):
            try:
                return errors.error_data(declared, error)
            except InvalidMessage as invalid:
                error = invalid
        LOG.error("%s failed to answer %s", self._name, message.name, exc_info=error)
        return INTERNAL
