"""Users whose connections were closed a moment ago, for handshakes that began before."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from ..errors import GuardRefused

__all__ = ["DISCONNECT", "Disconnection", "Disconnections"]

DISCONNECT = "$disconnect"
"""Name of the publication that closes the connections of a user in all processes."""


class Disconnection(msgspec.Struct, frozen=True):
    """End of all connections of one user."""

    user: str
    """Key of the user."""
    code: int
    """Close code."""
    reason: str
    """Close reason."""

    def encode(self) -> bytes:
        """Return the text for other processes."""
        return msgspec.json.encode(self)

    @classmethod
    def decode(cls, text: bytes) -> Disconnection:
        """Return the disconnection from the text of a publication."""
        return msgspec.json.decode(text, type=cls)


class _Entry(NamedTuple):
    time: float
    disconnection: Disconnection


class Disconnections:
    """Recent disconnections of one endpoint."""

    def __init__(self, seconds: float) -> None:
        """Create an empty collection.

        Args:
            seconds: Maximum duration of a handshake, in seconds.
        """
        self._seconds = seconds
        self._entries: dict[str, _Entry] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, disconnection: Disconnection, now: float) -> None:
        """Note a disconnection, and discard those that no handshake can have preceded."""
        self._entries.pop(disconnection.user, None)
        self._entries[disconnection.user] = _Entry(now, disconnection)
        while (oldest := next(iter(self._entries.values()))).time + self._seconds < now:
            del self._entries[oldest.disconnection.user]

    def refusal(self, user: str | None, began_at: float) -> GuardRefused | None:
        """Return the refusal of a handshake whose user was disconnected after its beginning."""
        entry = None if user is None else self._entries.get(user)
        if entry is None or entry.time < began_at:
            return None
        return GuardRefused(entry.disconnection.reason, entry.disconnection.code)
