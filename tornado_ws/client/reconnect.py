"""Reconnection policy: final errors, and delays between attempts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ..config_checks import require_number
from ..errors import CloseCode, ConnectFailed, ConnectionClosed, is_final

__all__ = ["Backoff", "Reconnection"]

STABLE_AFTER = 5.0
"""Seconds after which a connection is stable, so that the backoff starts over."""
LONGEST_REQUIRED = 86_400.0
"""Longest time that a server may require, in seconds."""
RETRY_AFTER = re.compile(r"retry after (\d+(?:\.\d+)?)")


@dataclass(frozen=True, kw_only=True)
class Backoff:
    """Bounds of the delay before the next attempt, in seconds."""

    base: float = 0.5
    """Longest delay after the first failure; it doubles after each further failure."""
    cap: float = 10.0
    """Upper bound of the delay, unless the server requires a longer one."""

    def __post_init__(self) -> None:
        require_number("backoff.base", self.base)
        require_number("backoff.cap", self.cap)

    def delay(self, failures: int, random: float) -> float:
        """Return the delay after a number of failures ("full jitter"), so that clients do not all return at once.

        Args:
            failures: Number of failed attempts, from 1.
            random: Random number from 0 to 1.
        """
        return random * min(self.cap, self.base * 2.0 ** min(failures - 1, 100))


class Reconnection:
    """Decisions after the end of each connection, or of each attempt."""

    def __init__(self, backoff: Backoff, random: Callable[[], float]) -> None:
        self.failures = 0
        """Number of failed attempts since the last stable connection."""
        self._backoff = backoff
        self._random = random
        self._opened_at: float | None = None
        self._is_unauthorized = False
        """True since a refusal of the credentials, until a connection is stable."""

    def open(self, now: float) -> None:
        """Note the beginning of a connection."""
        self._opened_at = now

    def delay_after(
        self, error: ConnectionClosed, now: float, *, can_change: bool, is_own: bool = False
    ) -> float | None:
        """Return the seconds until the next attempt; None if there is none.

        Args:
            error: Error that ended the connection or prevented it.
            now: Time of a monotonic clock, in seconds.
            can_change: True if another attempt may have other credentials.
            is_own: True if the application has ended the connection, to connect again.
        """
        if self._opened_at is not None and now - self._opened_at > STABLE_AFTER:
            self.failures, self._is_unauthorized = 0, False
        self._opened_at = None
        if is_own:
            return 0.0
        if error.code == CloseCode.UNAUTHORIZED and can_change and not self._is_unauthorized:
            self._is_unauthorized = True
            self.failures += 1
            return 0.0
        if error.code is not None and is_final(error.code):
            return None
        self.failures += 1
        if isinstance(error, ConnectFailed) and not error.retryable:
            return self._backoff.cap  # waiting does not change it, but a deployment may
        return _required(error) + self._backoff.delay(self.failures, self._random())


def _required(error: ConnectionClosed) -> float:
    """Return the seconds that the server requires before the next attempt."""
    if isinstance(error, ConnectFailed):
        return min(error.retry_after or 0.0, LONGEST_REQUIRED)
    found = RETRY_AFTER.fullmatch(error.reason or "")
    return min(float(found[1]), LONGEST_REQUIRED) if found else 0.0
