"""Ticket store in the memory of one process."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ..errors import TooManyTickets
from .ticket_store import TicketGrant, TicketStore, digest, make_key

__all__ = ["MemoryTicketStore"]


EXPIRED_PER_CALL = 64
"""Maximum number of expired keys that one call removes, so that no call takes long."""


@dataclass(frozen=True, kw_only=True)
class _Entry:
    grant: TicketGrant
    client: str
    expires_at: float


@dataclass(kw_only=True)
class MemoryTicketStore(TicketStore):
    """Grants of this process, by the digest of their keys. No method scans the keys of other clients."""

    clock: Callable[[], float] = time.monotonic
    make_key: Callable[[], str] = make_key
    _entries: dict[str, _Entry] = field(default_factory=dict, init=False)
    _expiries: list[tuple[float, str]] = field(default_factory=list, init=False)
    """Heap of expiry times and digests. Entries of used keys remain until they expire."""
    _by_client: dict[str, dict[str, float]] = field(default_factory=dict, init=False)
    """Digests and expiry times of the unused keys of each client."""

    def __len__(self) -> int:
        """Return the number of unused keys."""
        self._expire(len(self._expiries))
        return len(self._entries)

    async def issue(self, grant: TicketGrant, *, client: str, ttl: float, limit: int) -> str:
        """Store a grant under a new key."""
        self._expire(EXPIRED_PER_CALL)
        now = self.clock()
        if len(self._by_client.get(client, ())) >= limit:
            self._expire_of(client, now)
        if len(unused := self._by_client.get(client, {})) >= limit:
            raise TooManyTickets(limit, min(unused.values(), default=now) - now)
        key = self.make_key()
        hashed = digest(key)
        self._entries[hashed] = _Entry(grant=grant, client=client, expires_at=now + ttl)
        self._by_client.setdefault(client, {})[hashed] = now + ttl
        heapq.heappush(self._expiries, (now + ttl, hashed))
        return key

    async def peek(self, key: str) -> TicketGrant | None:
        """Return the grant of a key without using the key; None if it is unknown, used or expired."""
        self._expire(EXPIRED_PER_CALL)
        entry = self._entries.get(digest(key))
        return None if entry is None or entry.expires_at <= self.clock() else entry.grant

    async def redeem(self, key: str) -> TicketGrant | None:
        """Use a key and return its grant; None if it is unknown, used or expired."""
        self._expire(EXPIRED_PER_CALL)
        entry = self._remove(digest(key))
        return None if entry is None or entry.expires_at <= self.clock() else entry.grant

    def close(self) -> None:
        """Discard all keys."""
        self._entries.clear()
        self._expiries.clear()
        self._by_client.clear()

    def _remove(self, hashed: str) -> _Entry | None:
        entry = self._entries.pop(hashed, None)
        if entry is not None:
            unused = self._by_client[entry.client]
            del unused[hashed]
            if not unused:
                del self._by_client[entry.client]
        return entry

    def _expire(self, limit: int) -> None:
        now = self.clock()
        for _ in range(limit):
            if not self._expiries or self._expiries[0][0] > now:
                return
            self._remove(heapq.heappop(self._expiries)[1])

    def _expire_of(self, client: str, now: float) -> None:
        for hashed in [hashed for hashed, at in self._by_client.get(client, {}).items() if at <= now]:
            self._remove(hashed)
