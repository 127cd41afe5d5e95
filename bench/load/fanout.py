"""Load with messages of one client that go to all."""

from __future__ import annotations

import gc
import select
import time
from collections import deque
from dataclasses import dataclass

from ..cpu import LOAD_CORE, cpu_seconds, pinned
from .expected import Expected
from .frames import client_frame
from .link import PATIENCE, Link, LinkError
from .wires import SIZE, Wire

__all__ = ["COMPRESSED", "Fanned", "fan_out"]

WARM_UP = 0.3
COMPRESSED = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
"""Offers compression in the handshake."""


@dataclass(frozen=True, kw_only=True)
class Fanned:
    """What a server did in one window."""

    deliveries: int
    seconds: float
    cpu: float
    """Seconds of processor time of the server."""

    @property
    def per_cpu_second(self) -> float:
        """Deliveries per second of processor time."""
        return self.deliveries / self.cpu

    @property
    def busy(self) -> float:
        """The part of the window in which the server worked."""
        return self.cpu / self.seconds


def fan_out(
    port: int,
    pid: int,
    wire: Wire,
    *,
    path: str = "/say",
    connections: int,
    in_flight: int,
    seconds: float,
    size: int = SIZE,
    headers: str = "",
) -> Fanned:
    """Load a server for a time.

    Args:
        port: Where it listens.
        pid: Whose processor time is read.
        wire: Its protocol.
        path: Where it tells all what one says, unless the protocol says.
        connections: How many; one of them speaks, all listen.
        in_flight: Messages on the way at a time.
        seconds: How long to measure, after a shorter time to warm up.
        size: Bytes of a message.
        headers: More lines of the request.
    """
    links: list[Link] = []
    message = wire.message("say", 0, size)
    try:
        with pinned(LOAD_CORE):
            for _ in range(connections):
                links.append(link := Link(port, wire.query or path, headers=headers))
                wire.greet(link)
            time.sleep(0.2)  # the last ones may not be listening yet when the client's side is open
            links[0].send(message)
            listeners = [Expected(link, wire, message, in_flight) for link in links]
            return _Speech(listeners, client_frame(message.encode()), in_flight).measure(pid, seconds)
    finally:
        for link in links:
            link.close()


class _Speech:
    """Messages are said together, and again as many as have reached everybody."""

    def __init__(self, listeners: list[Expected], frame: bytes, in_flight: int) -> None:
        self.poll = select.epoll()
        self.by_descriptor = {listener.link.free(): listener for listener in listeners}
        for descriptor in self.by_descriptor:
            self.poll.register(descriptor, select.EPOLLIN)
        self.speak = listeners[0].send
        self.frame, self.in_flight = frame, in_flight
        self.heard_by = dict.fromkeys(self.by_descriptor, 0)
        self.listeners_of: deque[int] = deque()  # of each message on its way, how many have heard it
        self.done = self.deliveries = 0

    def measure(self, pid: int, seconds: float) -> Fanned:
        gc.disable()
        try:
            self.turn(seconds * WARM_UP)
            cpu, start, before = cpu_seconds(pid), time.perf_counter(), self.deliveries
            self.turn(seconds)
            return Fanned(
                deliveries=self.deliveries - before, seconds=time.perf_counter() - start, cpu=cpu_seconds(pid) - cpu
            )
        finally:
            gc.enable()
            self.poll.close()

    def turn(self, seconds: float) -> None:
        now = last = time.perf_counter()
        end = now + seconds
        while (now := time.perf_counter()) < end:
            if (room := self.in_flight - len(self.listeners_of)) > 0:
                self.speak(self.frame * room)
                self.listeners_of.extend([0] * room)
            events = self.poll.poll(0)
            if events:
                last = now
            elif now - last > PATIENCE:
                raise LinkError(f"expected messages, got nothing for {PATIENCE:g} s")
            for descriptor, _ in events:
                self.heard(descriptor, self.by_descriptor[descriptor].arrived())

    def heard(self, descriptor: int, count: int) -> None:
        self.deliveries += count
        first = self.heard_by[descriptor] - self.done
        self.heard_by[descriptor] += count
        for message in range(first, first + count):
            self.listeners_of[message] += 1
        while self.listeners_of and self.listeners_of[0] == len(self.by_descriptor):
            self.listeners_of.popleft()
            self.done += 1
