"""Keep the keys of one-time URLs: what each is good for, and until when."""

from __future__ import annotations

import hashlib
import heapq
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from ..errors import TooManyTickets

__all__ = ["Grant", "Tickets", "digest", "make_key"]


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What a key is good for. Plain JSON, so that it can be kept outside of the process."""

    endpoint: str
    data: msgspec.Raw
    """The ticket of the schema, as JSON text."""
    bound: Mapping[str, str] = {}
    """What the connecting request must show again: hashes by the name of the guard that compares them."""


def make_key() -> str:
    """Return a new key of 256 random bits, in 43 characters that are safe in URLs."""
    return secrets.token_urlsafe(32)


def digest(key: str) -> str:
    """Return what is kept of a key. A key has 256 random bits, so a plain hash cannot be turned back."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, kw_only=True)
class _Entry:
    grant: Grant
    client: str
    expires: float


@dataclass(kw_only=True)
class Tickets:
    """Keys of this process, by their hash. A key is good once."""

    clock: Callable[[], float] = time.monotonic
    key: Callable[[], str] = make_key
    _entries: dict[str, _Entry] = field(default_factory=dict, init=False)
    _ends: list[tuple[float, str]] = field(default_factory=list, init=False)
    _of_client: Counter[str] = field(default_factory=Counter, init=False)

    def __len__(self) -> int:
        """Return how many are open."""
        self._sweep()
        return len(self._entries)

    def issue(self, grant: Grant, *, client: str, ttl: float, most: int) -> str:
        """Make a key.

        Args:
            grant: What it is good for.
            client: Whom it counts against.
            ttl: Seconds until it expires.
            most: How many ``client`` may have open at a time.

        Raises:
            TooManyTickets: If it has as many.


        """
        self._sweep()
        if self._of_client[client] >= most:
            raise TooManyTickets(most, self._next_end(client) - self.clock())
        key = self.key()
        hashed = digest(key)
        entry = _Entry(grant=grant, client=client, expires=self.clock() + ttl)
        self._entries[hashed] = entry
        self._of_client[client] += 1
        heapq.heappush(self._ends, (entry.expires, hashed))
        return key

    def peek(self, key: str) -> Grant | None:
        """Return what a key is good for and leave it; None if it is unknown, used or expired."""
        self._sweep()
        entry = self._entries.get(digest(key))
        return None if entry is None else entry.grant

    def redeem(self, key: str) -> Grant | None:
        """Use a key up: of all that try, one gets the grant and the others None."""
        self._sweep()
        entry = self._remove(digest(key))
        return None if entry is None else entry.grant

    def clear(self) -> None:
        """Forget all keys."""
        self._entries.clear()
        self._ends.clear()
        self._of_client.clear()

    def _remove(self, hashed: str) -> _Entry | None:
        entry = self._entries.pop(hashed, None)
        if entry is not None:
            self._of_client[entry.client] -= 1
            if not self._of_client[entry.client]:
                del self._of_client[entry.client]
        return entry

    def _sweep(self) -> None:
        # The heap also holds the ends of keys that were used; each is dropped when its time comes.
        now = self.clock()
        while self._ends and self._ends[0][0] <= now:
            self._remove(heapq.heappop(self._ends)[1])

    def _next_end(self, client: str) -> float:
        return min(entry.expires for entry in self._entries.values() if entry.client == client)
