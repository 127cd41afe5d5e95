"""Presence: the tracked devices of each channel, shared by the processes of an application.

Imports: ``channels``, ``endpoint``, ``errors``.

Entry point: :class:`.SharedPresence`; :class:`.PresenceSet` is the rule of one channel.
"""

from .channel_presence import ChannelPresence
from .entries import Device, Entry
from .presence_set import PresenceSet
from .shared_presence import SharedPresence

__all__ = ["ChannelPresence", "Device", "Entry", "PresenceSet", "SharedPresence"]
