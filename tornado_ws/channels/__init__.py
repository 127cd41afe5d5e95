"""Channels, kept messages, one-time tickets and notes about deliveries, shared by the processes of an application.

Imports: ``errors``, ``endpoint``, ``config_checks``, ``histogram``, ``loggers``.

Entry points: :class:`.Backplane`; :func:`.backplane_at` creates one from a URL.
"""

from .backplane import Backplane, ChannelReceiver
from .backplane_url import backplane_at
from .channel import Channel, KeptMessage, Position
from .channel_log import ChannelLog, LogStatus, Unknown
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
    "LogStatus",
    "MemoryBackplane",
    "Position",
    "Publication",
    "TicketGrant",
    "TicketStore",
    "Unknown",
    "backplane_at",
]
