"""Load with messages at a steady rate that go to all, of whom some have stopped reading."""

from __future__ import annotations

import contextlib
import select
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ..cpu import LOAD_CORE, pinned, resident
from .frames import CLOSE, PING, PONG, client_frame, payload, split
from .link import Link, LinkError
from .wires import Wire

__all__ = ["Paced", "pace"]

SMALL = 4096
"""Receive buffer of who does not read."""
AFTER = 5.0
"""Seconds to wait for the last messages."""


@dataclass(frozen=True, kw_only=True)
class Paced:
    """What came of it."""

    wanted: int
    """Messages that those who read should have got, all together."""
    delivered: int
    latencies: Sequence[float]
    """Of every message, in seconds."""
    growth: int
    """Bytes by which the server grew at most."""
    codes: Sequence[int | None]
    """With which those who did not read were closed, as they read in the end."""

    def latency(self, percent: int) -> float:
        """Return the latency in seconds that so many percent of the messages kept."""
        return statistics.quantiles(self.latencies, n=100)[percent - 1]


def pace(
    port: int,
    pid: int,
    wire: Wire,
    *,
    path: str = "/say",
    readers: int,
    stopped: int,
    rate: float,
    seconds: float,
    size: int,
) -> Paced:
    """Load a server for a time.

    Args:
        port: Where it listens.
        pid: Whose memory is looked at.
        wire: Its protocol.
        path: Where it tells all what one says, unless the protocol says.
        readers: Connections that read; the first one speaks, too.
        stopped: Connections that do not.
        rate: Messages per second.
        seconds: How long.
        size: Bytes of a message.
    """
    links: list[Link] = []
    try:
        with pinned(LOAD_CORE):
            for number in range(readers + stopped):
                links.append(link := Link(port, wire.query or path, receive_buffer=None if number < readers else SMALL))
                wire.greet(link)
            time.sleep(0.2)
            messages = [wire.message("say", number, size) for number in range(int(rate * seconds) + 1)]
            speech = _Speech(links[:readers], wire, messages)
            growth = speech.run(rate, pid)
            return Paced(
                wanted=readers * (len(messages) - 1),
                delivered=len(speech.latencies),
                latencies=speech.latencies,
                growth=growth,
                codes=[link.close_code() for link in links[readers:]],
            )
    finally:
        for link in links:
            link.close()


class _Speech:
    """The first message is for warming up; the others are numbered and have to come in their order."""

    def __init__(self, links: Sequence[Link], wire: Wire, messages: Sequence[str]) -> None:
        links[0].send(messages[0])
        for link in links:
            if not wire.same(messages[0], got := link.text()):
                raise LinkError(f"expected {messages[0][:100]!r}, got {got[:100]!r}")
        self.frames = [client_frame(message.encode()) for message in messages]
        self.messages, self.wire = messages, wire
        self.listeners = {link.free(): _Listener(link) for link in links}
        self.speaker = links[0].socket
        self.waiting = b""
        self.times: list[float] = []
        self.latencies: list[float] = []
        self.known: list[bytes] = [messages[0].encode()]

    def run(self, rate: float, pid: int) -> int:
        poll = select.epoll()
        for descriptor in self.listeners:
            poll.register(descriptor, select.EPOLLIN)
        before = most = resident(pid)
        start = self.last = time.perf_counter()
        count = len(self.frames) - 1
        looked = 0.0
        while (now := time.perf_counter()) < start + count / rate + AFTER:
            self._speak(min(count, int((now - start) * rate) + 1), now)
            if now - looked > 0.05:
                most, looked = max(most, resident(pid)), now
            for descriptor, _ in poll.poll(0.001):
                if not self._listen(self.listeners[descriptor]):
                    poll.unregister(descriptor)
            if len(self.latencies) == count * len(self.listeners):
                break
        poll.close()
        return max(most, resident(pid)) - before

    def _speak(self, until: int, now: float) -> None:
        while len(self.times) < until:
            self.times.append(now)
            self.waiting += self.frames[len(self.times)]
        if self.waiting:
            with contextlib.suppress(BlockingIOError):
                self.waiting = self.waiting[self.speaker.send(self.waiting) :]

    def _listen(self, listener: _Listener) -> bool:
        try:
            data = listener.link.socket.recv(1 << 18)
        except ConnectionResetError:
            data = b""
        now = time.perf_counter()
        frames, listener.rest = split(listener.rest + data)
        for frame in frames:
            content = payload(frame)
            if frame[0] & 15 == PING:
                listener.link.socket.send(client_frame(content, PONG))
            elif frame[0] & 15 == CLOSE:
                return False
            elif (pong := self.wire.ping(content)) is not None:
                listener.link.socket.send(client_frame(pong.encode()))
            else:
                self._check(content, listener.next)
                self.latencies.append(now - self.times[listener.next - 1])
                listener.next += 1
        return bool(data)

    def _check(self, content: bytes, number: int) -> None:
        if number == len(self.known):
            if not self.wire.same(self.messages[number], content.decode()):
                raise LinkError(f"expected {self.messages[number][:100]!r}, got {content[:100]!r}")
            self.known.append(content)
        elif content != self.known[number]:
            raise LinkError(f"expected {self.known[number][:100]!r}, got {content[:100]!r}")


class _Listener:
    def __init__(self, link: Link) -> None:
        self.link = link
        self.rest = b""
        self.next = 1
