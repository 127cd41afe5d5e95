"""Checks of a handshake that need nothing but its request: origin, rates and quotas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..limits import ConnectionQuota, KeyedRateLimiter, Limits
from .origins import Origins
from .refusals import HttpRefusal

__all__ = ["QuotaLease", "refuse_origin", "refuse_rate"]


def refuse_origin(origins: Origins, headers: Mapping[str, str]) -> HttpRefusal | None:
    """Return the refusal of the page that sends a request, if any."""
    if origins.allow(headers):
        return None
    return HttpRefusal(status=403, cause="origin", reason="origin not allowed", detail=origins.explain(headers))


def refuse_rate(
    rates: Sequence[tuple[KeyedRateLimiter, Limits]], address: str, now: float, *, count: bool = True
) -> HttpRefusal | None:
    """Return the refusal of a client that sends requests faster than a rate, if any.

    Args:
        rates: Limiters, each with the limits that define it.
        address: Address of the client.
        now: Time of a monotonic clock, in seconds.
        count: False to leave the limiters as they are.
    """
    longest, refused = 0.0, None
    for limiter, limits in rates:
        network = limits.network(address)
        wait = limiter.acquire(network, now) if count else limiter.wait(network, now)
        if wait > longest:
            longest = wait
            refused = HttpRefusal(
                status=429,
                cause="handshakes",
                reason="too many handshakes",
                detail=f"too many handshakes from {network}: limits.handshakes={limits.handshakes}",
                retry_after=wait,
            )
    return refused


class QuotaLease:
    """Lease of one connection in the quotas of its controller and its endpoint."""

    __slots__ = ("_acquired", "_address", "_quotas", "_user")

    def __init__(self, quotas: Sequence[ConnectionQuota], address: str, user: str | None) -> None:
        """Prepare; nothing is acquired yet.

        Args:
            quotas: Quotas to acquire, in this order.
            address: Address of the client.
            user: Key of the signed-in user; None if there is none.
        """
        self._quotas = quotas
        self._address = address
        self._user = user
        self._acquired: list[ConnectionQuota] = []

    def acquire(self) -> HttpRefusal | None:
        """Acquire all quotas; if one is exhausted, release the others and return the refusal."""
        for quota in self._quotas:
            if (limit := quota.acquire(self._address, self._user)) is not None:
                self.release()
                return _exhausted(quota, limit)
            self._acquired.append(quota)
        return None

    def change_user(self, user: str | None) -> HttpRefusal | None:
        """Count the connection for another user; if a quota is exhausted, release all and return the refusal.

        A released lease, whose client has disconnected, stays released.
        """
        if user == self._user or not self._acquired:
            return None
        self.release()
        self._user = user
        return self.acquire()

    def release(self) -> None:
        """Release the acquired quotas. A second call has no effect."""
        acquired, self._acquired = self._acquired, []
        for quota in acquired:
            quota.release(self._address, self._user)


def _exhausted(quota: ConnectionQuota, limit: str) -> HttpRefusal:
    total = limit == "connections"
    reason = "too many connections" + ("" if total else f" {limit.replace('_', ' ')}")
    return HttpRefusal(
        status=503 if total else 429,
        cause=limit,
        reason=reason,
        detail=f"{reason}: limits.{limit}={getattr(quota.limits, limit)}",
        retry_after=5.0,
    )
