"""Delivery rule of one channel, without I/O: only message *n + 1* follows message *n*."""

from __future__ import annotations

import enum
import itertools
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from .channel import KeptMessage, Position

__all__ = ["MAX_HELD", "MESSAGE_BYTES", "ChannelLog", "LogStatus", "Unknown"]

MAX_HELD: Final = 1000
"""Maximum number of messages that wait for an earlier one. Messages beyond it are read from the history later."""
MESSAGE_BYTES: Final = 400
"""Memory of a recent message in addition to its text, in bytes."""


class LogStatus(enum.Enum):
    """Status of a log after a message or a reading."""

    COMPLETE = enum.auto()
    """No gap is known."""
    BEHIND = enum.auto()
    """Earlier messages are missing, or the message belongs to another sequence: read the history of the channel."""
    DIVERGED = enum.auto()
    """The numbers went back: begin a new epoch in the history, then :meth:`ChannelLog.reset`."""
    LOST = enum.auto()
    """Missing messages are not kept any more: :meth:`ChannelLog.reset` to the position of the history."""


class Unknown(enum.Enum):
    """Result of a lookup for which the recent messages do not suffice."""

    UNKNOWN = enum.auto()


class ChannelLog:
    """Position of one channel in this process, and its recent messages.

    It delivers each kept message once and in order, however often, late or mixed up it receives them. While the history
    is read, all received messages wait, since one that seems to follow may belong to another sequence.
    """

    __slots__ = ("_count", "_decided", "_deliver", "_held", "_incomplete", "_recent", "bytes", "position", "reading")

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
        """Memory of the recent messages, in bytes."""
        self.reading = False
        """True while received messages wait: until the history is read or, after ``DIVERGED`` or ``LOST``, until
        :meth:`reset`."""
        self._deliver = deliver
        self._count = count
        self._recent: deque[KeptMessage] | None = None  # an empty deque takes 700 bytes
        self._held: dict[Position, KeptMessage] = {}
        self._decided: dict[Position, KeptMessage] = {}
        """Held messages from before the reading; its result contains them, or supersedes them."""
        self._incomplete = False
        """True if a message was dropped because too many are held."""

    def __len__(self) -> int:
        """Return the number of recent messages."""
        return 0 if self._recent is None else len(self._recent)

    @property
    def behind(self) -> bool:
        """True while received messages wait for an earlier one, or were dropped for their number."""
        return bool(self._held) or self._incomplete

    def append(self, message: KeptMessage) -> None:
        """Deliver the next message. The caller has made its number and mark."""
        self.position = message.position
        recent = self._recent
        if recent is None:
            recent = self._recent = deque()
        recent.append(message)
        self.bytes += len(message.text) + MESSAGE_BYTES
        if len(recent) > self._count:
            self.bytes -= len(recent.popleft().text) + MESSAGE_BYTES
        self._deliver(message)

    def receive(self, message: KeptMessage) -> LogStatus:
        """Apply the rule to a received message: deliver it, hold it, or drop it as a repetition."""
        if self.reading:
            self._hold(message)
            return LogStatus.COMPLETE
        epoch, seq, _ = message.position
        at = self.position
        if epoch != at.epoch or seq > at.seq + 1:
            self._hold(message)
            return LogStatus.BEHIND
        if seq == at.seq + 1:
            if message.previous != at.mark:
                self.reading = True
                return LogStatus.DIVERGED
            self.append(message)
            return self._apply_held() if self._held else LogStatus.COMPLETE
        # Otherwise older than the recent messages, or of another sequence.
        return LogStatus.COMPLETE if self._has(message) else LogStatus.BEHIND

    # Reading of the history.

    def begin_reading(self) -> Position:
        """Hold all messages from now on; return the position to read from. Read the history after this call."""
        self.reading = True
        self._decided |= self._held
        self._held = {}
        self._incomplete = False
        return self.position

    def cancel_reading(self) -> None:
        """End a reading that failed. Held messages stay, and another reading must follow."""
        self.reading = False
        self._held, self._decided = self._decided | self._held, {}
        self._incomplete = True

    def finish_reading(self, head: Position, messages: Sequence[KeptMessage]) -> LogStatus:
        """Apply the result of a reading, then the held messages.

        Args:
            head: Position of the history.
            messages: Kept messages of the history up to ``head``, without gaps, oldest first. At least those after the
                position of :meth:`begin_reading` that are still kept.

        Returns:
            Status; after ``DIVERGED`` and ``LOST`` the log waits for :meth:`reset`.
        """
        at = self.position
        if head.epoch != at.epoch:
            return LogStatus.LOST
        if head.seq < at.seq or (head.seq == at.seq and head.mark != at.mark):
            return LogStatus.DIVERGED
        missed = _after(messages, at, head)
        if missed is None:
            other = any(message.position.seq == at.seq and message.position.mark != at.mark for message in messages)
            return LogStatus.DIVERGED if other else LogStatus.LOST
        self.reading = False
        for message in missed:
            self.append(message)
        return self._apply_held()

    def reset(self, position: Position) -> LogStatus:
        """Begin anew at a position of the history. Held messages that follow it are delivered."""
        self.reading = False
        self.position = position
        self.forget()
        return self._apply_held()

    def forget(self) -> None:
        """Drop the recent messages."""
        self._recent = None
        self.bytes = 0

    def discard_expired(self, now: float) -> None:
        """Drop the recent messages that are not kept any more.

        Args:
            now: Time, in seconds.
        """
        recent = self._recent
        while recent and recent[0].expires_at <= now:
            self.bytes -= len(recent.popleft().text) + MESSAGE_BYTES

    # Resumption.

    def missed(self, position: Position) -> Sequence[KeptMessage] | Unknown | None:
        """Return the messages after a position of a client, up to :attr:`position`.

        Returns:
            Messages, oldest first. None if the position is of another sequence: the client cannot resume. ``UNKNOWN``
            if the recent messages do not reach back, or the client is ahead: then the history must be read.
        """
        at = self.position
        if position.epoch != at.epoch or position.seq > at.seq:
            return Unknown.UNKNOWN
        if position.seq == at.seq:
            return [] if position.mark == at.mark else None
        recent = self._recent
        count = at.seq - position.seq
        if recent is None or count > len(recent):
            return Unknown.UNKNOWN
        missed = [*itertools.islice(reversed(recent), count)]
        missed.reverse()
        return missed if missed[0].previous == position.mark else Unknown.UNKNOWN

    def missed_in(self, messages: Sequence[KeptMessage], position: Position) -> Sequence[KeptMessage] | None:
        """Return the messages after a position of a client from a history that was just read, up to :attr:`position`.

        Args:
            messages: Messages of :meth:`finish_reading`.
            position: Position of the client.

        Returns:
            Messages, oldest first; None if they are not complete, or of another sequence: the client cannot resume.
        """
        missed = self.missed(position)
        if not isinstance(missed, Unknown):
            return missed
        at = self.position
        recent = list(self._recent or ())
        older = [message for message in messages if not recent or message.position.seq < recent[0].position.seq]
        return _after([*older, *recent], position, at)

    def _has(self, message: KeptMessage) -> bool:
        """Return True if a message is the newest one or among the recent messages."""
        age = self.position.seq - message.position.seq
        if age == 0:
            return message.position == self.position
        recent = self._recent
        return recent is not None and 0 < age < len(recent) and recent[-1 - age].position == message.position

    def _hold(self, message: KeptMessage) -> None:
        if len(self._held) < MAX_HELD:
            self._held[message.position] = message
        else:
            self._incomplete = True

    def _apply_held(self) -> LogStatus:
        """Deliver the held messages that follow. The others require another reading."""
        held = sorted((self._decided | self._held).values(), key=_seq)
        decided, self._held, self._decided = self._decided, {}, {}
        behind, self._incomplete = self._incomplete, False
        for message in held:
            epoch, seq, _ = message.position
            at = self.position
            if epoch == at.epoch and seq == at.seq + 1 and message.previous == at.mark:
                self.append(message)
            elif message.position not in decided and not self._has(message):
                behind = True
                if epoch == at.epoch and seq > at.seq + 1:
                    self._hold(message)
        return LogStatus.BEHIND if behind else LogStatus.COMPLETE


def _after(messages: Sequence[KeptMessage], position: Position, head: Position) -> list[KeptMessage] | None:
    """Return the messages after a position, up to the head; None if they are not complete, or of another sequence."""
    if position.epoch != head.epoch or position.seq > head.seq:
        return None
    after = [message for message in messages if position.seq < message.position.seq <= head.seq]
    if len(after) != head.seq - position.seq:
        return None
    at = position
    for message in after:
        if message.position.seq != at.seq + 1 or message.previous != at.mark:
            return None
        at = message.position
    return after if at.mark == head.mark else None


def _seq(message: KeptMessage) -> int:
    return message.position.seq
