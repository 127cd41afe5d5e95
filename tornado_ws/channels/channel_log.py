"""The rule of delivery for one channel, without I/O: message *n + 1* follows message *n*, and nothing else does."""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from .channel import KeptMessage, Position

__all__ = ["MAX_HELD", "ChannelLog", "Outcome", "Unknown"]

MAX_HELD: Final = 1000
"""Maximum number of messages that wait for an earlier one. Messages beyond it are read from the history later."""


class Outcome(enum.Enum):
    """Result of a message or a reading."""

    COMPLETE = enum.auto()
    """The log has every message up to the newest one it knows."""
    BEHIND = enum.auto()
    """Earlier messages are missing, or the message belongs to another sequence: read the history of the channel."""
    DIVERGED = enum.auto()
    """The numbers went back: begin a new epoch in the history, then :meth:`ChannelLog.reset`."""
    LOST = enum.auto()
    """Missing messages are not kept any more: :meth:`ChannelLog.reset` to the position of the history."""


class Unknown(enum.Enum):
    """Answer of a log that does not reach back far enough."""

    UNKNOWN = enum.auto()


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """Position of the log at the start of a reading."""

    position: Position


class ChannelLog:
    """Position of one channel in this process, and its recent messages.

    It delivers each kept message once and in order, however often, late or mixed up it receives them. While the history
    is read, all received messages wait, since one that seems to follow may belong to another sequence.
    """

    __slots__ = ("_count", "_deliver", "_held", "_reading", "_recent", "bytes", "position")

    def __init__(self, position: Position, deliver: Callable[[KeptMessage], None], *, count: int) -> None:
        """Begin at a position.

        Args:
            position: Position up to which nothing is missing.
            deliver: Function for the next message; must not raise.
            count: Maximum number of recent messages.
        """
        self.position = position
        """Position of the newest delivered message."""
        self.bytes = 0
        """Size of the recent messages, in bytes."""
        self._deliver = deliver
        self._count = count
        self._recent: deque[KeptMessage] = deque()
        self._held: dict[Position, KeptMessage] = {}
        self._reading: _Reading | None = None

    def __len__(self) -> int:
        """Return the number of recent messages."""
        return len(self._recent)

    def append(self, message: KeptMessage) -> None:
        """Deliver the next message. The caller has made its number and mark."""
        self.position = message.position
        self._recent.append(message)
        self.bytes += len(message.text)
        while len(self._recent) > self._count:
            self.bytes -= len(self._recent.popleft().text)
        self._deliver(message)

    def receive(self, message: KeptMessage) -> Outcome:
        """Apply the rule to a received message: deliver it, hold it, or drop it as a repetition."""
        if self._reading is not None:
            self._hold(message)
            return Outcome.COMPLETE
        epoch, seq, mark = message.position
        at = self.position
        if epoch != at.epoch or seq > at.seq + 1:
            self._hold(message)
            return Outcome.BEHIND
        if seq == at.seq + 1:
            if message.previous != at.mark:
                return Outcome.DIVERGED
            self.append(message)
            return self._apply_held() if self._held else Outcome.COMPLETE
        if message.position == at or any(recent.position == message.position for recent in self._recent):
            return Outcome.COMPLETE
        return Outcome.BEHIND  # older than the recent messages, or of another sequence

    # Reading of the history.

    @property
    def reading(self) -> bool:
        """True while the history is read."""
        return self._reading is not None

    def begin_reading(self) -> Position:
        """Hold all messages until :meth:`finish_reading`; return the position to read from."""
        self._reading = _Reading(position=self.position)
        return self.position

    def cancel_reading(self) -> None:
        """End a reading that failed. Held messages stay."""
        self._reading = None

    def finish_reading(self, head: Position, messages: Sequence[KeptMessage]) -> Outcome:
        """Apply the result of a reading, then the held messages.

        Args:
            head: Position of the history.
            messages: Kept messages of the history up to ``head``, without gaps, oldest first. At least those after the
                position of :meth:`begin_reading`, as far as they are kept.

        Returns:
            Outcome; for ``DIVERGED`` and ``LOST`` the log is unchanged until :meth:`reset`.
        """
        self._reading = None
        at = self.position
        if head.epoch != at.epoch:
            return Outcome.LOST
        if head.seq < at.seq or (head.seq == at.seq and head.mark != at.mark):
            return Outcome.DIVERGED
        missed = messages_after(messages, at, head)
        if missed is None:
            other = any(message.position.seq == at.seq and message.position.mark != at.mark for message in messages)
            return Outcome.DIVERGED if other else Outcome.LOST
        for message in missed:
            self.append(message)
        return self._apply_held()

    def reset(self, position: Position) -> Outcome:
        """Begin anew at a position of the history. Held messages that follow it are delivered."""
        self._reading = None
        self.position = position
        self.forget()
        return self._apply_held()

    def forget(self) -> None:
        """Drop the recent messages."""
        self._recent.clear()
        self.bytes = 0

    def discard_expired(self, now: float) -> None:
        """Drop the recent messages that are not kept any more.

        Args:
            now: Time, in seconds.
        """
        while self._recent and self._recent[0].expires_at <= now:
            self.bytes -= len(self._recent.popleft().text)

    # Resumption.

    def missed(self, position: Position) -> Sequence[KeptMessage] | None | Unknown:
        """Return the messages after a position of a client, up to :attr:`position`.

        Returns:
            Messages, oldest first. None if the position is of another sequence: the client cannot resume. ``UNKNOWN``
            if the recent messages do not reach back, or the client is ahead: only the history can decide.
        """
        at = self.position
        if position.epoch != at.epoch or position.seq > at.seq:
            return Unknown.UNKNOWN
        if position.seq == at.seq:
            return [] if position.mark == at.mark else None
        missed = messages_after(self._recent, position, at)
        return Unknown.UNKNOWN if missed is None else missed

    def _hold(self, message: KeptMessage) -> None:
        if len(self._held) < MAX_HELD:
            self._held[message.position] = message

    def _apply_held(self) -> Outcome:
        """Deliver the held messages that follow. Others are dropped, if any of them is unknown to the log."""
        held, self._held = sorted(self._held.values(), key=_seq), {}
        behind = False
        for message in held:
            epoch, seq, _ = message.position
            at = self.position
            if epoch == at.epoch and seq == at.seq + 1 and message.previous == at.mark:
                self.append(message)
            elif message.position != at and not any(recent.position == message.position for recent in self._recent):
                behind = True
                if epoch == at.epoch and seq > at.seq + 1:
                    self._hold(message)
        return Outcome.BEHIND if behind else Outcome.COMPLETE


def messages_after(messages: Iterable[KeptMessage], position: Position, head: Position) -> list[KeptMessage] | None:
    """Return the messages after a position, up to the head; None if they are not complete, or of another sequence."""
    if position.epoch != head.epoch or position.seq > head.seq:
        return None
    if position.seq == head.seq:
        return [] if position.mark == head.mark else None
    after = [message for message in messages if position.seq < message.position.seq <= head.seq]
    if not after or after[0].position.seq != position.seq + 1 or after[0].previous != position.mark:
        return None
    return after


def _seq(message: KeptMessage) -> int:
    return message.position.seq
