"""Rule of presence in one channel, without I/O: entries of all processes, and the changes that clients see."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from .entries import Device, Entry, PresenceMessage, new_id

__all__ = ["Changes", "PresenceSet"]


class Changes(NamedTuple):
    """Difference between two states of a set."""

    entries: Sequence[Entry]
    """New and changed entries."""
    left: Sequence[str]
    """Ids of the entries that have ended."""

    def __bool__(self) -> bool:
        return bool(self.entries or self.left)


class PresenceSet:
    """Entries of all processes in one channel. Each process states its own ones, and receives those of others.

    Several processes can hold the same entry while a device moves from one to another; clients see one of them. A
    process ends its own entry as soon as another one holds it.
    """

    __slots__ = (
        *("_away", "_away_until", "_before", "_devices", "_grace", "_holders", "_ids", "_keys", "_new_id"),
        *("_outgoing", "_process", "_stale", "visible"),
    )

    def __init__(self, process: str, *, grace: float, new_id: Callable[[], str] = new_id) -> None:
        """Begin without entries.

        Args:
            process: Id of this process.
            grace: Seconds for which a device stays after the end of its connection.
            new_id: Function that returns a new id.
        """
        self.visible: dict[str, Entry] = {}
        """Entries that clients see, by id."""
        self._process = process
        self._grace = grace
        self._new_id = new_id
        self._devices: dict[str, Device] = {}
        """Devices with a connection of this process, by id."""
        self._holders: dict[str, dict[str, Entry]] = {}
        """Entries by id and process."""
        self._ids: dict[str, dict[str, None]] = {}
        """Ids by process."""
        self._keys: dict[str, dict[str, None]] = {}
        """Visible ids by key, in order."""
        self._away: dict[str, dict[str, None]] = {}
        """Visible ids of devices that are away, by key, in order."""
        self._away_until: dict[str, float] = {}
        """Ends of the grace times of own entries, by id, in order."""
        self._stale: dict[str, dict[str, None]] = {}
        """Ids that an unfinished statement of a process has not contained yet."""
        self._before: dict[str, Entry | None] = {}
        """Earlier values of the entries that have changed since :meth:`take_changes`."""
        self._outgoing: dict[str, Entry | None] = {}
        """Own entries that have changed since they were sent to other processes."""

    # Own devices.

    @property
    def connected(self) -> int:
        """Number of devices with a connection of this process."""
        return len(self._devices)

    def track(self, device: Device | None, key: str, metadata: bytes) -> Device:
        """Add a device, or change its metadata.

        A new device takes the place of one of the same user that is away, if there is one.

        Args:
            device: Device to change; None for a new one. Another key makes it a new one.
            key: Key of the user.
            metadata: Metadata as JSON text.

        Returns:
            The device.
        """
        if device is not None and device.key != key:
            self.untrack(device)
            device = None
        if device is None:
            id = next(iter(self._away.get(key, ())), None) or self._new_id()
            device = self._devices[id] = Device(id, key)
            self._away_until.pop(id, None)
        self._put_own(Entry(device.id, key, metadata))
        return device

    def untrack(self, device: Device) -> None:
        """End a device."""
        if self._devices.get(device.id) is device:
            del self._devices[device.id]
            self._drop_own(device.id)

    def leave(self, device: Device, now: float) -> None:
        """End a device after the grace time, unless another connection of its user takes its place."""
        if self._devices.get(device.id) is not device:
            return
        if self._grace <= 0:
            self.untrack(device)
            return
        del self._devices[device.id]
        self._put_own(self._holders[device.id][self._process]._replace(away=True))
        self._away_until[device.id] = now + self._grace

    def end_grace(self, now: float) -> float | None:
        """End the own devices whose grace time has passed; return the time of the next one."""
        for id, until in tuple(self._away_until.items()):
            if until > now:
                return until
            del self._away_until[id]
            self._drop_own(id)
        return None

    # Other processes.

    @property
    def has_outgoing(self) -> bool:
        """True if own entries have changed since they were sent to other processes."""
        return bool(self._outgoing)

    @property
    def has_own(self) -> bool:
        """True if this process has entries, or changes of them to send."""
        return bool(self._ids.get(self._process) or self._outgoing)

    @property
    def processes(self) -> Collection[str]:
        """Ids of the other processes with entries."""
        return self._ids.keys() - {self._process}

    def take_outgoing(self) -> Changes:
        """Return the changes of own entries since the last call, for other processes."""
        outgoing, self._outgoing = self._outgoing, {}
        return Changes(
            [entry for entry in outgoing.values() if entry is not None],
            [id for id, entry in outgoing.items() if entry is None],
        )

    def statement(self) -> Sequence[Entry]:
        """Return all own entries, for other processes; this includes all changes."""
        self._outgoing = {}
        return [self._holders[id][self._process] for id in self._ids.get(self._process, ())]

    def receive(self, message: PresenceMessage) -> None:
        """Apply a message of another process. Messages of one process arrive in order."""
        process = message.process
        if process == self._process:
            return
        if message.begin:
            self._stale[process] = dict(self._ids.get(process, {}))
        stale = self._stale.get(process, {})
        for id, key, metadata, away in ((row.id, row.key, bytes(row.metadata), row.away) for row in message.entries):
            stale.pop(id, None)
            self._put(process, Entry(id, key, metadata, away))
            self._resolve(process, id, away)
        for id in message.left:
            stale.pop(id, None)
            self._drop(process, id)
        if message.end:
            for id in self._stale.pop(process, ()):
                self._drop(process, id)

    def drop_process(self, process: str) -> None:
        """End all entries of another process."""
        self._stale.pop(process, None)
        for id in tuple(self._ids.get(process, ())):
            self._drop(process, id)

    # State for clients.

    def take_changes(self) -> Changes:
        """Return the changes that clients see since the last call."""
        changed, self._before = self._before, {}
        entries, left = [], []
        for id, before in changed.items():
            now = self.visible.get(id)
            if now is None:
                if before is not None:
                    left.append(id)
            elif before is None or before[:3] != now[:3]:
                entries.append(now)
        return Changes(entries, left)

    def by_key(self) -> Mapping[str, Sequence[Entry]]:
        """Return the visible entries by key."""
        return {key: [self.visible[id] for id in ids] for key, ids in self._keys.items()}

    # Changes of single entries.

    def _resolve(self, process: str, id: str, away: bool) -> None:
        """End or rename the own entry with an id that another process holds, too."""
        own = self._holders[id].get(self._process)
        if own is None:
            return
        if own.away:
            if not away or process < self._process:
                self._away_until.pop(id, None)
                self._drop_own(id)
        elif not away and process < self._process:  # both have given the place of one device to another one
            device = self._devices.pop(id)
            self._drop_own(id)
            device.id = self._new_id()
            self._devices[device.id] = device
            self._put_own(own._replace(id=device.id))

    def _put_own(self, entry: Entry) -> None:
        self._outgoing[entry.id] = entry
        self._put(self._process, entry)

    def _drop_own(self, id: str) -> None:
        self._outgoing[id] = None
        self._drop(self._process, id)

    def _put(self, process: str, entry: Entry) -> None:
        self._holders.setdefault(entry.id, {})[process] = entry
        self._ids.setdefault(process, {})[entry.id] = None
        self._show(entry.id)

    def _drop(self, process: str, id: str) -> None:
        holders = self._holders.get(id, {})
        if holders.pop(process, None) is None:
            return
        _discard(self._ids, process, id)
        if not holders:
            del self._holders[id]
        self._show(id)

    def _show(self, id: str) -> None:
        """Select the entry that clients see: a present one before one that is away, then by process."""
        before = self.visible.get(id)
        holders = self._holders.get(id)
        self._before.setdefault(id, before)
        if before is not None and before.away:
            _discard(self._away, before.key, id)
        if not holders:
            if before is not None:
                del self.visible[id]
                _discard(self._keys, before.key, id)
            return
        entry = min(holders.items(), key=_rank)[1] if len(holders) > 1 else next(iter(holders.values()))
        if before is not None and before.key != entry.key:
            _discard(self._keys, before.key, id)
        self.visible[id] = entry
        self._keys.setdefault(entry.key, {})[id] = None
        if entry.away:
            self._away.setdefault(entry.key, {})[id] = None


def _rank(holder: tuple[str, Entry]) -> tuple[bool, str]:
    process, entry = holder
    return entry.away, process


def _discard(index: dict[str, dict[str, None]], name: str, id: str) -> None:
    """Remove an id from an index without empty values."""
    ids: Iterable[str] | dict[str, None] = index.get(name, {})
    if isinstance(ids, dict) and id in ids:
        del ids[id]
        if not ids:
            del index[name]
