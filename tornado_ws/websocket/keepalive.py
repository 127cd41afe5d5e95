"""Decisions about pings and timeouts of one connection, without I/O."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from math import inf
from typing import Final

from ..config_checks import require_number

__all__ = ["Heartbeat", "Keepalive", "KeepaliveAction"]


BUSY_SECONDS: Final = 10.0
"""Seconds for which the end of a lifetime waits until no message is handled."""
BUSY_INTERVAL: Final = 0.25
"""Seconds between two checks of that."""


@dataclass(frozen=True, kw_only=True)
class Heartbeat:
    """Intervals of the pings that detect dead connections. Enforced by :meth:`Keepalive.next_action`."""

    interval: float = 20.0
    """Seconds between two pings."""
    timeout: float = 20.0
    """Seconds after a ping until the connection closes with 4508, unless a byte arrives."""

    def __post_init__(self) -> None:
        require_number("heartbeat.interval", self.interval, exclusive=True)
        require_number("heartbeat.timeout", self.timeout, exclusive=True)


class KeepaliveAction(enum.Enum):
    """Action due for a connection."""

    WAIT = enum.auto()
    PING = enum.auto()
    UNRESPONSIVE = enum.auto()
    """Close with :attr:`.CloseCode.UNRESPONSIVE`."""
    IDLE = enum.auto()
    """Close with :attr:`.CloseCode.IDLE`."""
    EXPIRED = enum.auto()
    """Close with :attr:`.CloseCode.EXPIRED`."""


class Keepalive:
    """Schedule of pings and timeouts for one connection."""

    __slots__ = ("_ends_at", "_heartbeat", "_idle_timeout", "_next_ping", "_unanswered_since", "deadline")

    def __init__(
        self, heartbeat: Heartbeat, idle_timeout: float | None, now: float, *, lifetime: float | None = None
    ) -> None:
        """Create the schedule of a new connection.

        Args:
            heartbeat: Intervals of pings.
            idle_timeout: Seconds without a message until :attr:`KeepaliveAction.IDLE`; None for no limit.
            now: Time, in seconds.
            lifetime: Seconds until :attr:`KeepaliveAction.EXPIRED`; None for no limit.
        """
        self._heartbeat = heartbeat
        self._idle_timeout = idle_timeout
        self._next_ping = now + heartbeat.interval
        self._unanswered_since: float | None = None
        self._ends_at = None if lifetime is None else now + lifetime
        self.deadline = min(self._next_ping, now + (idle_timeout or heartbeat.interval), self._ends_at or inf)
        """Time of the next call of :meth:`next_action`."""

    def next_action(
        self, now: float, *, sign_of_life: bool, last_activity: float, busy: bool = False
    ) -> KeepaliveAction:
        """Return the action that is due, and update :attr:`deadline`.

        Args:
            now: Time, in seconds.
            sign_of_life: True if a byte was received since the last call.
            last_activity: Time of the last message in either direction, in seconds.
            busy: True while a message is handled, which delays the end of the lifetime by :data:`BUSY_SECONDS` at most.
        """
        if self._ends_at is not None and now >= self._ends_at and not (busy and now < self._ends_at + BUSY_SECONDS):
            return KeepaliveAction.EXPIRED
        if self._idle_timeout is not None and now >= last_activity + self._idle_timeout:
            return KeepaliveAction.IDLE
        if sign_of_life:
            self._unanswered_since = None
        if self._unanswered_since is not None and now >= self._unanswered_since + self._heartbeat.timeout:
            return KeepaliveAction.UNRESPONSIVE
        action = KeepaliveAction.WAIT
        if now >= self._next_ping:
            # Also while a ping is unanswered: proxies close a connection without any bytes.
            action = KeepaliveAction.PING
            self._next_ping = now + self._heartbeat.interval
            if self._unanswered_since is None:
                self._unanswered_since = now
        self.deadline = self._next_ping
        if self._unanswered_since is not None:
            self.deadline = min(self.deadline, self._unanswered_since + self._heartbeat.timeout)
        if self._idle_timeout is not None:
            self.deadline = min(self.deadline, last_activity + self._idle_timeout)
        if self._ends_at is not None:
            self.deadline = min(self.deadline, max(self._ends_at, now + BUSY_INTERVAL))
        return action
