"""Bus, message history and one-time tickets that the processes of an application share.

Imports: ``errors``.

Entry points: :class:`.Backplane`; :func:`.backplane_at` creates one from a URL.
"""

from .backplane import Backplane
from .backplane_url import backplane_at
from .bus import Bus, Publication
from .delivery_store import NOTE_SECONDS, DeliveryState, DeliveryStore, Outcome
from .history import History, KeptMessage, Position
from .memory import MemoryBackplane
from .ticket_store import TicketGrant, TicketStore

__all__ = [
    "NOTE_SECONDS",
    "Backplane",
    "Bus",
    "DeliveryState",
    "DeliveryStore",
    "History",
    "KeptMessage",
    "MemoryBackplane",
    "Outcome",
    "Position",
    "Publication",
    "TicketGrant",
    "TicketStore",
    "backplane_at",
]
