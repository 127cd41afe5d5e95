"""Paced load: messages to all clients at a steady rate, while some clients do not read."""

from __future__ import annotations

import contextlib
import select
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ..cpu import LOAD_CORE, pinned, resident_bytes
from .connection import ClientConnection, LoadError
from .frames import CLOSE, PING, PONG, client_frame, frame_payload, split_frames
from .protocols import MessageProtocol

__all__ = ["PacedResult", "pace"]

STOPPED_RECEIVE_BUFFER = 4096
"""Receive buffer of clients that do not read, in bytes."""
GRACE = 5.0
"""Maximum time to wait for the last messages, in seconds."""


@dataclass(frozen=True, kw_only=True)
class PacedResult:
    """Deliveries and memory of a server."""

    expected: int
    """Number of messages for all reading clients together."""
    delivered: int
    latencies: Sequence[float]
    """Latency of each message, in seconds."""
    growth: int
    """Maximum growth of the server's memory, in bytes."""
    codes: Sequence[int | None]
    """Close codes of the clients that did not read."""

    def latency(self, percentile: int) -> float:
        """Return a percentile of the latencies, in seconds."""
        return statistics.quantiles(self.latencies, n=100)[percentile - 1]


def pace(
    port: int,
    pid: int,
    protocol: MessageProtocol,
    *,
    path: str = "/say",
    readers: int,
    stopped: int,
    rate: float,
    seconds: float,
    size: int,
) -> PacedResult:
    """Load a server for a limited time.

    Args:
        port: Port of the server.
        pid: Process of the server.
        protocol: Protocol of the server.
        path: Path of the broadcast, unless the protocol defines it.
        readers: Number of connections that read. The first one also sends.
        stopped: Number of connections that do not read.
        rate: Messages per second.
        seconds: Duration.
        size: Size of a message, in bytes.
    """
    opened: list[ClientConnection] = []
    try:
        with pinned(LOAD_CORE):
            for number in range(readers + stopped):
                receive_buffer = None if number < readers else STOPPED_RECEIVE_BUFFER
                connection = ClientConnection(port, protocol.path or path, receive_buffer=receive_buffer)
                opened.append(connection)
                protocol.handshake(connection)
            time.sleep(0.2)
            messages = [protocol.message("say", number, size) for number in range(int(rate * seconds) + 1)]
            load = _PacedLoad(opened[:readers], protocol, messages)
            growth = load.run(rate, pid)
            return PacedResult(
                expected=readers * (len(messages) - 1),
                delivered=len(load.latencies),
                latencies=load.latencies,
                growth=growth,
                codes=[connection.close_code() for connection in opened[readers:]],
            )
    finally:
        for connection in opened:
            connection.close()


class _PacedLoad:
    """Sender and readers. The first message is a warm-up; the others must arrive in order."""

    def __init__(
        self, connections: Sequence[ClientConnection], protocol: MessageProtocol, messages: Sequence[str]
    ) -> None:
        connections[0].send(messages[0])
        for connection in connections:
            if not protocol.is_same(messages[0], received := connection.text()):
                raise LoadError(f"expected {messages[0][:100]!r}, got {received[:100]!r}")
        self.frames = [client_frame(message.encode()) for message in messages]
        self.messages, self.protocol = messages, protocol
        self.readers = {connection.set_nonblocking(): _Reader(connection) for connection in connections}
        self.sender = connections[0].socket
        self.unsent = b""
        self.sent_at: list[float] = []
        self.latencies: list[float] = []
        self.verified: list[bytes] = [messages[0].encode()]
        """Payload of each message in the form of the server, once its content was compared."""

    def run(self, rate: float, pid: int) -> int:
        poll = select.epoll()
        for descriptor in self.readers:
            poll.register(descriptor, select.EPOLLIN)
        before = peak = resident_bytes(pid)
        start = time.perf_counter()
        count = len(self.frames) - 1
        sampled_at = 0.0
        while (now := time.perf_counter()) < start + count / rate + GRACE:
            self._send(min(count, int((now - start) * rate) + 1), now)
            if now - sampled_at > 0.05:
                peak, sampled_at = max(peak, resident_bytes(pid)), now
            for descriptor, _ in poll.poll(0.001):
                if not self._read(self.readers[descriptor]):
                    poll.unregister(descriptor)
            if len(self.latencies) == count * len(self.readers):
                break
        poll.close()
        return max(peak, resident_bytes(pid)) - before

    def _send(self, until: int, now: float) -> None:
        while len(self.sent_at) < until:
            self.sent_at.append(now)
            self.unsent += self.frames[len(self.sent_at)]
        if self.unsent:
            with contextlib.suppress(BlockingIOError):
                self.unsent = self.unsent[self.sender.send(self.unsent) :]

    def _read(self, reader: _Reader) -> bool:
        socket = reader.connection.socket
        try:
            data = socket.recv(1 << 18)
        except ConnectionResetError:
            data = b""
        now = time.perf_counter()
        frames, reader.rest = split_frames(reader.rest + data)
        for frame in frames:
            content = frame_payload(frame)
            if frame[0] & 15 == PING:
                socket.send(client_frame(content, PONG))
            elif frame[0] & 15 == CLOSE:
                return False
            elif (pong := self.protocol.pong(content)) is not None:
                socket.send(client_frame(pong.encode()))
            else:
                self._verify(content, reader.next)
                self.latencies.append(now - self.sent_at[reader.next - 1])
                reader.next += 1
        return bool(data)

    def _verify(self, content: bytes, number: int) -> None:
        if number == len(self.verified):
            if not self.protocol.is_same(self.messages[number], content.decode()):
                raise LoadError(f"expected {self.messages[number][:100]!r}, got {content[:100]!r}")
            self.verified.append(content)
        elif content != self.verified[number]:
            raise LoadError(f"expected {self.verified[number][:100]!r}, got {content[:100]!r}")


class _Reader:
    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.rest = b""
        self.next = 1
        """Number of the next message."""
