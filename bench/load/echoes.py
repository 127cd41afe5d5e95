"""Load with echoes: every connection keeps a number of messages on the way."""

from __future__ import annotations

import gc
import os
import select
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ..cpu import LOAD_CORE, cpu_seconds, pinned
from .expected import Expected
from .frames import client_frame
from .link import PATIENCE, Link, LinkError
from .wires import Wire

__all__ = ["Echoed", "load_echoes"]

WARM_UP = 0.3
"""The part of the measured time that is run before it."""


@dataclass(frozen=True, kw_only=True)
class Echoed:
    """What a server did in one window."""

    messages: int
    cpu: float
    """Seconds of processor time of the server."""

    @property
    def microseconds(self) -> float:
        """Processor time per message."""
        return self.cpu / self.messages * 1e6


def load_echoes(
    port: int, pid: int, wire: Wire, *, path: str = "/echo", connections: int, in_flight: int, seconds: float
) -> Echoed:
    """Load a server for a time.

    Args:
        port: Where it listens.
        pid: Whose processor time is read.
        wire: Its protocol.
        path: Where it echoes, unless the protocol says.
        connections: How many.
        in_flight: Messages on the way per connection.
        seconds: How long to measure, after a shorter time to warm up.
    """
    links: list[Link] = []
    try:
        with pinned(LOAD_CORE):
            echoers = []
            for number in range(connections):
                links.append(link := Link(port, wire.query or path))
                wire.greet(link)
                message = wire.message("echo", number)
                link.send(message)
                echoers.append(_Echoer(Expected(link, wire, message, in_flight), message, in_flight))
            return _measure(echoers, pid, in_flight, seconds)
    finally:
        for link in links:
            link.close()


class _Echoer:
    """A connection, and what it sends at a time."""

    def __init__(self, expected: Expected, message: str, in_flight: int) -> None:
        frame = client_frame(message.encode())
        self.frames = frame * in_flight
        self.link, self.arrived, self.send = expected.link, expected.arrived, expected.send


def _measure(echoers: Sequence[_Echoer], pid: int, in_flight: int, seconds: float) -> Echoed:
    volley = _Volley(echoers, pid, in_flight)
    gc.disable()
    try:
        volley.run(seconds * WARM_UP)
        cpu = cpu_seconds(pid)
        messages = volley.run(seconds)
        return Echoed(messages=messages, cpu=cpu_seconds(pid) - cpu)
    finally:
        gc.enable()
        volley.poll.close()


class _Volley:
    """All connections send, then all answers are read, and again.

    The server is stopped meanwhile and finds everything waiting, as it does under full load. So its figure does not
    depend on how fast its clients are: a server that has to be woken for each message looks worse the faster it is.
    """

    def __init__(self, echoers: Sequence[_Echoer], pid: int, in_flight: int) -> None:
        self.poll = select.epoll()
        self.by_descriptor = {echoer.link.free(): echoer for echoer in echoers}
        for descriptor in self.by_descriptor:
            self.poll.register(descriptor, select.EPOLLIN)
        self.pid, self.in_flight = pid, in_flight

    def run(self, seconds: float) -> int:
        total = 0
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            os.kill(self.pid, signal.SIGSTOP)
            for echoer in self.by_descriptor.values():
                echoer.send(echoer.frames)
            os.kill(self.pid, signal.SIGCONT)
            total += self.read(len(self.by_descriptor) * self.in_flight)
        return total

    def read(self, wanted: int) -> int:
        count = 0
        deadline = time.perf_counter() + PATIENCE
        while count < wanted:
            # Never asleep: to wake a process of another core takes time, and the server would be charged with it.
            events = self.poll.poll(0)
            if not events and time.perf_counter() > deadline:
                raise LinkError(f"expected {wanted} echoes, got {count} in {PATIENCE:g} s")
            for descriptor, _ in events:
                count += self.by_descriptor[descriptor].arrived()
        return count
