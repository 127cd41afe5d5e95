"""Ticket store in the memory of one process."""

from __future__ import annotations

import heapq
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from ..errors import TooManyTickets
from .ticket_store import TicketGrant, TicketStore, digest, make_key

__all__ = ["MemoryTicketStore"]


@dataclass(frozen=True, kw_only=True)
class _Entry:
    grant: TicketGrant
    client: str
    expires_at: float


@dataclass(kw_only=True)
class MemoryTicketStore(TicketStore):
    """Grants of this process, by the digest of their keys."""

    clock: Callable[[], float] = time.monotonic
    make_key: Callable[[], str] = make_key
    _entries: dict[str, _Entry] = field(default_factory=dict, init=False)
    _expiries: list[tuple[float, str]] = field(default_factory=list, init=False)
    """Heap of expiry times and digests. Entries of used keys remain until they expire."""
    _open_by_client: Counter[str] = field(default_factory=Counter, init=False)

    def __len__(self) -> int:
        """Return the number of unused keys."""
        self._expire()
        return len(self._entries)

    async def issue(self, grant: TicketGrant, *, client: str, ttl: float, limit: int) -> str:
        """Store a grant under a new key."""
        self._expire()
        if self._open_by_client[client] >= limit:
            raise TooManyTickets(limit, self._next_expiry(client) - self.clock())
        key = self.make_key()
        hashed = digest(key)
        entry = _Entry(grant=grant, client=client, expires_at=self.clock() + ttl)
        self._entries[hashed] = entry
        self._open_by_client[client] += 1
        heapq.heappush(self._expiries, (entry.expires_at, hashed))
        return key

    async def peek(self, key: str) -> TicketGrant | None:
        """Return the grant of a key without using the key; None if it is unknown, used or expired."""
        self._expire()
        entry = self._entries.get(digest(key))
        return None if entry is None else entry.grant

    async def redeem(self, key: str) -> TicketGrant | None:
        """Use a key and return its grant; None if it is unknown, used or expired."""
        self._expire()
        entry = self._remove(digest(key))
        return None if entry is None else entry.grant

    def close(self) -> None:
        """Discard all keys."""
        self._entries.clear()
        self._expiries.clear()
        self._open_by_client.clear()

    def _remove(self, hashed: str) -> _Entry | None:
        entry = self._entries.pop(hashed, None)
        if entry is not None:
            self._open_by_client[entry.client] -= 1
            if not self._open_by_client[entry.client]:
                del self._open_by_client[entry.client]
        return entry

    def _expire(self) -> None:
        now = self.clock()
        while self._expiries and self._expiries[0][0] <= now:
            self._remove(heapq.heappop(self._expiries)[1])

    def _next_expiry(self, client: str) -> float:
        return min(entry.expires_at for entry in self._entries.values() if entry.client == client)
