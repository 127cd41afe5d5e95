"""Bound what clients may take: how many connections, how fast, how much."""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass, fields

from .config_checks import require_instance, require_number

__all__ = ["RateLimiter", "KeyedRateLimiter", "Limits", "Rate", "ConnectionQuota"]


@dataclass(frozen=True, kw_only=True)
class Rate:
    """So many in so many seconds; all of them may come at once."""

    count: int
    seconds: float = 1.0

    def __post_init__(self) -> None:
        require_number("rate.count", self.count, least=1, whole=True)
        require_number("rate.seconds", self.seconds, bare=True)


class RateLimiter:
    """Decides for one rate (generic cell rate algorithm: all that is kept is one number)."""

    __slots__ = ("_full_at", "_interval", "_seconds")

    def __init__(self, rate: Rate) -> None:
        self._interval = rate.seconds / rate.count
        self._seconds = rate.seconds
        self._full_at = 0.0

    def acquire(self, now: float) -> float:
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


class KeyedRateLimiter:
    """One bucket per key, such as a client's address; forgets those that are full again."""

    def __init__(self, rate: Rate, *, most: int = 65_536) -> None:
        self._rate = rate
        self._most = most
        self._buckets: OrderedDict[str, RateLimiter] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def acquire(self, key: str, now: float) -> float:
        """Take one from the bucket of ``key``, as :meth:`RateLimiter.acquire` does."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = RateLimiter(self._rate)
        self._buckets.move_to_end(key)
        self._forget(now)
        return bucket.acquire(now)

    def _forget(self, now: float) -> None:
        # Two at a time, the ones used longest ago first: no scan, and it keeps up with one new key a call.
        for _ in range(2):
            key, bucket = next(iter(self._buckets.items()))
            if len(self._buckets) <= self._most and not bucket.idle(now):
                return
            if len(self._buckets) == 1:
                return
            del self._buckets[key]


HANDSHAKES = Rate(count=100)

AT_LEAST_ONE = frozenset({"invalid", "inbox", "message_bytes", "outbox_bytes"})


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of a controller, or of one endpoint. None: unbounded."""

    connections: int | None = None
    """Open at a time; those whose guards are still awaited count."""
    per_address: int | None = None
    """Open at a time from one address."""
    per_user: int | None = None
    """Open at a time by one user (Tornado's ``current_user``)."""
    handshakes: Rate | None = HANDSHAKES
    """From one address; behind a proxy that is no trusted one all clients have its address."""
    messages: Rate | None = None
    """From one connection; a rate in the schema is of one kind of message, and both hold."""
    handshake_timeout: float = 10.0
    """Seconds that guards may take altogether."""
    idle_timeout: float | None = None
    """Seconds without a message in either direction, heartbeats aside, until the connection is closed."""
    request_timeout: float = 30.0
    """Seconds to wait for the reply to a request of ours."""
    closing_timeout: float = 5.0
    """Seconds that a running method has to finish after the client has said good-bye; then it is cancelled."""
    invalid: int = 20
    """InvalidFrame messages in a row that a connection survives."""
    inbox: int = 64
    """Messages that wait for the handler before nothing more is read."""
    streams: int = 16
    """Streams that a connection may have open at a time."""
    message_bytes: int | None = None
    """Size of one message from a client; by default what its schema allows, or 1 MiB where that does not say."""
    outbox_bytes: int = 1 << 20
    """What may wait for one client to read; beyond it messages are dropped or the connection is closed."""
    outbox_age: float = 60.0
    """Seconds that something may wait for one client to read; then the connection is closed."""
    tickets: int = 32
    """One-time URLs that one client may have open at a time."""

    def __post_init__(self) -> None:
        for field in fields(self):
            setting, value, kind = f"limits.{field.name}", getattr(self, field.name), str(field.type)
            if value is None and kind.endswith("None"):
                continue
            if kind.startswith("Rate"):
                require_instance(setting, value, Rate, hint="such as Rate(count=10, seconds=1.0)")
            else:
                require_number(setting, value, least=field.name in AT_LEAST_ONE, whole=kind.startswith("int"))


class ConnectionQuota:
    """Counts connections. A slot is taken before anything is awaited, so a limit is exact."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._total = 0
        self._by_address: Counter[str] = Counter()
        self._by_user: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._total

    def acquire(self, address: str, user: str | None) -> str | None:
        """Take a slot.

        Returns:
            None, and :meth:`release` must be called once; or the name of the limit that is reached.

        """
        limits = self._limits
        if limits.connections is not None and self._total >= limits.connections:
            return "connections"
        if limits.per_address is not None and self._by_address[address] >= limits.per_address:
            return "per_address"
        if limits.per_user is not None and user is not None and self._by_user[user] >= limits.per_user:
            return "per_user"
        self._total += 1
        self._by_address[address] += 1
        if user is not None:
            self._by_user[user] += 1
        return None

    def release(self, address: str, user: str | None) -> None:
        """Return a slot that was taken for them."""
        self._total -= 1
        _decrement(self._by_address, address)
        if user is not None:
            _decrement(self._by_user, user)


def _decrement(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
