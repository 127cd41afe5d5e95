"""Confirmation of messages: the server counts the frames of a connection, and the client requests the count."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from .outbox import Outgoing
from .timers import Timer, Timers

__all__ = ["Confirmations"]

CONFIRM_AFTER = 0.1
"""Seconds from a message to the request for its confirmation, so that bursts share one request."""
CONFIRM_EVERY = 1.0
"""Seconds between two requests for confirmation."""
MAX_FRAMES = 1024
"""Maximum number of frames remembered until they are confirmed."""


class Confirmations:
    """Frames that were sent on the current connection and are not confirmed.

    Requests and acknowledged messages are not counted, because they fail; volatile messages may get lost anyway.
    """

    def __init__(self, *, ping: Callable[[], None], changed: Callable[[int], None], timers: Timers) -> None:
        """Create a counter without a connection.

        Args:
            ping: Function that sends ``$ping``; its frame is counted, too.
            changed: Function for the new number of messages.
            timers: Clock and timers.
        """
        self._ping = ping
        self._changed = changed
        self._timers = timers
        self._frames: deque[Outgoing | None] = deque()
        self._sent = self._confirmed = 0
        self._is_open = False
        self._timer: Timer | None = None

    @property
    def count(self) -> int:
        """Number of messages that the server has not confirmed."""
        messages = sum(frame is not None for frame in self._frames)
        return messages + max(self._sent - self._confirmed - len(self._frames), 0)

    def open(self) -> None:
        """Begin to count, on a connection to a server that counts."""
        self._is_open = True
        self._update()

    def send(self, message: Outgoing | None) -> None:
        """Count a frame that is sent: a plain message, or None for any other."""
        if not self._is_open:
            return
        self._sent += 1
        self._frames.append(message)
        if len(self._frames) > MAX_FRAMES:
            self._frames.popleft()
        if self._timer is None:
            self._timer = self._timers.call_later(CONFIRM_AFTER, self._confirm)

    def confirm(self, received: int) -> None:
        """Take the number of frames that the server has received."""
        self._confirmed = received
        while self._frames and len(self._frames) > self._sent - received:
            self._frames.popleft()
        self._update()

    def request(self) -> None:
        """Request the confirmation of all frames now."""
        if self._is_open and self.count:
            self._ping()

    def close(self) -> list[Outgoing]:
        """End with the connection; return the messages that the server has not confirmed."""
        messages = [frame for frame in self._frames if frame is not None]
        self._update()
        self._is_open = False
        self._frames.clear()
        self._sent = self._confirmed = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return messages

    def _update(self) -> None:
        self._changed(self.count)

    def _confirm(self) -> None:
        self._update()
        self._timer = None
        if self.count:
            self._timer = self._timers.call_later(CONFIRM_EVERY, self._confirm)
            self._ping()
