"""Delivery rule of one channel for clients: kept messages are applied in the order of their numbers, without gaps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..channels import Position

__all__ = ["MAX_HELD", "KeptChannel", "KeptFrame"]

MAX_HELD = 1000
"""Maximum number of frames held while a request to resume is open, in addition to the kept messages that answer it."""


@dataclass(frozen=True)
class KeptFrame:
    """Kept message, or a message to others (``$skip``)."""

    seq: int
    mark: str
    apply: Callable[[], None]
    """Function that delivers the message."""


class KeptChannel:
    """Position of a client in one channel. The rule is that of the page, in ``channel.ts``."""

    def __init__(
        self, position: Position, kept: int, *, resume: Callable[[Position], None], lose: Callable[[], None]
    ) -> None:
        """Join a channel for the first time.

        Args:
            position: Position at which the client joins.
            kept: Maximum number of messages that the server keeps.
            resume: Function that requests all messages after a position.
            lose: Function that reports lost messages.
        """
        self.position = position
        self.is_resuming = False
        """True until the server has answered a request to resume."""
        self.is_complete = True
        """True if no message was lost since :meth:`join`."""
        self._epoch = position.epoch
        """Epoch of the frames that arrive; it differs from that of the position until the server has answered."""
        self._held: list[tuple[str, KeptFrame]] = []
        """Frames held, with their epochs."""
        self._max_held = MAX_HELD + kept
        self._resume = resume
        self._lose = lose

    def join(self, position: Position) -> None:
        """Join again, on a new connection. Any difference is a reason to resume: the server may have lost messages."""
        self._held = []
        self.is_resuming, self.is_complete = False, True
        self._epoch = position.epoch
        if position != self.position:
            self._request()

    def receive(self, frame: KeptFrame) -> None:
        """Apply a frame, or hold it while a request to resume is open: it may be of another sequence."""
        if not self.is_resuming:
            self._accept(frame)
            return
        self._held.append((self._epoch, frame))
        if len(self._held) > self._max_held:
            newest = max((one for epoch, one in self._held if epoch == self._epoch), key=lambda one: one.seq)
            self._held = []
            self._lose_at(Position(self._epoch, newest.seq, newest.mark))

    def resumed(self, position: Position | None) -> None:
        """Continue after the answer to a request to resume; with a position if messages are lost."""
        self.is_resuming = False
        if position is not None:
            self._lose_at(position)
        held, self._held = self._held, []
        for epoch, frame in sorted(held, key=lambda one: one[1].seq):
            if epoch == self._epoch:
                self.receive(frame)

    def reset(self, position: Position) -> None:
        """Continue at another position: messages are lost. This also answers a request to resume."""
        self.is_resuming = False
        self._held = []
        self._move_to(position)

    def _lose_at(self, position: Position) -> None:
        self._move_to(position)
        self._lose()

    def _move_to(self, position: Position) -> None:
        self.position, self._epoch = position, position.epoch
        self.is_complete = False

    def _accept(self, frame: KeptFrame) -> None:
        epoch, seq, mark = self.position
        if epoch != self._epoch or frame.seq > seq + 1 or (frame.seq == seq and frame.mark != mark):
            self._request()
        elif frame.seq == seq + 1:
            self.position = Position(epoch, frame.seq, frame.mark)
            frame.apply()

    def _request(self) -> None:
        if not self.is_resuming:
            self.is_resuming = True
            self._resume(self.position)
