"""Followed channel: its subscription, and the delivery rule for its kept messages."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from ...endpoint import Replay
from ...errors import BackplaneDown
from ...loggers import BACKPLANE
from ..backplane import ChannelReceiver
from ..channel import Channel, KeptMessage, Position
from ..channel_log import ChannelLog, LogStatus
from ..history_budget import HistoryBudget
from ..publication import Publication
from .redis_history import RedisHistory
from .redis_message import EpochNote, KeptPayload, decode

__all__ = ["Follower", "FollowerCounters"]

GAP: Final = 0.02
"""Time for an earlier message to arrive by itself, in seconds. Answers and subscriptions use two connections."""
MAX_PAUSE: Final = 0.5
"""Largest pause between readings of a busy channel, in seconds."""
NO_POSITION: Final = Position("", 0, "")


@dataclass
class FollowerCounters:
    """Counters of all channels."""

    gaps: int = 0
    """Messages received before an earlier one, or of another epoch."""
    readings: int = 0
    """Readings of a history."""
    resets: int = 0
    """Resets of channels, because messages are lost."""
    foreign: int = 0
    """Messages of another version of this package."""
    renewals: int = 0
    """Epochs that this process began, because numbers went back or messages were delivered without one."""


class Follower:
    """Channel of this process. A gap, a new epoch and a new subscription lead to a reading of the history."""

    def __init__(
        self,
        channel: Channel,
        bounds: Replay | None,
        history: RedisHistory,
        receiver: ChannelReceiver,
        counters: FollowerCounters,
        budget: HistoryBudget,
    ) -> None:
        self._budget = budget
        self.channel = channel
        self.subscribed = False
        """True if the channel was subscribed at least once."""
        self.log: ChannelLog | None = None
        """Position and recent messages; None if no message of the channel is kept."""
        if bounds is not None:
            self.log = ChannelLog(NO_POSITION, receiver.deliver_kept, count=bounds.count)
            self.log.begin_reading()  # messages wait for the first position
        self.keys = history.keys(channel)
        """Names of the channel in Redis."""
        self._history = history
        self._receiver = receiver
        self._counters = counters
        self._closed = False
        self._late = False
        """True if a caller of :meth:`wait` did not receive the position."""
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task: asyncio.Task[None] | None = None
        self._pause: asyncio.Future[None] | None = None
        self._wanted = False
        """True if the history must be read."""
        self._gap = GAP
        """Time for an earlier message to arrive, in seconds; longer after readings without new messages."""
        self._gap_timer: asyncio.TimerHandle | None = None
        self._must_read = False
        """True if no later message can close the gap."""
        self._waiters: list[tuple[int, asyncio.Future[Sequence[KeptMessage]]]] = []
        """Numbers from which resumptions need the history."""

    @property
    def known(self) -> bool:
        """True if the position is known."""
        return self.log is not None and self.log.position.epoch != ""

    @property
    def position(self) -> Position | None:
        """Position in this process; None if it is not known."""
        return self.log.position if self.log is not None and self.known else None

    # For callers.

    async def wait(self, *, down: bool) -> None:
        """Wait until the channel is subscribed and its position known, or :meth:`give_up`.

        Args:
            down: True if the backplane is down; then nothing is awaited.
        """
        if not (self.subscribed if self.log is None else self.known) and not down:
            if self._ready.done():
                self._ready = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._ready)
        if self.log is not None and not self.known:
            self._late = True

    def give_up(self) -> None:
        """End :meth:`wait`, because the backplane is down."""
        self._set_ready()

    async def missed(self, position: Position) -> Sequence[KeptMessage] | None:
        """Read the history and return the messages after a position; callers share readings."""
        log = self.log
        if log is None:
            return None
        future: asyncio.Future[Sequence[KeptMessage]] = asyncio.get_running_loop().create_future()
        seq = position.seq if position.epoch == log.position.epoch else log.position.seq
        self._waiters.append((max(seq, 0), future))
        self.read()
        messages = await future
        self.discard_expired()
        return log.missed_in(messages, position)

    def read(self) -> None:
        """Read the history, and deliver missing messages or reset the channel."""
        self._wanted = True
        if self._waiters and self._pause is not None and not self._pause.done():
            self._pause.set_result(None)
        if self._task is None and self.log is not None and not self._closed:
            self._task = asyncio.get_running_loop().create_task(self._read())

    @property
    def unread(self) -> bool:
        """True if a reading has failed and must be repeated."""
        return self._wanted and self._task is None

    def discard_expired(self) -> None:
        """Drop the recent messages that are not kept any more."""
        if self.log is not None and self.log.bytes:
            self.log.discard_expired(asyncio.get_running_loop().time())

    def close(self) -> None:
        """End all waiting."""
        self._closed = True
        self._budget.remove(self.channel)
        if self._task is not None:
            self._task.cancel()
        if self._gap_timer is not None:
            self._gap_timer.cancel()
        self._set_ready()
        waiters, self._waiters = self._waiters, []
        for _, future in waiters:
            if not future.done():
                future.set_exception(BackplaneDown("the channel is not followed any more"))
                future.exception()  # the caller may be gone

    # Messages.

    def on_subscribed(self) -> None:
        """Read the earlier messages."""
        self.subscribed = True
        if self.log is None:
            self._set_ready()
        else:
            self.read()

    def on_message(self, payload: bytes) -> None:
        """Deliver a message of another process, and drop those of this process."""
        try:
            decoded = decode(payload, self.channel)
        except (ValueError, msgspec.DecodeError) as error:
            self._counters.foreign += 1
            if self._counters.foreign == 1:
                BACKPLANE.warning("a message for %s is of another version: %s", self.channel.endpoint, error)
            return
        if isinstance(decoded, KeptPayload):
            at = None if self.log is None else self.log.position
            message = decoded.message
            own = decoded.sender == self._history.process_id
            if own and at is not None and message.position.epoch == at.epoch and message.position.seq <= at.seq:
                return  # the answer to the publication came first
            self.receive(message)
        elif isinstance(decoded, EpochNote):
            if self.log is not None and self.log.position.epoch != decoded.epoch:
                self.read()
        else:
            properties, text = decoded
            if properties.sender != self._history.process_id:
                self._receiver.deliver(
                    Publication(
                        channel=self.channel,
                        name=properties.name,
                        text=text,
                        to=properties.to,
                        exclude=properties.exclude,
                        volatile=properties.volatile,
                        latest=properties.latest,
                    )
                )

    def receive(self, message: KeptMessage) -> None:
        """Apply the rule to a kept message."""
        log = self.log
        if log is None:
            self._receiver.deliver_kept(message)
            return
        status = log.receive(message)
        self._budget.update(self.channel, log.bytes)
        if status is LogStatus.BEHIND:
            self._counters.gaps += 1
            epoch, seq, _ = message.position
            self._close_gap(must_read=epoch == log.position.epoch and seq <= log.position.seq)
        elif status is LogStatus.DIVERGED:
            self.read()

    def compare(self, head: Position | None, before: Position) -> None:
        """Compare the position with that of the history.

        Args:
            head: Position of the history.
            before: Position of this process before it was read.
        """
        log = self.log
        if log is None or log.reading or self._closed:
            return
        if head is None or head.epoch != log.position.epoch or head.seq < before.seq:
            self.read()
        elif head.seq > log.position.seq or (head.seq == log.position.seq and head.mark != log.position.mark):
            self._close_gap(must_read=True, head=head)

    def _close_gap(self, *, must_read: bool, head: Position | None = None) -> None:
        """Read the history, unless the missing messages arrive first."""
        self._must_read = self._must_read or must_read
        if self._gap_timer is None and self._task is None:
            self._gap_timer = asyncio.get_running_loop().call_later(self._gap, self._check_gap, head)

    def _check_gap(self, head: Position | None) -> None:
        self._gap_timer = None
        must_read, self._must_read = self._must_read, False
        log = self.log
        if log is None:
            return
        if head is not None and head.epoch == log.position.epoch and head.seq < log.position.seq:
            must_read = False
        if must_read and head is not None and head == log.position:
            must_read = False
        if must_read or log.behind:
            self._gap = min(2 * self._gap, MAX_PAUSE)
            self.read()

    # Readings.

    async def _read(self) -> None:
        """Read the history until it is complete, with pauses, since messages of a busy channel arrive meanwhile."""
        log = self.log
        assert log is not None
        pause = GAP
        try:
            while self._wanted:
                self._wanted = False
                if await self._read_once(log) is LogStatus.BEHIND or self._wanted:
                    self._wanted = True
                    if not self._waiters:
                        self._pause = asyncio.get_running_loop().create_future()
                        await asyncio.wait((self._pause,), timeout=pause)
                        pause = min(2 * pause, MAX_PAUSE)
        except Exception as error:
            if not isinstance(error, BackplaneDown):
                BACKPLANE.exception("cannot read the history of a channel of %s", self.channel.endpoint)
            log.cancel_reading()
            self._wanted = True
            self._set_ready()
        finally:
            self._task = None

    async def _read_once(self, log: ChannelLog) -> LogStatus:
        waiters = [*self._waiters]
        before = log.begin_reading()
        numbers = [seq for seq, _ in waiters]
        if self.known:
            numbers.append(before.seq)
        self._counters.readings += 1
        head, messages = await self._history.read(self.channel, min(numbers, default=-1))
        if not self.known:
            status = self._begin(log, head)
        else:
            status = log.finish_reading(head, messages)
            if status is LogStatus.DIVERGED:
                head = await self._begin_epoch(before.epoch)
            if status in (LogStatus.DIVERGED, LogStatus.LOST):
                self._counters.resets += 1
                self._receiver.reset(self.channel, head)
                status = log.reset(head)
        if log.position != before:
            self._gap = GAP
        self._budget.update(self.channel, log.bytes)
        self._waiters = self._waiters[len(waiters) :]
        for _, future in waiters:
            if not future.done():
                future.set_result(messages)
        return status

    async def _begin_epoch(self, epoch: str) -> Position:
        head = await self._history.renew(self.channel, epoch)
        self._counters.renewals += 1
        return head

    def _begin(self, log: ChannelLog, head: Position) -> LogStatus:
        """Begin at the first position."""
        if self._late:
            self._receiver.reset(self.channel, head)
        status = log.reset(head)
        self._late = False
        self._set_ready()
        return status

    def _set_ready(self) -> None:
        if not self._ready.done():
            self._ready.set_result(None)
