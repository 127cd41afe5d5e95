"""What one turn tells many connections: joined once, and written to each of them by one call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .deflate import Agreement
from .frames import PreparedFrame

__all__ = ["Broadcast", "Listener"]


class Listener(Protocol):
    """A connection that is told."""

    def send_broadcast(self, broadcast: Broadcast) -> None:
        """Write it, or let it wait behind what waits already."""
        ...

    def queue_broadcast(self, broadcast: Broadcast) -> None:
        """Let it wait for the end of the turn, so that more can be written together with it."""
        ...


class Broadcast:
    """Frames for the same connections, in their order."""

    __slots__ = ("_packed", "frames", "links", "now", "plain")

    def __init__(self, frame: PreparedFrame, links: Sequence[Listener], now: float) -> None:
        """Begin with one frame.

        Args:
            frame: What to tell.
            links: Whom.
            now: When, by the clock of the application.
        """
        self.frames = [frame]
        self.links = links
        self.now = now
        self.plain = frame.plain
        """All frames, as connections without compression get them."""
        self._packed: dict[int, bytes] = {}

    def add(self, frame: PreparedFrame, now: float) -> None:
        """Tell the same connections one thing more."""
        self.frames.append(frame)
        self.now = now
        self.plain += frame.plain

    def packed(self, agreement: Agreement) -> bytes:
        """Return all frames as connections with this agreement get them; made once for each size of window."""
        data = self._packed.get(agreement.server_bits)
        if data is None:
            data = b"".join(frame.agreed(agreement) for frame in self.frames)
            self._packed[agreement.server_bits] = data
        return data
