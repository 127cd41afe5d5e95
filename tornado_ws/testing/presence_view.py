"""Presence as a client of tests sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..validation.envelopes import ChangedData, PresenceRow, PresentData

__all__ = ["PresenceView"]


class _Channel:
    """State of one channel: entries, and the number of its newest change."""

    def __init__(self) -> None:
        self.entries: dict[str, tuple[str, Any]] = {}
        self.seq: int | None = None
        self.part: dict[str, tuple[str, Any]] = {}
        self.held: list[ChangedData] = []


class PresenceView:
    """Devices in the channels of one connection. A change without those before it fails the test."""

    def __init__(self, decode: Callable[[bytes], Any]) -> None:
        """Begin without channels.

        Args:
            decode: Function that returns metadata from JSON text.
        """
        self._decode = decode
        self._channels: dict[int, _Channel] = {}
        self.changes = 0
        """Number of changes that the client has received."""

    @property
    def by_key(self) -> Mapping[str, Sequence[Any]]:
        """Metadata of the devices by key."""
        found: dict[str, list[Any]] = {}
        for channel in self._channels.values():
            for key, metadata in channel.entries.values():
                found.setdefault(key, []).append(metadata)
        return {key: tuple(devices) for key, devices in found.items()}

    def offer(self, ch: int) -> None:
        """Begin a channel."""
        self._channels[ch] = _Channel()

    def leave(self, ch: int) -> None:
        """End a channel, if it is known."""
        self._channels.pop(ch, None)

    def present(self, data: PresentData) -> None:
        """Apply a part of a state, and with the last one the changes that came meanwhile."""
        channel = self._channels[data.ch]
        channel.part |= self._read(data.entries)
        if data.more:
            return
        channel.entries, channel.part, channel.seq = channel.part, {}, data.seq
        held, channel.held = channel.held, []
        for change in held:
            self.change(change)

    def change(self, data: ChangedData) -> None:
        """Apply a change.

        Raises:
            AssertionError: If an earlier one is missing.
        """
        channel = self._channels[data.ch]
        if channel.seq is None or channel.part:
            channel.held.append(data)
            return
        if data.seq != channel.seq + 1:
            raise AssertionError(f"expected change {channel.seq + 1} of presence, got {data.seq}")
        self.changes += 1
        channel.seq = data.seq
        channel.entries |= self._read(data.entries)
        for id in data.left:
            del channel.entries[id]

    def _read(self, rows: Sequence[PresenceRow]) -> dict[str, tuple[str, Any]]:
        return {row.id: (row.key, self._decode(bytes(row.metadata))) for row in rows}
