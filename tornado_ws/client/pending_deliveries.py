"""Acknowledged messages of a client: sent again on each connection until the server has answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from ..endpoint import MessageType
from ..errors import ErrorData, RequestTimeout, TornadoWsError
from ..validation.application_errors import ApplicationErrors
from .delivery_queue import DeliveryQueue
from .failure import failure
from .timers import Timer, Timers

__all__ = ["Delivery", "PendingDeliveries"]

SEND_UNTIL = 110.0
"""Seconds in which a message is sent again: less than two minutes, for which the server notes outcomes."""
UNHANDLED = frozenset({"rate_limited", "unavailable"})
"""Codes of errors, with a time to wait, for a message that the server has not handled; other errors are outcomes."""


@dataclass(eq=False, kw_only=True)
class Delivery:
    """Message without an acknowledgement."""

    id: int
    message: MessageType
    text: bytes
    """Frame without a predecessor."""
    on_ack: Callable[[], None]
    on_error: Callable[[TornadoWsError], None]
    sent_at: float | None = None
    """Time of the oldest attempt that the server may have handled."""
    is_repeated: bool = False
    """True if a connection with an attempt has ended."""
    timer: Timer | None = None
    """End of all attempts, while there is no connection."""


class PendingDeliveries:
    """Acknowledged messages by id, in order of their calls."""

    def __init__(
        self,
        messages: Iterable[MessageType],
        errors: ApplicationErrors,
        *,
        write: Callable[[bytes], None],
        timers: Timers,
    ) -> None:
        """Create the queues of a client.

        Args:
            messages: Message types of the client.
            errors: Errors of the endpoint.
            write: Function that sends a frame.
            timers: Clock and timers.
        """
        self._errors = errors
        self._write = write
        self._timers = timers
        self._pending: dict[int, Delivery] = {}
        self._queues = {
            message.name: DeliveryQueue(message.rate, self._attempt, timers)
            for message in messages
            if message.acknowledged
        }

    def __len__(self) -> int:
        return len(self._pending)

    def add(self, delivery: Delivery) -> None:
        """Send a message, now or on the next connection. One of its callbacks is called, once, unless it is removed."""
        self._pending[delivery.id] = delivery
        self._queue(delivery).add(delivery)

    def discard(self, id: int) -> None:
        """Give a message up; the server may have handled it."""
        delivery = self._pending.pop(id, None)
        if delivery is not None:
            if delivery.timer is not None:
                delivery.timer.cancel()
            self._queue(delivery).remove(delivery)

    def open(self) -> None:
        """Send on a new connection."""
        for queue in self._queues.values():
            queue.open()

    def stop(self) -> None:
        """Wait for the next connection; the server may have handled messages that were sent."""
        for queue in self._queues.values():
            queue.stop()
        for delivery in self._pending.values():
            if delivery.sent_at is not None:
                delivery.is_repeated = True
                if delivery.timer is None:
                    left = delivery.sent_at + SEND_UNTIL - self._timers.time()
                    delivery.timer = self._timers.call_later(max(left, 0.0), partial(self._end_attempts, delivery))

    def fail_all(self, error: TornadoWsError) -> None:
        """Fail all messages, because there will be no other connection."""
        for delivery in [*self._pending.values()]:
            self._fail(delivery, error)

    def acknowledge(self, re: int) -> None:
        """Resolve a message; ignore an unknown id."""
        delivery = self._pending.get(re)
        if delivery is not None:
            self.discard(re)
            delivery.on_ack()

    def reject(self, re: int, error: ErrorData) -> bool:
        """Fail a message, or send it again if the server has not handled it; return False for an unknown id."""
        delivery = self._pending.get(re)
        if delivery is None:
            return False
        if error.code not in UNHANDLED or error.retry_after_ms is None:
            self._fail(delivery, failure(self._errors, delivery.message, error))
            return True
        self._queue(delivery).postpone(delivery, error.retry_after_ms / 1000)
        if not delivery.is_repeated:
            delivery.sent_at = None  # no attempt was handled
        return True

    def _queue(self, delivery: Delivery) -> DeliveryQueue[Delivery]:
        return self._queues[delivery.message.name]

    def _attempt(self, delivery: Delivery, after: int | None) -> None:
        now = self._timers.time()
        if delivery.sent_at is None:
            delivery.sent_at = now
        if now - delivery.sent_at > SEND_UNTIL:
            self._timers.call_later(0, partial(self._expire, delivery))  # not within the queue that sends it
            return
        text = delivery.text
        self._write(text if after is None else b'{"after":%d,%b' % (after, text[1:]))

    def _end_attempts(self, delivery: Delivery) -> None:
        """Give a message up, unless it was sent again in time and may still be answered."""
        delivery.timer = None
        if not self._queue(delivery).is_sent(delivery):
            self._expire(delivery)

    def _expire(self, delivery: Delivery) -> None:
        """Fail a message that the server might handle a second time."""
        if self._pending.get(delivery.id) is delivery:
            self._fail(delivery, RequestTimeout(delivery.message.name, SEND_UNTIL))

    def _fail(self, delivery: Delivery, error: TornadoWsError) -> None:
        self.discard(delivery.id)
        delivery.on_error(error)
