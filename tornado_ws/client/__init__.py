"""Clients of endpoints for scripts, services and devices, with the rules of the page's client.

Imports: ``argument_checks``, ``errors``, ``messages``, ``endpoint``, ``config_checks``, ``channels``, ``validation``,
``limits``.

Entry points: :class:`.clients.PersistentClient`, :class:`.clients.PersistentClientWithParams` and
:class:`.clients.EphemeralClient`, the base classes of generated clients.
"""

from .client_options import ClientOptions
from .events import ChannelReset, ChannelResumed, ClientState, Invalid, PresenceChanged, Refused, Status, Unconfirmed
from .reconnect import Backoff

__all__ = [
    "Backoff",
    "ChannelReset",
    "ChannelResumed",
    "ClientOptions",
    "ClientState",
    "Invalid",
    "PresenceChanged",
    "Refused",
    "Status",
    "Unconfirmed",
]
