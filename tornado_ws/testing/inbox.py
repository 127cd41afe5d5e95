"""Received messages and errors of a test client."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..endpoint import MessageType
from ..errors import ErrorData

__all__ = ["CloseInfo", "Inbox"]


@dataclass(frozen=True, kw_only=True)
class CloseInfo:
    """Close code and reason of a connection."""

    code: int | None
    """None if the connection was lost without a close frame."""
    reason: str | None


class Inbox:
    """Messages and errors that the test has not taken. A failed wait reports their names."""

    def __init__(self) -> None:
        self.closed: CloseInfo | None = None
        """Close code and reason; None while the connection is open."""
        self.failure: AssertionError | None = None
        """Violation of the protocol by the server; the next wait raises it."""
        self._messages: deque[tuple[MessageType, Any]] = deque()
        self._errors: deque[ErrorData] = deque()
        self._changed = asyncio.Condition()

    def put_message(self, message: MessageType, value: Any) -> None:  # value: of the payload's type
        """Append a message."""
        self._messages.append((message, value))

    def put_error(self, error: ErrorData) -> None:
        """Append an error."""
        self._errors.append(error)

    async def notify(self) -> None:
        """Wake every :meth:`wait_for`, to check its condition."""
        async with self._changed:
            self._changed.notify_all()

    async def wait_for(
        self,
        condition: Callable[[], bool],
        expected: str,
        seconds: float,
        *,
        closing: bool = False,
    ) -> None:
        """Wait until a condition is true.

        Args:
            condition: Function that is called after each frame.
            expected: Name of the condition in errors.
            seconds: Maximum time, in seconds.
            closing: True to continue waiting if the connection closes.

        Raises:
            AssertionError: If the condition is not true in time, or the connection closes first.
        """
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(
                    lambda: condition() or self.failure or (self.closed is not None and not closing)
                )
        except TimeoutError:
            raise AssertionError(f"expected {expected} within {seconds:g} s, got {self}") from None
        if self.failure is not None:
            raise self.failure
        if not condition():
            raise AssertionError(f"expected {expected}, got {self}")

    async def take_message(self, message: MessageType, seconds: float) -> Any:  # of the payload's type
        """Wait for a message and return its payload; other messages remain.

        Raises:
            AssertionError: If it does not arrive in time.
        """
        await self.wait_for(lambda: any(type_ is message for type_, _ in self._messages), message.name, seconds)
        index = next(index for index, (type_, _) in enumerate(self._messages) if type_ is message)
        _, value = self._messages[index]
        del self._messages[index]
        return value

    async def take_error(self, code: str | None, seconds: float) -> ErrorData:
        """Wait for an error and return it.

        Raises:
            AssertionError: If none arrives in time, or one with another code.
        """
        await self.wait_for(lambda: bool(self._errors), f"$error {code}" if code else "$error", seconds)
        error = self._errors.popleft()
        if code not in (None, error.code):
            raise AssertionError(f"expected $error {code}, got {error}")
        return error

    async def wait_closed(self, code: int | None, seconds: float) -> CloseInfo:
        """Wait until the connection has closed.

        Raises:
            AssertionError: If it does not close in time, or with another code.
        """
        expected = f"close {code}" if code else "close"
        await self.wait_for(lambda: self.closed is not None, expected, seconds, closing=True)
        assert self.closed is not None
        if code not in (None, self.closed.code):
            raise AssertionError(f"expected close code {code}, got {self.closed.code} ({self.closed.reason})")
        return self.closed

    def expect_empty(self) -> None:
        """Check that all messages and errors were taken.

        Raises:
            AssertionError: If a message or an error remains.
        """
        if self._messages or self._errors:
            raise AssertionError(f"expected nothing, got {self}")

    def __str__(self) -> str:
        names = [message.name for message, _ in self._messages] + [f"$error ({error})" for error in self._errors]
        if self.closed is not None:
            names.append(f"close {self.closed.code} ({self.closed.reason})")
        return ", ".join(names) or "nothing"
