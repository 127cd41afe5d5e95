"""Plain messages of a client: queued without a connection, and sent at the pace of their ``rate``."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from ..endpoint import MessageType
from ..limits import RateLimiter
from .pace import pace
from .timers import Timer, Timers

__all__ = ["Outbox", "Outgoing"]


@dataclass(frozen=True, eq=False)
class Outgoing:
    """Message or request to send."""

    message: MessageType
    value: object
    """Instance of the message class."""
    text: bytes
    """Frame."""
    id: int | None = None
    """Id of a request."""


class Outbox:
    """Queue that keeps the order of messages; only volatile ones pass those that wait."""

    def __init__(self, write: Callable[[Outgoing], None], timers: Timers, *, changed: Callable[[], None]) -> None:
        """Create a queue without a connection.

        Args:
            write: Function that sends a message.
            timers: Clock and timers.
            changed: Function that is called when messages leave the queue.
        """
        self._write = write
        self._timers = timers
        self._changed = changed
        self._waiting: deque[Outgoing] = deque()
        self._limiters: dict[str, RateLimiter] = {}
        self._is_open = False
        self._timer: Timer | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def waiting(self) -> tuple[Outgoing, ...]:
        """Messages in the queue, oldest first."""
        return tuple(self._waiting)

    def open(self) -> None:
        """Begin to send, on a new connection."""
        self._is_open, self._limiters = True, {}
        self._flush()

    def stop(self) -> None:
        """Keep messages until the next connection."""
        self._is_open = False
        self._cancel_timer()

    def add(self, message: Outgoing) -> None:
        """Send a message in its turn. A volatile one is sent at once or dropped."""
        if not message.message.volatile:
            self._waiting.append(message)
            if len(self._waiting) == 1:
                self._flush()
        elif self._is_open and self._wait(message) == 0:
            self._write(message)

    def remove(self, message: Outgoing) -> bool:
        """Remove a message; return False if it is not queued."""
        if message not in self._waiting:
            return False
        self._waiting.remove(message)
        self._flush()
        self._changed()
        return True

    def clear(self) -> list[Outgoing]:
        """Remove all messages, and return them."""
        waiting = [*self._waiting]
        self._waiting.clear()
        self._cancel_timer()
        self._changed()
        return waiting

    def _flush(self) -> None:
        self._cancel_timer()
        while self._is_open and self._waiting:
            delay = self._wait(self._waiting[0])
            if delay > 0:
                self._timer = self._timers.call_later(delay, self._flush)
                return
            self._write(self._waiting.popleft())
            self._changed()

    def _wait(self, message: Outgoing) -> float:
        """Admit a message; return 0 or the seconds until it would be."""
        rate = message.message.rate
        if rate is None:
            return 0.0
        limiter = self._limiters.get(message.message.name)
        if limiter is None:
            limiter = self._limiters[message.message.name] = pace(rate)
        return limiter.acquire(self._timers.time())

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
