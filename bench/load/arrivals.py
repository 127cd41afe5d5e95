"""Arrival load: many clients enter a room, and some clients in it learn about each of them."""

from __future__ import annotations

import json
import select
import time
from dataclasses import dataclass
from typing import Literal

from ..cpu import LOAD_CORE, cpu_seconds, pinned
from .connection import TIMEOUT, ClientConnection, LoadError
from .crowd import raise_descriptor_limit
from .frames import client_frame
from .protocols import CHANNELS

__all__ = ["ArrivalResult", "arrive"]

PATH = "/gathering"
MARK = b'"~'
"""Start of each name in a frame; nothing else in it contains this."""
STEP = 50
"""Number of arrivals between two readings of the watchers."""


@dataclass(frozen=True, kw_only=True)
class ArrivalResult:
    """Arrival of all members."""

    members: int
    watchers: int
    seconds: float
    """Time from the first arrival until each watcher has received all of them."""
    cpu: float
    """Processor time of the server, in seconds."""
    received: int
    """Size of all frames to one watcher, in bytes."""

    @property
    def microseconds(self) -> float:
        """Processor time of the server for each member, in microseconds."""
        return self.cpu / self.members * 1e6


def arrive(port: int, pid: int, kind: Literal["enter", "announce"], *, members: int, watchers: int) -> ArrivalResult:
    """Let all members enter one after the other, without waiting.

    Args:
        port: Port of the server.
        pid: Process of the server.
        kind: Name of the message: ``enter`` for presence, ``announce`` for broadcasts.
        members: Number of members; each has its own connection.
        watchers: Number of clients that learn about them.
    """
    raise_descriptor_limit()
    opened: list[ClientConnection] = []
    try:
        with pinned(LOAD_CORE):
            for _ in range(watchers):
                opened.append(watcher := ClientConnection(port, PATH, headers=CHANNELS.headers))
                CHANNELS.handshake(watcher)
                watcher.send('{"type":"watch"}')
            for _ in range(members + 1):
                opened.append(ClientConnection(port, PATH))
            first, *others = opened[watchers:]
            for watcher in opened[:watchers]:
                watcher.send('{"type":"$ping"}')
                while json.loads(watcher.text())["type"] != "$pong":
                    pass
            first.socket.sendall(_frame(kind, 0))
            for watcher in opened[:watchers]:
                _begin(watcher, kind)
            return _Arrivals(opened[:watchers], others, kind).measure(pid)
    finally:
        for connection in opened:
            connection.close()


def _frame(kind: str, number: int) -> bytes:
    return client_frame(json.dumps({"type": kind, "data": {"name": f"~{number}"}}, separators=(",", ":")).encode())


def _begin(watcher: ClientConnection, kind: str) -> None:
    """Read the arrival of the first member, and request presence."""
    frame = json.loads(watcher.text())
    if kind == "enter":
        watcher.send(json.dumps({"type": "$presence", "data": {"ch": frame["data"]["ch"]}}))
        frame = json.loads(watcher.text())
    if frame["type"] != ("$present" if kind == "enter" else "entered"):
        raise LoadError(f"expected the first member, got {frame}")


class _Arrivals:
    def __init__(self, watchers: list[ClientConnection], members: list[ClientConnection], kind: str) -> None:
        self.members, self.frames = members, [_frame(kind, number) for number in range(1, len(members) + 1)]
        self.poll = select.epoll()
        self.watchers = {watcher.set_nonblocking(): watcher for watcher in watchers}
        for descriptor in self.watchers:
            self.poll.register(descriptor, select.EPOLLIN)
        self.received = dict.fromkeys(self.watchers, 0)
        """Number of bytes, by watcher."""
        self.names = dict.fromkeys(self.watchers, 0)
        """Number of members, by watcher."""
        self.last = dict.fromkeys(self.watchers, b"")

    def measure(self, pid: int) -> ArrivalResult:
        cpu, start = cpu_seconds(pid), time.perf_counter()
        for number, (member, frame) in enumerate(zip(self.members, self.frames, strict=True)):
            member.socket.sendall(frame)
            if number % STEP == 0:
                self.read()
        heard = time.perf_counter()
        while any(count < len(self.members) for count in self.names.values()):
            if self.read():
                heard = time.perf_counter()
            elif time.perf_counter() - heard > TIMEOUT:
                raise LoadError(f"expected {len(self.members)} members, got {min(self.names.values())}")
        self.poll.close()
        return ArrivalResult(
            members=len(self.members),
            watchers=len(self.watchers),
            seconds=time.perf_counter() - start,
            cpu=cpu_seconds(pid) - cpu,
            received=max(self.received.values()),
        )

    def read(self) -> int:
        events = self.poll.poll(0)
        for descriptor, _ in events:
            data = self.watchers[descriptor].socket.recv(1 << 20)
            if not data:
                raise LoadError("expected members, got the end of the connection")
            self.received[descriptor] += len(data)
            self.names[descriptor] += (self.last[descriptor] + data).count(MARK)
            self.last[descriptor] = data[-1:]
        return len(events)
