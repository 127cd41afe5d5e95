"""Requests and streams of a client that wait for an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..endpoint import MessageType
from ..errors import ErrorData, RequestFailed, TornadoWsError
from ..validation.application_errors import ApplicationErrors
from .failure import failure

__all__ = ["OpenRequest", "OpenRequests"]


@dataclass(eq=False, kw_only=True)
class OpenRequest:
    """Request without an answer, or stream without an end."""

    id: int
    message: MessageType
    on_value: Callable[[Any], None]  # of the type of the reply or item
    """Function for the reply, or for each item."""
    on_end: Callable[[TornadoWsError | None], None]
    """Function for the end of a stream, or for an error."""


class OpenRequests:
    """Requests by id."""

    def __init__(self, errors: ApplicationErrors) -> None:
        self._errors = errors
        self._requests: dict[int, OpenRequest] = {}

    def __contains__(self, id: object) -> bool:
        return id in self._requests

    def add(self, request: OpenRequest) -> None:
        """Add a request."""
        self._requests[request.id] = request

    def discard(self, id: int) -> bool:
        """Remove a request without a call; return False if it has ended."""
        return self._requests.pop(id, None) is not None

    def receive(self, re: int, message: MessageType, value: Any) -> None:
        """Pass on a reply or an item; ignore an unknown id, because the request may have been cancelled."""
        request = self._requests.get(re)
        if request is None:
            return
        if request.message is not message:
            expected = request.message.name
            error = ErrorData(code="invalid_message", message=f"expected a reply to {expected}, got {message.name}")
            self.reject(re, error, is_invalid_reply=True)
            return
        if message.reply is not None:
            del self._requests[re]
        request.on_value(value)

    def end(self, re: int) -> None:
        """End a stream; ignore an unknown id."""
        request = self._requests.pop(re, None)
        if request is not None:
            request.on_end(None)

    def reject(self, re: int, error: ErrorData, *, is_invalid_reply: bool = False) -> bool:
        """Fail a request; return False for an unknown id."""
        request = self._requests.pop(re, None)
        if request is None:
            return False
        if is_invalid_reply:
            request.on_end(RequestFailed(request.message.name, error, is_invalid_reply=True))
        else:
            request.on_end(failure(self._errors, request.message, error))
        return True

    def fail(self, error: TornadoWsError, is_kept: Callable[[int], bool]) -> None:
        """Fail all requests, except those that are not sent yet."""
        for id, request in [*self._requests.items()]:
            if not is_kept(id) and self.discard(id):
                request.on_end(error)
