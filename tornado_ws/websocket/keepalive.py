"""Notice who is gone: one timer for all connections."""

from __future__ import annotations

import enum
import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ..config_checks import require_number

__all__ = ["KeepaliveAction", "DeadlineOwner", "DeadlineScheduler", "Heartbeat", "Keepalive"]


@dataclass(frozen=True, kw_only=True)
class Heartbeat:
    """How often clients are asked whether they are there."""

    interval: float = 20.0
    """Seconds between two pings."""
    timeout: float = 20.0
    """Seconds for anything at all to come from the client after a ping; else it is gone."""

    def __post_init__(self) -> None:
        require_number("heartbeat.interval", self.interval, exclusive=True)
        require_number("heartbeat.timeout", self.timeout, exclusive=True)


class KeepaliveAction(enum.Enum):
    """What to do with a connection."""

    WAIT = enum.auto()
    PING = enum.auto()
    UNRESPONSIVE = enum.auto()
    IDLE = enum.auto()


class Keepalive:
    """Decides for one connection when it is asked, and when it is given up."""

    __slots__ = ("_heartbeat", "_idle", "_ping_at", "_unanswered", "due")

    def __init__(self, heartbeat: Heartbeat, idle_timeout: float | None, now: float) -> None:
        self._heartbeat = heartbeat
        self._idle = idle_timeout
        self._ping_at = now + heartbeat.interval
        self._unanswered: float | None = None
        self.due = min(self._ping_at, now + (idle_timeout or heartbeat.interval))
        """When :meth:`beat` is to be called next."""

    def beat(self, now: float, heard: float, active: float) -> KeepaliveAction:
        """Decide.

        Args:
            now: The clock.
            heard: When the last byte came.
            active: When the last message came or went.
        """
        if self._idle is not None and now >= active + self._idle:
            return KeepaliveAction.IDLE
        if self._unanswered is not None and heard >= self._unanswered:
            self._unanswered = None
        if self._unanswered is not None and now >= self._unanswered + self._heartbeat.timeout:
            return KeepaliveAction.UNRESPONSIVE
        beat = KeepaliveAction.WAIT
        if now >= self._ping_at:
            # Also while one is unanswered: the page counts on them, too.
            beat = KeepaliveAction.PING
            self._ping_at = now + self._heartbeat.interval
            if self._unanswered is None:
                self._unanswered = now
        self.due = self._ping_at
        if self._unanswered is not None:
            self.due = min(self.due, self._unanswered + self._heartbeat.timeout)
        if self._idle is not None:
            self.due = min(self.due, active + self._idle)
        return beat


class DeadlineOwner(Protocol):
    """What has a heartbeat."""

    def _beat(self, now: float) -> float | None:
        """Do what is due; return when to be called again, None: never."""
        ...


class Timer(Protocol):
    """What a call later returns."""

    def cancel(self) -> None:
        """Do not call."""
        ...


class _Entry:
    __slots__ = ("due", "member", "number")

    def __init__(self, due: float, number: int, member: DeadlineOwner) -> None:
        self.due = due
        self.number = number
        self.member: DeadlineOwner | None = member

    def __lt__(self, other: _Entry) -> bool:
        return (self.due, self.number) < (other.due, other.number)


class DeadlineScheduler:
    """Calls every member when it is due. The timer runs only while there are members."""

    def __init__(self, clock: Callable[[], float], later: Callable[[float, Callable[[], None]], Timer]) -> None:
        self._clock = clock
        self._later = later
        self._entries: list[_Entry] = []
        self._by_member: dict[int, _Entry] = {}
        self._numbers = itertools.count()
        self._timer: Timer | None = None
        self._armed = 0.0

    def __len__(self) -> int:
        return len(self._by_member)

    def add(self, member: DeadlineOwner, due: float) -> None:
        """Call ``member`` when it is due."""
        entry = _Entry(due, next(self._numbers), member)
        self._by_member[id(member)] = entry
        heapq.heappush(self._entries, entry)
        self._arm()

    def remove(self, member: DeadlineOwner) -> None:
        """Do not call ``member`` any more."""
        entry = self._by_member.pop(id(member), None)
        if entry is not None:
            entry.member = None  # what stays in the heap until it is due must not keep the connection alive
        if not self._by_member:
            self.stop()

    def stop(self) -> None:
        """Forget all members."""
        self._entries.clear()
        self._by_member.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        due = self._entries[0].due
        if self._timer is not None:
            if self._armed <= due:
                return
            self._timer.cancel()
        self._armed = due
        self._timer = self._later(max(0.0, due - self._clock()), self._rung)

    def _rung(self) -> None:
        self._timer = None
        self.ring()

    def ring(self) -> None:
        """Call all who are due, as the timer does."""
        now = self._clock()
        while self._entries and self._entries[0].due <= now:
            entry = heapq.heappop(self._entries)
            member = entry.member
            if member is None:
                continue
            due = member._beat(now)
            if entry.member is None:
                continue  # it was removed meanwhile
            if due is None:
                del self._by_member[id(member)]
                continue
            entry.due = max(due, now + 0.001)
            heapq.heappush(self._entries, entry)
        if self._entries:
            self._arm()
