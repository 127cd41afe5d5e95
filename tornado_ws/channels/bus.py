"""Bus: delivery of messages to the connections of all processes."""

from __future__ import annotations

import abc
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Bus", "Publication"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Publication:
    """Message for many connections, encoded once. All fields are plain data, so that other processes can receive it."""

    endpoint: str
    """Name of the endpoint."""
    name: str
    """Name of the message."""
    text: bytes
    """JSON text of the frame, without the sequence number."""
    room: str | None = None
    """Room of the recipients; None for all connections of the endpoint."""
    to: str | None = None
    """Id of the connection that receives it; None for all connections in ``room``."""
    exclude: frozenset[str] = frozenset()
    """Ids of connections that do not receive it."""
    volatile: bool = False
    """True if it may be dropped for a slow client."""
    latest: str | None = None
    """Key for coalescing: a slow client receives only the newest message with the same key."""
    replay: int = 0
    """Number of messages of this name to keep per room; 0 if the message is not kept."""
    seq: int | None = None
    """Sequence number, assigned when a kept message is published."""


class Bus(abc.ABC):
    """Delivery of publications to all processes of one application."""

    def __init__(self) -> None:
        self._deliver: Callable[[Publication], None] = _not_attached

    def attach(self, deliver: Callable[[Publication], None]) -> None:
        """Set the function that delivers to the connections of this process. Call it once, before :meth:`publish`."""
        self._deliver = deliver

    @property
    @abc.abstractmethod
    def local(self) -> bool:
        """True if this is the only process, so that a filter can select among all connections."""

    @property
    def healthy(self) -> bool:
        """True while this process receives the messages of other processes."""
        return True

    @abc.abstractmethod
    async def publish(self, publication: Publication) -> None:
        """Deliver a message to the connections of all processes.

        A message with ``replay`` is numbered and kept in the same step, so that messages are delivered in the order of
        their numbers.
        """

    def close(self) -> None:
        """Disconnect permanently, without waiting."""
        return None


def _not_attached(publication: Publication) -> None:
    raise RuntimeError(f"{publication.name} was published before a controller was attached to this backplane")
