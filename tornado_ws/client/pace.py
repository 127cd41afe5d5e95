"""Pace of one message type: no faster than the ``rate`` that the server accepts."""

from __future__ import annotations

from ..limits import Rate, RateLimiter

__all__ = ["pace"]

MARGIN = 1.05
"""Factor of the intervals between two messages, so that none arrives too early because the one before was delayed."""


def pace(rate: tuple[int, float]) -> RateLimiter:
    """Return the limiter of one connection: a burst first, then one message for each interval.

    Args:
        rate: Number of messages, and the period in seconds.
    """
    count, seconds = rate
    burst = max(count - 1, 1)  # one less than the server accepts at once, for the same reason as the margin
    return RateLimiter(Rate(count=burst, seconds=burst * seconds * MARGIN / count))
