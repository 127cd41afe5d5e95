"""Order and pace of the acknowledged messages of one type, without I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ..limits import RateLimiter
from .pace import pace
from .timers import Timer, Timers

__all__ = ["DeliveryQueue", "Queued"]

INITIAL_WINDOW = 16
"""Number of messages that a new connection carries before the first of them is answered."""


class Queued(Protocol):
    """Message that is sent until it is answered; ids grow with each message."""

    @property
    def id(self) -> int:
        """Id of the message."""
        ...


QueuedT = TypeVar("QueuedT", bound=Queued)


@dataclass(eq=False)
class DeliveryQueue(Generic[QueuedT]):
    """Queue that sends messages in order, no faster than their ``rate``.

    A message that the server has not handled is sent again first, alone, and those behind it wait. Each message that is
    sent before the answer to another one names it as its predecessor. If the server does not handle one, it does not
    handle those after it either, so that none overtakes it. As in TCP, the number of messages on their way grows with
    each answer and starts over after a refusal. The rule is that of the page, in ``delivery-queue.ts``.
    """

    rate: tuple[int, float] | None
    send: Callable[[QueuedT, int | None], None]
    """Function that sends a message, with the id of its predecessor; may remove the message instead."""
    timers: Timers

    def __post_init__(self) -> None:
        self._waiting: list[QueuedT] = []
        """Messages to send, in order."""
        self._sent: list[QueuedT] = []
        """Messages sent on this connection and not answered, in order."""
        self._is_open = False
        self._window = INITIAL_WINDOW
        self._limiter: RateLimiter | None = None
        self._resume_at = 0.0
        """Time before which nothing is sent, because the server requires it."""
        self._timer: Timer | None = None

    def open(self) -> None:
        """Begin to send, on a new connection."""
        if self._is_open:
            return
        self._is_open, self._window, self._resume_at = True, INITIAL_WINDOW, 0.0
        self._limiter = None if self.rate is None else pace(self.rate)
        self._flush()

    def stop(self) -> None:
        """Stop, because the connection has ended; messages without an answer are sent again on the next one."""
        self._is_open = False
        self._cancel_timer()
        self._waiting = sorted([*self._sent, *self._waiting], key=lambda one: one.id)
        self._sent = []

    def add(self, message: QueuedT) -> None:
        """Append a message."""
        self._waiting.append(message)
        self._flush()

    def is_sent(self, message: QueuedT) -> bool:
        """Return True if a message was sent on this connection."""
        return message in self._sent

    def remove(self, message: QueuedT) -> None:
        """Remove a message, because it is answered or given up."""
        if message in self._sent:
            self._sent.remove(message)
            self._window += 1
        elif message in self._waiting:
            self._waiting.remove(message)
        self._flush()

    def postpone(self, message: QueuedT, delay: float) -> bool:
        """Send a message again after a number of seconds, because the server has not handled it.

        Returns:
            True if it is the first of those that now wait.
        """
        if message not in self._sent:
            return False
        self._sent.remove(message)
        now = self.timers.time()
        is_first = self._window > 1 or self._resume_at <= now
        later = (index for index, one in enumerate(self._waiting) if one.id > message.id)
        self._waiting.insert(next(later, len(self._waiting)), message)
        self._window = 1
        self._resume_at = max(self._resume_at, now + delay)
        self._flush()
        return is_first

    def _flush(self) -> None:
        self._cancel_timer()
        while self._waiting and self._may_send(self._waiting[0]):
            now = self.timers.time()
            delay = self._resume_at - now
            if delay <= 0 and self._limiter is not None:
                delay = self._limiter.acquire(now)
            if delay > 0:
                self._timer = self.timers.call_later(delay, self._flush)
                return
            after = self._sent[-1].id if self._sent else None
            message = self._waiting.pop(0)
            self._sent.append(message)
            self.send(message, after)

    def _may_send(self, message: QueuedT) -> bool:
        """Return False while too many messages are on their way, or a later one."""
        if not self._is_open or len(self._sent) >= self._window:
            return False
        return not self._sent or self._sent[-1].id < message.id

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
