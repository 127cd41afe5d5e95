"""Channels, kept messages and one-time tickets that the processes of an application share.

Imports: ``errors``, ``endpoint``, ``config_checks``.

Entry points: :class:`.Backplane`; :func:`.backplane_at` creates one from a URL.
"""

from .backplane import Backplane, ChannelReceiver
from .backplane_url import backplane_at
from .channel import Channel, KeptMessage, Position
from .channel_log import ChannelLog, Outcome, Unknown
from .delivery_store import DeliveryStore
from .history_budget import HistoryBudget
from .memory import MemoryBackplane
from .publication import Publication
from .ticket_store import TicketGrant, TicketStore

__all__ = [
    "Backplane",
    "Channel",
    "ChannelLog",
    "ChannelReceiver",
    "DeliveryStore",
    "HistoryBudget",
    "KeptMessage",
    "MemoryBackplane",
    "Outcome",
    "Position",
    "Publication",
    "TicketGrant",
    "TicketStore",
    "Unknown",
    "backplane_at",
]
