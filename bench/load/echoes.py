"""Echo load: each connection keeps a fixed number of messages in flight."""

from __future__ import annotations

import gc
import os
import select
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ..cpu import LOAD_CORE, cpu_seconds, pinned
from .connection import TIMEOUT, ClientConnection, LoadError
from .frames import client_frame
from .protocols import MessageProtocol
from .receiver import Receiver

__all__ = ["EchoResult", "load_echoes"]

WARM_UP = 0.3
"""Duration of the warm-up, as a fraction of the measured time."""


@dataclass(frozen=True, kw_only=True)
class EchoResult:
    """Work of a server in one window."""

    messages: int
    cpu: float
    """Processor time of the server, in seconds."""

    @property
    def microseconds(self) -> float:
        """Processor time per message."""
        return self.cpu / self.messages * 1e6


def load_echoes(
    port: int,
    pid: int,
    protocol: MessageProtocol,
    *,
    path: str = "/echo",
    connections: int,
    in_flight: int,
    seconds: float,
) -> EchoResult:
    """Load a server for a limited time.

    Args:
        port: Port of the server.
        pid: Process of the server.
        protocol: Protocol of the server.
        path: Path of the echo, unless the protocol defines it.
        connections: Number of connections.
        in_flight: Number of messages in flight per connection.
        seconds: Duration of the measurement, which follows a warm-up.
    """
    opened: list[ClientConnection] = []
    try:
        with pinned(LOAD_CORE):
            clients = []
            for number in range(connections):
                opened.append(connection := ClientConnection(port, protocol.path or path))
                protocol.handshake(connection)
                message = protocol.message("echo", number)
                connection.send(message)
                receiver = Receiver(connection, protocol, message, in_flight)
                clients.append(_EchoClient(receiver, message, in_flight))
            return _measure(clients, pid, in_flight, seconds)
    finally:
        for connection in opened:
            connection.close()


class _EchoClient:
    """Connection, and the frames that it sends together."""

    def __init__(self, receiver: Receiver, message: str, in_flight: int) -> None:
        frame = client_frame(message.encode())
        self.frames = frame * in_flight
        self.connection, self.receive, self.send = receiver.connection, receiver.receive, receiver.send


def _measure(clients: Sequence[_EchoClient], pid: int, in_flight: int, seconds: float) -> EchoResult:
    load = _EchoLoad(clients, pid, in_flight)
    gc.disable()
    try:
        load.run(seconds * WARM_UP)
        cpu = cpu_seconds(pid)
        messages = load.run(seconds)
        return EchoResult(messages=messages, cpu=cpu_seconds(pid) - cpu)
    finally:
        gc.enable()
        load.poll.close()


class _EchoLoad:
    """Loop in which all connections send, and then all answers are read.

    The server is stopped while the clients send, and then finds every message waiting, as it does under full load. So
    its figure does not depend on the speed of its clients: a server that is woken for each message looks worse the
    faster it is.
    """

    def __init__(self, clients: Sequence[_EchoClient], pid: int, in_flight: int) -> None:
        self.poll = select.epoll()
        self.by_descriptor = {client.connection.set_nonblocking(): client for client in clients}
        for descriptor in self.by_descriptor:
            self.poll.register(descriptor, select.EPOLLIN)
        self.pid, self.in_flight = pid, in_flight

    def run(self, seconds: float) -> int:
        total = 0
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            os.kill(self.pid, signal.SIGSTOP)
            for client in self.by_descriptor.values():
                client.send(client.frames)
            os.kill(self.pid, signal.SIGCONT)
            total += self.read(len(self.by_descriptor) * self.in_flight)
        return total

    def read(self, expected: int) -> int:
        count = 0
        deadline = time.perf_counter() + TIMEOUT
        while count < expected:
            # Poll without sleeping: the time to wake a process on another core would count for the server.
            events = self.poll.poll(0)
            if not events and time.perf_counter() > deadline:
                raise LoadError(f"expected {expected} echoes, got {count} in {TIMEOUT:g} s")
            for descriptor, _ in events:
                count += self.by_descriptor[descriptor].receive()
        return count
