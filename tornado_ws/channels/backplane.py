"""Backplane: the bus, the history and the ticket store of one application."""

from __future__ import annotations

from .bus import Bus
from .history import History
from .ticket_store import TicketStore

__all__ = ["Backplane"]


class Backplane:
    """Bus, history and ticket store, shared by the processes of one application. Use it from one event loop."""

    def __init__(self, *, bus: Bus, history: History, tickets: TicketStore) -> None:
        """Combine three parts.

        Args:
            bus: Bus for messages. It also adds messages with ``replay`` to ``history``, because numbering, keeping and
                publishing are one step.
            history: Positions and kept messages.
            tickets: Store for the keys of one-time URLs.
        """
        self.bus = bus
        self.history = history
        self.tickets = tickets

    def close(self) -> None:
        """Disconnect permanently, without waiting. Keys and messages in the memory of this process are discarded."""
        self.bus.close()
        self.history.close()
        self.tickets.close()

    async def stop(self) -> None:
        """Disconnect permanently, and wait until the connections are closed."""
        self.close()
