"""Fan-out load: messages of one client that the server sends to all clients."""

from __future__ import annotations

import gc
import select
import time
from collections import deque
from dataclasses import dataclass

from ..cpu import LOAD_CORE, cpu_seconds, pinned
from .connection import TIMEOUT, ClientConnection, LoadError
from .frames import client_frame
from .protocols import SIZE, MessageProtocol
from .receiver import Receiver

__all__ = ["COMPRESSED", "FanoutResult", "fan_out"]

WARM_UP = 0.3
"""Duration of the warm-up, as a fraction of the measured time."""
COMPRESSED = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
"""Header that offers compression in the handshake."""


@dataclass(frozen=True, kw_only=True)
class FanoutResult:
    """Work of a server in one window."""

    deliveries: int
    seconds: float
    cpu: float
    """Processor time of the server, in seconds."""

    @property
    def per_cpu_second(self) -> float:
        """Deliveries per second of processor time."""
        return self.deliveries / self.cpu

    @property
    def utilization(self) -> float:
        """Processor time as a fraction of the window."""
        return self.cpu / self.seconds


def fan_out(
    port: int,
    pid: int,
    protocol: MessageProtocol,
    *,
    path: str = "/say",
    connections: int,
    in_flight: int,
    seconds: float,
    size: int = SIZE,
    headers: str = "",
) -> FanoutResult:
    """Load a server for a limited time.

    Args:
        port: Port of the server.
        pid: Process of the server.
        protocol: Protocol of the server.
        path: Path of the broadcast, unless the protocol defines it.
        connections: Number of connections. All receive, one of them sends.
        in_flight: Number of messages in flight.
        seconds: Duration of the measurement, which follows a warm-up.
        size: Size of a message, in bytes.
        headers: Additional header lines of the handshake.
    """
    opened: list[ClientConnection] = []
    message = protocol.message("say", 0, size)
    try:
        with pinned(LOAD_CORE):
            for _ in range(connections):
                opened.append(connection := ClientConnection(port, protocol.path or path, headers=headers))
                protocol.handshake(connection)
            time.sleep(0.2)  # the server may register the last connections after their handshake
            opened[0].send(message)
            receivers = [Receiver(connection, protocol, message, in_flight) for connection in opened]
            return _FanoutLoad(receivers, client_frame(message.encode()), in_flight).measure(pid, seconds)
    finally:
        for connection in opened:
            connection.close()


class _FanoutLoad:
    """Loop that sends a message for each message that has reached all connections."""

    def __init__(self, receivers: list[Receiver], frame: bytes, in_flight: int) -> None:
        self.poll = select.epoll()
        self.by_descriptor = {receiver.connection.set_nonblocking(): receiver for receiver in receivers}
        for descriptor in self.by_descriptor:
            self.poll.register(descriptor, select.EPOLLIN)
        self.send = receivers[0].send
        self.frame, self.in_flight = frame, in_flight
        self.received_by = dict.fromkeys(self.by_descriptor, 0)
        """Number of messages, by connection."""
        self.recipients: deque[int] = deque()
        """Number of connections that have received each message in flight."""
        self.completed = self.deliveries = 0

    def measure(self, pid: int, seconds: float) -> FanoutResult:
        gc.disable()
        try:
            self.run(seconds * WARM_UP)
            cpu, start, before = cpu_seconds(pid), time.perf_counter(), self.deliveries
            self.run(seconds)
            return FanoutResult(
                deliveries=self.deliveries - before, seconds=time.perf_counter() - start, cpu=cpu_seconds(pid) - cpu
            )
        finally:
            gc.enable()
            self.poll.close()

    def run(self, seconds: float) -> None:
        now = last = time.perf_counter()
        end = now + seconds
        while (now := time.perf_counter()) < end:
            if (free := self.in_flight - len(self.recipients)) > 0:
                self.send(self.frame * free)
                self.recipients.extend([0] * free)
            events = self.poll.poll(0)
            if events:
                last = now
            elif now - last > TIMEOUT:
                raise LoadError(f"expected messages, got nothing for {TIMEOUT:g} s")
            for descriptor, _ in events:
                self.count(descriptor, self.by_descriptor[descriptor].receive())

    def count(self, descriptor: int, messages: int) -> None:
        self.deliveries += messages
        first = self.received_by[descriptor] - self.completed
        self.received_by[descriptor] += messages
        for message in range(first, first + messages):
            self.recipients[message] += 1
        while self.recipients and self.recipients[0] == len(self.by_descriptor):
            self.recipients.popleft()
            self.completed += 1
