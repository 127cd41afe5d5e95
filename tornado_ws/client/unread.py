"""Messages that the loop over a client has not read."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

__all__ = ["Unread"]


class Unread:
    """Bounded queue of messages. If it overflows, all of them are dropped, and the next read raises."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._messages: deque[Any] = deque()
        self._is_overflown = False
        self._end: BaseException | None = None
        self._changed = asyncio.Event()

    def put(self, message: Any) -> None:  # an instance of a message class
        """Append a message."""
        if self._is_overflown:
            return
        self._messages.append(message)
        if len(self._messages) > self._limit:
            self._messages.clear()
            self._is_overflown = True
        self._changed.set()

    def end(self, error: BaseException) -> None:
        """End the queue; the read after the last message raises ``error``."""
        self._end = error
        self._changed.set()

    async def get(self) -> Any:
        """Wait for the next message and return it.

        Raises:
            OverflowError: If too many messages were unread.
        """
        while True:
            if self._is_overflown:
                self._is_overflown = False
                raise OverflowError(
                    f"more than {self._limit} messages were unread, and are lost: read faster, or set unread="
                )
            if self._messages:
                return self._messages.popleft()
            if self._end is not None:
                raise self._end
            self._changed.clear()
            await self._changed.wait()
