"""Store for the keys of one-time URLs."""

from __future__ import annotations

import abc
import hashlib
import secrets
from collections.abc import Mapping

import msgspec

__all__ = ["TicketGrant", "TicketStore", "digest", "make_key"]


class TicketGrant(msgspec.Struct, frozen=True, kw_only=True):
    """Right to connect once. All fields are plain JSON, so that it can be stored outside the process."""

    endpoint: str
    """Name of the endpoint."""
    data: msgspec.Raw
    """Ticket of the schema, as JSON text."""
    bound: Mapping[str, str] = {}
    """Hashes that the connecting request must match, by the name of the binding."""


class TicketStore(abc.ABC):
    """Store for grants, by key. Each key can be redeemed once, by one process.

    Every method raises :exc:`.BackplaneDown` if a shared store cannot be reached.
    """

    @abc.abstractmethod
    async def issue(self, grant: TicketGrant, *, client: str, ttl: float, limit: int) -> str:
        """Store a grant under a new key.

        Args:
            grant: Grant of the key.
            client: User or address of the client, for ``limit``.
            ttl: Lifetime of the key, in seconds.
            limit: Maximum number of unused keys per client.

        Returns:
            Key of 43 characters that are safe in URLs.

        Raises:
            TooManyTickets: If the client has ``limit`` unused keys.
        """

    @abc.abstractmethod
    async def peek(self, key: str) -> TicketGrant | None:
        """Return the grant of a key without using the key; None if it is unknown, used or expired."""

    @abc.abstractmethod
    async def redeem(self, key: str) -> TicketGrant | None:
        """Use a key and return its grant. Only one of several concurrent calls, in all processes, returns the grant."""

    def close(self) -> None:
        """Discard the keys in the memory of this process."""
        return None


def make_key() -> str:
    """Return a new key of 256 random bits, as 43 characters that are safe in URLs."""
    return secrets.token_urlsafe(32)


def digest(text: str) -> str:
    """Return the SHA-256 digest of a key. Keys have 256 random bits, so the digest needs no salt."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
