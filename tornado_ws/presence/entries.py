"""Entries of presence, and the messages about them between processes."""

from __future__ import annotations

import base64
import secrets
from typing import NamedTuple

import msgspec

__all__ = ["Beat", "Device", "Entry", "EntryRow", "PresenceMessage", "new_id"]


class Entry(NamedTuple):
    """Device of a user in one channel, as one process states it."""

    id: str
    """Random name of the device, the same in all processes. Its key never changes."""
    key: str
    """Key of the user."""
    metadata: bytes
    """Metadata as JSON text."""
    away: bool = False
    """True in the grace time after the end of its connection: another connection of the user can take its place."""


class Device:
    """Device with a connection of this process. Its id changes if another process has given it away as well."""

    __slots__ = ("id", "key")

    def __init__(self, id: str, key: str) -> None:
        self.id = id
        """Id of its entry."""
        self.key = key
        """Key of its user."""


class EntryRow(msgspec.Struct, array_like=True, frozen=True):
    """Entry in a message."""

    id: str
    key: str
    metadata: msgspec.Raw
    away: bool = False


class PresenceMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Entries of one process in one channel: changes, or a part of a statement.

    A statement contains all entries of the process. Its first message has ``begin``, its last one ``end``.
    """

    process: str
    """Id of the process."""
    round: int = 0
    """See :attr:`Beat.round`."""
    ask: bool = False
    """True if all other processes must state their entries."""
    begin: bool = False
    end: bool = False
    entries: list[EntryRow] = []
    """New and changed entries."""
    left: list[str] = []
    """Ids of the entries that have ended."""


class Beat(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Sign of life of a process, which renews the lease of its entries in all channels."""

    process: str
    """Id of the process."""
    lease: float
    """Seconds after which the entries of the process end without another sign of life."""
    round: int = 0
    """Number of times that the process has stated the entries of all channels again."""
    ask: dict[str, int] = {}
    """Processes whose entries have ended, and that live, with their last known rounds: they must begin another one."""


def new_id() -> str:
    """Return a random id for a device, of 12 characters."""
    return base64.urlsafe_b64encode(secrets.token_bytes(9)).decode()
