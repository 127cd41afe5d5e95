"""Count how often something may happen, without timers."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from .arguments import a_number

__all__ = ["Bucket", "Buckets", "Rate"]


@dataclass(frozen=True, kw_only=True)
class Rate:
    """So many in so many seconds; all of them may come at once."""

    count: int
    seconds: float = 1.0

    def __post_init__(self) -> None:
        a_number("rate.count", self.count, least=1, whole=True)
        a_number("rate.seconds", self.seconds, bare=True)


class Bucket:
    """Decides for one rate (generic cell rate algorithm: all that is kept is one number)."""

    __slots__ = ("_full_at", "_interval", "_seconds")

    def __init__(self, rate: Rate) -> None:
        self._interval = rate.seconds / rate.count
        self._seconds = rate.seconds
        self._full_at = 0.0

    def take(self, now: float) -> float:
        """Take one if there is one left.

        Returns:
            0.0 if there was; else the seconds until there is one, and nothing is taken.

        """
        full_at = max(self._full_at, now) + self._interval
        wait = full_at - self._seconds - now
        if wait > 1e-9:
            return wait
        self._full_at = full_at
        return 0.0

    def idle(self, now: float) -> bool:
        """Tell whether it is as full as a new one."""
        return self._full_at <= now


class Buckets:
    """One bucket per key, such as a client's address; forgets those that are full again."""

    def __init__(self, rate: Rate, *, most: int = 65_536) -> None:
        self._rate = rate
        self._most = most
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: str, now: float) -> float:
        """Take one from the bucket of ``key``, as :meth:`Bucket.take` does."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(self._rate)
        self._buckets.move_to_end(key)
        self._forget(now)
        return bucket.take(now)

    def _forget(self, now: float) -> None:
        # Two at a time, the ones used longest ago first: no scan, and it keeps up with one new key a call.
        for _ in range(2):
            key, bucket = next(iter(self._buckets.items()))
            if len(self._buckets) <= self._most and not bucket.idle(now):
                return
            if len(self._buckets) == 1:
                return
            del self._buckets[key]
