"""What a backplane is: it carries messages to wherever their connections are, and keeps what all processes share."""

from __future__ import annotations

import abc
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from .replay import KeptMessage, Position
from .tickets import Grant

__all__ = ["Backplane", "Publication"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Publication:
    """A message on its way to many connections, encoded once. All of it is plain data, so that it can travel."""

    endpoint: str
    name: str
    """Of the message."""
    text: bytes
    """Its frame, without the sequence number."""
    room: str | None = None
    """None: everybody."""
    to: str | None = None
    """A connection's id; it alone is meant."""
    exclude: frozenset[str] = frozenset()
    """Ids of connections that do not get it."""
    volatile: bool = False
    latest: str | None = None
    """A slow client gets only the newest message of those that have the same here."""
    replay: int = 0
    """How many of its kind are kept."""
    seq: int | None = None
    """Given once, when it is published."""


class Backplane(abc.ABC):
    """Connects the processes that serve one application. Used from one event loop."""

    def __init__(self) -> None:
        self._deliver: Callable[[Publication], None] = _nowhere

    def attach(self, deliver: Callable[[Publication], None]) -> None:
        """Say what brings messages to the connections of this process; called once, before anything else."""
        self._deliver = deliver

    @property
    @abc.abstractmethod
    def local(self) -> bool:
        """Whether this process is all there is, so that predicates can choose among the connections."""

    @property
    def healthy(self) -> bool:
        """Whether the processes hear each other."""
        return True

    async def stop(self) -> None:
        """Disconnect, and wait until that is done."""
        self.close()

    def close(self) -> None:
        """Disconnect for good, without waiting."""
        return

    @abc.abstractmethod
    async def publish(self, publication: Publication) -> None:
        """Bring a message to the connections of all processes; one with ``replay`` gets its number, and is kept."""

    @abc.abstractmethod
    async def head(self, endpoint: str) -> Position:
        """Return how far the endpoint's sequence numbers are: who comes now has missed nothing up to there."""

    @abc.abstractmethod
    async def missed(self, endpoint: str, rooms: Collection[str], epoch: str, seq: int) -> Sequence[KeptMessage] | None:
        """Return what was published since ``seq``, all of it, oldest first; None if that cannot be done."""

    @abc.abstractmethod
    async def issue(self, grant: Grant, *, client: str, ttl: float, most: int) -> str:
        """Make a key.

        Args:
            grant: What it is good for.
            client: Whom it counts against.
            ttl: Seconds until it expires.
            most: How many ``client`` may have open at a time.

        Raises:
            TooManyTickets: If it has as many.
            BackplaneDown: If what is shared cannot be reached. So do the next two.

        """

    @abc.abstractmethod
    async def peek(self, key: str) -> Grant | None:
        """Return what a key is good for and leave it; None if it is unknown, used or expired."""

    @abc.abstractmethod
    async def redeem(self, key: str) -> Grant | None:
        """Use a key up: of all that try, in all processes, one gets the grant and the others None."""


def _nowhere(publication: Publication) -> None:
    raise RuntimeError(f"{publication.name} was published before a controller used this backplane")
