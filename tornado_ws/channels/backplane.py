"""Backplane: the bus, the history and the ticket store of one application."""

from __future__ import annotations

from .bus import Bus
from .history import History
from .ticket_store import TicketStore

__all__ = ["Backplane"]


class Backplane:
    """Parts that the processes of one application share. Used from one event loop."""

    def __init__(self, *, bus: Bus, history: History, tickets: TicketStore) -> None:
        """Combine three parts.

        Args:
            bus: Delivers messages. It also adds messages with ``replay`` to ``history``, because a message is numbered,
                kept and published in one step.
            history: Positions and kept messages, for reading.
            tickets: Keys of one-time URLs.
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
