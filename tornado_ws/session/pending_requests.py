"""Requests that wait for an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..endpoint import MessageType
from ..errors import ErrorData, RequestFailed, TornadoWsError

__all__ = ["PendingRequests"]


@dataclass(frozen=True, kw_only=True)
class _PendingRequest:
    message: MessageType
    on_reply: Callable[[Any], None]
    on_error: Callable[[TornadoWsError], None]


class PendingRequests:
    """Unanswered requests from one side of a connection, by id. Ids start at 1 and are never reused."""

    __slots__ = ("_next_id", "_requests")

    def __init__(self) -> None:
        self._next_id = 1
        self._requests: dict[int, _PendingRequest] = {}

    def __len__(self) -> int:
        return len(self._requests)

    def __contains__(self, id: object) -> bool:
        return id in self._requests

    def add(
        self,
        message: MessageType,
        on_reply: Callable[[Any], None],  # Any: the type of the reply's payload
        on_error: Callable[[TornadoWsError], None],
        id: int | None = None,
    ) -> int:
        """Add a request and return its id, by default a new one. One of the callbacks is called, once."""
        if id is None:
            id = self._next_id
        self._next_id = max(self._next_id, id + 1)
        self._requests[id] = _PendingRequest(message=message, on_reply=on_reply, on_error=on_error)
        return id

    def resolve(self, re: int, message: MessageType | None, value: Any) -> ErrorData | None:
        """Resolve request ``re`` with a reply.

        Args:
            re: Id of the request.
            message: Type of the reply.
            value: Payload of the reply.

        Returns:
            Error if the reply has another type than the request, else None. A reply with an unknown id is ignored,
            because the request may have timed out.
        """
        request = self._requests.get(re)
        if request is None:
            return None
        if request.message is not message:
            return ErrorData(
                code="invalid_message",
                message="the reply has another type than the request",
                expected=request.message.name,
            )
        del self._requests[re]
        request.on_reply(value)
        return None

    def acknowledge(self, re: int) -> None:
        """Resolve an acknowledged message; ignore an unknown id."""
        request = self._requests.pop(re, None)
        if request is not None:
            request.on_reply(None)

    def reject(
        self, re: int | None, error: ErrorData, *, is_private: bool = False, is_invalid_reply: bool = False
    ) -> bool:
        """Fail request ``re`` with an error; return False for an unknown id.

        Args:
            re: Id of the request.
            error: Error from the peer, or about its reply.
            is_private: True if the text of the exception is to omit that of the error (:exc:`.RequestFailed`).
            is_invalid_reply: True if the schema rejects the reply.
        """
        request = None if re is None else self._requests.pop(re, None)
        if request is None:
            return False
        name = request.message.name
        request.on_error(RequestFailed(name, error, is_private=is_private, is_invalid_reply=is_invalid_reply))
        return True

    def discard(self, id: int) -> None:
        """Remove a request without calling its callbacks; a later answer is ignored."""
        self._requests.pop(id, None)

    def fail_all(self, error: TornadoWsError) -> None:
        """Fail all requests, for example because the connection closed."""
        requests, self._requests = self._requests, {}
        for request in requests.values():
            request.on_error(error)
