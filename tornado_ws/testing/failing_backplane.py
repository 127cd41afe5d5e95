"""Backplane whose failure a test decides about."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from ..channels import Channel, KeptMessage, Position, Publication
from ..channels.delivery_store import DeliveryOutcome, DeliveryState
from ..channels.memory import MemoryBackplane
from ..channels.memory_deliveries import MemoryDeliveryStore
from ..channels.memory_tickets import MemoryTicketStore
from ..channels.ticket_store import TicketGrant
from ..errors import BackplaneDown

__all__ = ["FailingBackplane"]


class _Outage:
    """State that the backplane and its stores share."""

    def __init__(self) -> None:
        self.failing = False
        self.over = asyncio.Event()
        """Set while there is no failure."""
        self.over.set()

    def check(self) -> None:
        if self.failing:
            raise BackplaneDown("a test made it fail")


class _Tickets(MemoryTicketStore):
    def __init__(self, outage: _Outage, clock: Callable[[], float]) -> None:
        super().__init__(clock=clock)
        self._outage = outage

    async def issue(self, grant: TicketGrant, *, client: str, ttl: float, limit: int) -> str:
        self._outage.check()
        return await super().issue(grant, client=client, ttl=ttl, limit=limit)

    async def peek(self, key: str) -> TicketGrant | None:
        self._outage.check()
        return await super().peek(key)

    async def redeem(self, key: str) -> TicketGrant | None:
        self._outage.check()
        return await super().redeem(key)


class _Deliveries(MemoryDeliveryStore):
    def __init__(self, outage: _Outage, clock: Callable[[], float]) -> None:
        super().__init__(clock=clock)
        self._outage = outage

    async def begin(self, key: str) -> DeliveryOutcome | DeliveryState:
        self._outage.check()
        return await super().begin(key)


class FailingBackplane(MemoryBackplane):
    """Backplane in memory that fails from :meth:`fail` to :meth:`recover`, as Redis does while it cannot be reached.

    Meanwhile, ``send`` of messages with ``replay`` raises :exc:`.BackplaneDown`, one-time URLs are neither issued nor
    redeemed, and acknowledged messages are answered with ``unavailable``. Other messages reach their clients.
    Nothing is lost.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Create a backplane that works.

        Args:
            clock: Current time, in seconds; that of the controller.
        """
        super().__init__(clock=clock)
        self._outage = _Outage()
        self.tickets = _Tickets(self._outage, clock)
        self.deliveries = _Deliveries(self._outage, clock)

    def fail(self) -> None:
        """Fail from now on."""
        self._outage.failing = True
        self._outage.over.clear()

    def recover(self) -> None:
        """Work again."""
        self._outage.failing = False
        self._outage.over.set()

    @property
    def healthy(self) -> bool:
        """False while it fails."""
        return not self._outage.failing

    async def publish(self, publication: Publication) -> Position | None:
        """Deliver a message; keep it first if its schema says so."""
        if publication.history is not None:
            self._outage.check()
        return await super().publish(publication)

    async def missed(self, channel: Channel, position: Position) -> Sequence[KeptMessage] | None:
        """Return the messages after a position; wait while it fails."""
        await self._outage.over.wait()
        return await super().missed(channel, position)
