"""Histogram of times."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

__all__ = ["BOUNDS", "Histogram"]

BOUNDS: Final = (0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the buckets, inclusive, in seconds. A last bucket contains longer times."""


class Histogram:
    """Numbers of times, by bucket, and their sum."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts: list[int] = [0] * (len(BOUNDS) + 1)
        """Number of times in each bucket."""
        self.total = 0.0
        """Sum of all times, in seconds."""

    def observe(self, seconds: float, weight: int = 1) -> None:
        """Add a time.

        Args:
            seconds: Time.
            weight: Number of times for which it stands.
        """
        counts = self.counts
        counts[0 if seconds <= 0.0001 else bisect_left(BOUNDS, seconds)] += weight
        self.total += seconds * weight

    def add(self, other: Histogram) -> None:
        """Add the times of another histogram."""
        self.counts = [own + more for own, more in zip(self.counts, other.counts, strict=True)]
        self.total += other.total

    def cumulative(self) -> list[tuple[str, int]]:
        """Return the upper bound of each bucket as text, and the number of times up to it, as Prometheus expects."""
        number, buckets = 0, []
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), self.counts, strict=True):
            number += count
            buckets.append((bound, number))
        return buckets
