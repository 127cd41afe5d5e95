"""Load with echoes: every connection keeps a number of messages on the way."""

from __future__ import annotations

import gc
import select
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
    seconds: float
    cpu: float
    """Seconds of processor time of the server."""

    @property
    def microseconds(self) -> float:
        """Processor time per message."""
        return self.cpu / self.messages * 1e6

    @property
    def busy(self) -> float:
        """The part of the window in which the server worked; far from 1 the load was the limit."""
        return self.cpu / self.seconds


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
    """A connection and its message, once, twice and more often in a row."""

    def __init__(self, expected: Expected, message: str, in_flight: int) -> None:
        frame = client_frame(message.encode())
        self.frames = [frame * count for count in range(in_flight + 1)]
        self.link, self.arrived, self.send = expected.link, expected.arrived, expected.send


def _measure(echoers: Sequence[_Echoer], pid: int, in_flight: int, seconds: float) -> Echoed:
    poll = select.epoll()
    by_descriptor = {}
    for echoer in echoers:
        descriptor = echoer.link.free()
        by_descriptor[descriptor] = echoer
        poll.register(descriptor, select.EPOLLIN)
        echoer.send(echoer.frames[in_flight])
    gc.disable()
    try:
        _turn(poll, by_descriptor, seconds * WARM_UP)
        cpu, start = cpu_seconds(pid), time.perf_counter()
        messages = _turn(poll, by_descriptor, seconds)
        return Echoed(messages=messages, seconds=time.perf_counter() - start, cpu=cpu_seconds(pid) - cpu)
    finally:
        gc.enable()
        poll.close()


def _turn(poll: select.epoll, by_descriptor: dict[int, _Echoer], seconds: float) -> int:
    total = 0
    now = heard = time.perf_counter()
    end = now + seconds
    while (now := time.perf_counter()) < end:
        # Never asleep: to wake a process of another core takes time, and the server would be charged with it.
        events = poll.poll(0)
        if events:
            heard = now
        elif now - heard > PATIENCE:
            raise LinkError(f"expected echoes, got nothing for {PATIENCE:g} s")
        for descriptor, _ in events:
            echoer = by_descriptor[descriptor]
            if count := echoer.arrived():
                echoer.send(echoer.frames[count])
                total += count
    return total
