"""Ends of all connections of a user, in all processes."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from ..channels import Backplane, Channel, KeptMessage, Publication
from ..endpoint import Replay
from ..errors import BackplaneDown, GuardRefused

__all__ = ["USERS", "Disconnection", "Disconnections"]

USERS: Final = Channel("$users")
"""Channel of the disconnections, which all processes follow. No endpoint has this name."""
HISTORY: Final = Replay(1000, 600.0)
"""Disconnections that a process reads after it was cut off from the backplane."""
SECONDS: Final = 300.0
"""Maximum duration of a handshake, including its ``prepare``, in seconds."""


class Disconnection(msgspec.Struct, frozen=True):
    """End of all connections of one user."""

    user: str
    """Key of the user."""
    code: int
    """Close code."""
    reason: str
    """Close reason."""
    sender: str
    """Id of the process, which has closed its own connections already."""


_decoder = msgspec.json.Decoder(Disconnection)


class _Entry(NamedTuple):
    time: float
    disconnection: Disconnection


class Disconnections:
    """Disconnections of one controller, in order. They also apply to handshakes that began before."""

    def __init__(self, backplane: Backplane, clock: Callable[[], float]) -> None:
        """Create an empty collection.

        Args:
            backplane: Backplane of all processes.
            clock: Current time, in seconds.
        """
        self.close: Callable[[Disconnection, float], None] = _ignore
        """Function that closes the connections of the user in this process that began before a time."""
        self._backplane = backplane
        self._clock = clock
        self._process = secrets.token_hex(8)
        self._entries: dict[str, _Entry] = {}
        self._is_following = False

    def __len__(self) -> int:
        return len(self._entries)

    async def follow(self) -> None:
        """Receive disconnections of other processes, before the first handshake of this one is checked."""
        if not self._is_following:
            await self._backplane.follow(USERS, HISTORY)
            self._is_following = True

    async def publish(self, user: str, code: int, reason: str) -> None:
        """Close the connections of a user in this process, then in all others.

        Args:
            user: Key of the user.
            code: Close code.
            reason: Close reason.

        Raises:
            BackplaneDown: If those of other processes were not closed, or may not be.
        """
        disconnection = Disconnection(user, code, reason, self._process)
        self._apply(disconnection, self._clock())
        publication = Publication(
            channel=USERS, name="$disconnect", text=msgspec.json.encode(disconnection), history=HISTORY
        )
        try:
            position = await self._backplane.publish(publication)
        except BackplaneDown as down:
            raise BackplaneDown(f"only the connections of this process were closed: {down}") from None
        if position is None:
            raise BackplaneDown("only the connections of this process were closed")

    def receive(self, message: KeptMessage) -> None:
        """Close the connections of a user because another process has published a disconnection."""
        disconnection = _decoder.decode(message.text)
        if disconnection.sender != self._process:
            age = HISTORY.seconds - (message.expires_at - time.monotonic())
            self._apply(disconnection, self._clock() - max(age, 0.0))

    def refusal(self, user: str | None, began_at: float) -> GuardRefused | None:
        """Return the refusal of a handshake whose user was disconnected after its beginning."""
        entry = None if user is None else self._entries.get(user)
        if entry is None or entry.time < began_at:
            return None
        return GuardRefused(entry.disconnection.reason, entry.disconnection.code)

    def _apply(self, disconnection: Disconnection, at: float) -> None:
        self._entries.pop(disconnection.user, None)
        self._entries[disconnection.user] = _Entry(at, disconnection)
        for user, entry in tuple(self._entries.items()):
            if entry.time + SECONDS >= self._clock():
                break
            del self._entries[user]
        self.close(disconnection, at)


def _ignore(disconnection: Disconnection, at: float) -> None:
    pass
