"""Delivery store: notes about acknowledged messages, so that each is handled once."""

from __future__ import annotations

import abc
import enum
from dataclasses import dataclass

from ..errors import ErrorData

__all__ = ["NOTE_SECONDS", "DeliveryOutcome", "DeliveryState", "DeliveryStore"]

NOTE_SECONDS = 120.0
"""Seconds for which the outcome of a message is noted. A client repeats a message within this time."""


@dataclass(frozen=True)
class DeliveryOutcome:
    """Outcome of the method for an acknowledged message."""

    error: ErrorData | None = None
    """Error that the client receives; None for an acknowledgement."""


class DeliveryState(enum.Enum):
    """State of a message without an outcome."""

    NEW = enum.auto()
    """The message is noted from now on, and its method must run."""
    RUNNING = enum.auto()
    """The method runs, in this or in another process."""


class DeliveryStore(abc.ABC):
    """Notes about acknowledged messages, by a key that identifies the message. Use it from one event loop.

    A message is noted when its method begins, and its outcome for :data:`NOTE_SECONDS` after the end.
    """

    @abc.abstractmethod
    async def begin(self, key: str) -> DeliveryOutcome | DeliveryState:
        """Note that the method for a message begins, unless the message is noted already.

        If the result is :attr:`DeliveryState.NEW`, call :meth:`finish` exactly once.

        Raises:
            BackplaneDown: If the store cannot be reached; the message is not noted.
        """

    @abc.abstractmethod
    def finish(self, key: str, outcome: DeliveryOutcome, *, limit: int) -> None:
        """Note the outcome of a message. Never raises.

        Args:
            key: Key of the message.
            outcome: Outcome of its method.
            limit: Maximum number of outcomes of this process; the oldest ones are dropped.
        """

    @abc.abstractmethod
    async def wait(self, key: str, seconds: float) -> None:
        """Wait until the method for a message may have ended; then :meth:`begin` returns its outcome, or begins again.

        Args:
            key: Key of the message.
            seconds: Maximum time to wait.

        Raises:
            BackplaneDown: If the store cannot be reached.
        """

    def close(self) -> None:
        """Discard the notes in the memory of this process."""
        return None

    async def stop(self) -> None:
        """Close, after writing outcomes that are not stored yet."""
        self.close()
