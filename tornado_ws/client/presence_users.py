"""Users in the rooms of a client: each channel has a state, and then changes with numbers without gaps."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias
from urllib.parse import quote

from ..errors import ErrorData, InvalidFrame
from ..validation.envelopes import PAGE_PARAMETER, ChangedData, PresenceRow, PresentData
from ..validation.presence_frames import encode_request
from .events import PresenceChanged
from .timers import Timer, Timers

__all__ = ["PresenceUsers"]

FORGET_AFTER = 5.0
"""Seconds from the start of a connection until the rooms that it has not joined are forgotten."""

Metadata: TypeAlias = Any
"""Metadata of a device, of the type in the schema."""


@dataclass(kw_only=True, eq=False)
class _Channel:
    name: str
    epoch: str | None = None
    """Name of the sequence of changes; None until the state is known."""
    seq: int = 0
    """Number of the newest change."""
    devices: dict[str, tuple[str, Metadata]] = field(default_factory=dict)
    """Key of the user and metadata, by the name of the device."""
    parts: list[PresenceRow] | None = None
    """Parts of a state that is not complete."""
    held: list[ChangedData] = field(default_factory=list)
    """Changes that wait for the state."""


class PresenceUsers:
    """Devices of all channels by user. The rule is that of the page, in ``presence.ts``."""

    def __init__(
        self,
        decode: Callable[[bytes], Metadata],
        *,
        send: Callable[[bytes], None],
        emit: Callable[[PresenceChanged], None],
        invalid: Callable[[ErrorData], None],
        timers: Timers,
    ) -> None:
        """Create the users of a client.

        Args:
            decode: Function from JSON text to metadata.
            send: Function that sends a frame.
            emit: Function for events.
            invalid: Function for the error of invalid metadata, whose device is dropped.
            timers: Clock and timers.
        """
        self._name = secrets.token_urlsafe(16)
        self._decode = decode
        self._send = send
        self._emit = emit
        self._invalid = invalid
        self._timers = timers
        self._users: dict[str, tuple[Metadata, ...]] = {}
        self.by_key: Mapping[str, tuple[Metadata, ...]] = MappingProxyType(self._users)
        """Metadata of the devices of each user."""
        self._devices: dict[str, dict[tuple[str, str], Metadata]] = {}
        """Metadata by user, and by the names of the channel and the device."""
        self._known: dict[str, _Channel] = {}
        self._joined: dict[int, _Channel] = {}
        """Channels of this connection, by number."""
        self._timer: Timer | None = None

    def named(self, url: str) -> str:
        """Return the URL of a connection with the name of the client."""
        joint = "&" if "?" in url else "?"
        return f"{url}{joint}{quote(PAGE_PARAMETER)}={self._name}"

    def open(self) -> None:
        """Begin a new connection; channels that it does not join are forgotten."""
        self._joined = {}
        self._cancel_timer()
        self._timer = self._timers.call_later(FORGET_AFTER, self._forget_others)

    def stop(self) -> None:
        """End a connection; the users stay until the next one is open."""
        self._cancel_timer()

    def close(self) -> None:
        """Forget all users, because there will be no other connection."""
        self._joined = {}
        self._forget_others()

    def offer(self, ch: int, name: str) -> None:
        """Request the changes of a channel that the client has joined, or its state."""
        channel = self._known.setdefault(name, _Channel(name=name))
        channel.parts, channel.held = None, []
        self._joined[ch] = channel
        self._request(channel, ch)

    def leave(self, ch: int) -> None:
        """Forget a channel; ignore an unknown number."""
        channel = self._joined.pop(ch, None)
        if channel is not None:
            self._forget(channel)

    def present(self, data: PresentData) -> None:
        """Take a part of a state; with the last one, it replaces the devices of its channel."""
        channel = self._joined.get(data.ch)
        if channel is None:
            return
        channel.parts = [*(channel.parts or ()), *data.entries]
        if data.more:
            return
        rows, channel.parts = channel.parts, None
        channel.epoch, channel.seq = data.epoch, data.seq
        found = self._read(rows)
        self._apply(channel, found, [id for id in channel.devices if id not in found])
        held, channel.held = channel.held, []
        for change in held:
            self.change(change)

    def change(self, data: ChangedData) -> None:
        """Apply the next change, hold it until the state is complete, or request the state if one is missing."""
        channel = self._joined.get(data.ch)
        if channel is None:
            return
        if channel.parts is not None or channel.epoch is None:
            channel.held.append(data)
        elif data.seq == channel.seq + 1:
            channel.seq = data.seq
            self._apply(channel, self._read(data.entries), data.left)
        elif data.seq > channel.seq:
            channel.epoch = None
            self._request(channel, data.ch)

    def _request(self, channel: _Channel, ch: int) -> None:
        self._send(encode_request(ch, channel.epoch, None if channel.epoch is None else channel.seq))

    def _read(self, rows: Iterable[PresenceRow]) -> dict[str, tuple[str, Metadata]]:
        found: dict[str, tuple[str, Metadata]] = {}
        for row in rows:
            try:
                found[row.id] = (row.key, self._decode(bytes(row.metadata)))
            except InvalidFrame as invalid:
                self._invalid(invalid.error)
        return found

    def _apply(self, channel: _Channel, found: Mapping[str, tuple[str, Metadata]], left: Iterable[str]) -> None:
        """Change the devices of a channel, then the users, and report those that have joined, left or changed."""
        changed: dict[str, None] = {}
        for id in left:
            if id in channel.devices:
                key, _ = channel.devices.pop(id)
                del self._devices[key][channel.name, id]
                changed[key] = None
        for id, (key, metadata) in found.items():
            channel.devices[id] = (key, metadata)
            self._devices.setdefault(key, {})[channel.name, id] = metadata
            changed[key] = None
        self._report(changed)

    def _report(self, keys: Iterable[str]) -> None:
        joined, left, updated = set[str](), set[str](), set[str]()
        for key in keys:
            before, now = self._users.get(key), tuple(self._devices[key].values())
            if now:
                self._users[key] = now
            else:
                del self._devices[key]
                self._users.pop(key, None)
            if before is None and now:
                joined.add(key)
            elif before is not None and not now:
                left.add(key)
            elif before is not None and before != now:
                updated.add(key)
        if joined or left or updated:
            event = PresenceChanged(joined=frozenset(joined), left=frozenset(left), updated=frozenset(updated))
            self._emit(event)

    def _forget(self, channel: _Channel) -> None:
        self._known.pop(channel.name, None)
        self._apply(channel, {}, [*channel.devices])

    def _forget_others(self) -> None:
        self._cancel_timer()
        current = {channel.name for channel in self._joined.values()}
        for channel in [*self._known.values()]:
            if channel.name not in current:
                self._forget(channel)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
