"""Model of presence in one channel: processes with a real `PresenceSet`, a log that all of them read, and their pages.

A history is a random sequence of devices that come, change, disconnect, return and end, while processes lose messages,
are cut off, die and begin. At its end all processes and pages must agree with the devices that exist.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from typing import Final

import msgspec

from tornado_ws.presence import Device, Entry, PresenceSet
from tornado_ws.presence.entries import EntryRow, PresenceMessage

__all__ = ["GRACE", "Violation", "run_history"]

GRACE: Final = 10.0
KEYS: Final = ("ann", "bob", "eve")
WEIGHTS: Final = {
    "track": 10,
    "update": 6,
    "untrack": 3,
    "disconnect": 8,
    "send": 14,
    "deliver": 30,
    "page": 10,
    "wait": 6,
    "lose": 2,
    "cut": 1.5,
    "kill": 1,
    "start": 1.5,
}
"""Frequencies of the kinds of steps."""


class Violation(AssertionError):
    """State that differs from the devices that exist, or change that a page should not see."""


class Process:
    def __init__(self, name: str, log: list[PresenceMessage], numbers: itertools.count[int]) -> None:
        self.name = name
        self.set = PresenceSet(name, grace=GRACE, new_id=lambda: f"{name}-{next(numbers)}")
        self.devices: list[Device] = []
        self.metadata: dict[Device, bytes] = {}
        self.read = len(log)
        self.asks = True
        self.states = False
        self.page: dict[str, Entry] = {}
        """Entries as a page knows them, from the changes."""
        self.left: list[str] = []
        """Keys of the devices that the page saw leaving."""

    def messages(self) -> list[PresenceMessage]:
        """Return what the process sends."""
        asks, states = self.asks, self.states
        self.asks = self.states = False
        if states:
            entries, left = self.set.statement(), []
        else:
            entries, left = self.set.take_outgoing()
        if not (asks or states or entries or left):
            return []
        rows = [EntryRow(one.id, one.key, msgspec.Raw(one.metadata), one.away) for one in entries]
        parts = [rows[:2], rows[2:]]  # in two messages, as if there were many
        first = PresenceMessage(process=self.name, ask=asks, begin=states, entries=parts[0], left=list(left))
        return [first, PresenceMessage(process=self.name, end=states, entries=parts[1])]

    def receive(self, message: PresenceMessage) -> None:
        if message.process != self.name:
            self.set.receive(message)
            self.states |= message.ask

    def update_page(self) -> None:
        entries, left = self.set.take_changes()
        for id in left:
            self.left.append(self.page.pop(id).key)
        self.page |= {entry.id: entry for entry in entries}
        if self.page.keys() != self.set.visible.keys():
            raise Violation("the page has other devices than its process")


class History:
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.log: list[PresenceMessage] = []
        self.numbers = itertools.count(1)
        self.processes: list[Process] = []
        self.dead: list[str] = []
        self.now = 0.0
        for _ in range(3):
            self.start()

    def start(self) -> None:
        if len(self.processes) < 4:
            self.processes.append(Process(f"p{next(self.numbers)}", self.log, self.numbers))

    def run(self, steps: int) -> None:
        for kind in self.rng.choices(list(WEIGHTS), list(WEIGHTS.values()), k=steps):
            getattr(self, kind)()

    def any(self) -> Process:
        return self.rng.choice(self.processes)

    def track(self) -> None:
        one = self.any()
        text = b"%d" % next(self.numbers)
        device = one.set.track(None, self.rng.choice(KEYS), text)
        one.devices.append(device)
        one.metadata[device] = text

    def update(self) -> None:
        one = self.any()
        if one.devices:
            device, text = self.rng.choice(one.devices), b"%d" % next(self.numbers)
            one.set.track(device, device.key, text)
            one.metadata[device] = text

    def untrack(self) -> None:
        self._end(lambda one, device: one.set.untrack(device))

    def disconnect(self) -> None:
        self._end(lambda one, device: one.set.leave(device, self.now))

    def _end(self, end) -> None:
        one = self.any()
        if one.devices:
            device = one.devices.pop(self.rng.randrange(len(one.devices)))
            del one.metadata[device]
            end(one, device)

    def send(self) -> None:
        self.log += self.any().messages()

    def deliver(self) -> None:
        one = self.any()
        if one.read < len(self.log):
            one.receive(self.log[one.read])
            one.read += 1

    def page(self) -> None:
        self.any().update_page()

    def wait(self) -> None:
        self.now += self.rng.uniform(0, GRACE)
        for one in self.processes:
            one.set.end_grace(self.now)

    def lose(self) -> None:
        """Lose messages, which the backplane reports with a reset."""
        one = self.any()
        one.read = self.rng.randint(one.read, len(self.log))
        one.asks = one.states = True

    def cut(self) -> None:
        """Cut a process off for longer than its lease; it returns, and states its entries again."""
        one = self.any()
        for other in self.processes:
            if other is not one:
                other.set.drop_process(one.name)
        one.states = True

    def kill(self) -> None:
        if len(self.processes) > 1:
            one = self.any()
            self.processes.remove(one)
            self.dead.append(one.name)

    def finish(self) -> None:
        """Deliver everything, end all leases and grace times, and compare."""
        for _ in range(6):
            self.now += GRACE + 1
            for one in self.processes:
                for process in self.dead:
                    one.set.drop_process(process)
                one.set.end_grace(self.now)
                self.log += one.messages()
            for one in self.processes:
                while one.read < len(self.log):
                    one.receive(self.log[one.read])
                    one.read += 1
        expected = Counter((device.key, text) for one in self.processes for device, text in one.metadata.items())
        for one in self.processes:
            for process in self.dead:
                one.set.drop_process(process)
            one.update_page()
            found = Counter((key, entry.metadata) for key, all in one.set.by_key().items() for entry in all)
            if found != expected or Counter((entry.key, entry.metadata) for entry in one.page.values()) != expected:
                raise Violation(f"{one.name}: expected {expected}, got {found}")
            if any(entry.away for entry in one.set.visible.values()):
                raise Violation(f"{one.name}: a device is still away")


def run_history(seed: int, steps: int = 120) -> None:
    """Run one random history.

    Raises:
        Violation: If a process or a page is wrong at its end.
    """
    history = History(seed)
    history.run(steps)
    history.finish()
