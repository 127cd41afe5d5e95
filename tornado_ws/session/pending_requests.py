"""Keep the requests that wait for their answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..endpoint import MessageType
from ..errors import ErrorData, RequestFailed, TornadoWsError

__all__ = ["PendingRequests"]


@dataclass(frozen=True, kw_only=True)
class _Waiter:
    message: MessageType
    succeed: Callable[[Any], None]
    fail: Callable[[TornadoWsError], None]


class PendingRequests:
    """Requests of one side of one connection that have no answer yet, by their id."""

    __slots__ = ("_next", "_waiters")

    def __init__(self) -> None:
        self._next = 1
        self._waiters: dict[int, _Waiter] = {}

    def __len__(self) -> int:
        return len(self._waiters)

    def __contains__(self, id: object) -> bool:
        return id in self._waiters

    def add(
        self,
        message: MessageType,
        succeed: Callable[[Any], None],  # called with the reply, of the type that the slot states
        fail: Callable[[TornadoWsError], None],
    ) -> int:
        """Give a request its id; one of the two functions will be called, once."""
        id, self._next = self._next, self._next + 1
        self._waiters[id] = _Waiter(message=message, succeed=succeed, fail=fail)
        return id

    def answer(self, re: int, message: MessageType | None, value: Any) -> ErrorData | None:
        """Take the reply to request ``re``.

        Returns:
            What is wrong with it, if anything. A reply that comes too late is no error: the request was given up.

        """
        waiter = self._waiters.get(re)
        if waiter is None:
            return None
        if waiter.message is not message:
            return ErrorData(
                code="invalid_message", message="the reply is to another message", expected=waiter.message.name
            )
        del self._waiters[re]
        waiter.succeed(value)
        return None

    def refuse(self, re: int | None, error: ErrorData) -> bool:
        """Take an error as the answer to request ``re``; tell whether it was waited for."""
        waiter = None if re is None else self._waiters.pop(re, None)
        if waiter is None:
            return False
        waiter.fail(RequestFailed(waiter.message.name, error))
        return True

    def give_up(self, id: int) -> None:
        """Forget a request, whose answer nobody waits for any more."""
        self._waiters.pop(id, None)

    def fail_all(self, error: TornadoWsError) -> None:
        """Fail every request, since no answer can come any more."""
        waiters, self._waiters = self._waiters, {}
        for waiter in waiters.values():
            waiter.fail(error)
