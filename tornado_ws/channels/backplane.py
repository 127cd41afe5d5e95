"""Backplane: the bus, the history, the tickets and the deliveries of one application."""

from __future__ import annotations

from .bus import Bus
from .delivery_store import DeliveryStore
from .history import History
from .ticket_store import TicketStore

__all__ = ["Backplane"]


class Backplane:
    """Bus, history and stores, shared by the processes of one application. Use it from one event loop."""

    def __init__(self, *, bus: Bus, history: History, tickets: TicketStore, deliveries: DeliveryStore) -> None:
        """Combine four parts.

        Args:
            bus: Bus for messages. It also adds messages with ``replay`` to ``history``, because numbering, keeping and
                publishing are one step.
            history: Positions and kept messages.
            tickets: Store for the keys of one-time URLs.
            deliveries: Store for notes about acknowledged messages.
        """
        self.bus = bus
        self.history = history
        self.tickets = tickets
        self.deliveries = deliveries

    def close(self) -> None:
        """Disconnect permanently, without waiting. Keys and messages in the memory of this process are discarded."""
        self.bus.close()
        self.history.close()
        self.tickets.close()
        self.deliveries.close()

    async def stop(self) -> None:
        """Disconnect permanently, and wait until the connections are closed."""
        self.close()
