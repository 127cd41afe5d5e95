"""Positions of a test client in the channels of its connection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..channels import Position
from ..validation.envelopes import Frame, JoinedData, PositionData, ResumedData

__all__ = ["ChannelState", "Channels"]


@dataclass(kw_only=True)
class ChannelState:
    """Position of the client in one channel."""

    ch: int
    """Number of the channel on this connection."""
    channel: str
    """Stable identifier of the channel."""
    joined_at: Position
    """Position of ``$joined``."""
    position: Position
    """Position of the newest message that the client has received without a gap."""
    recovered: bool | None = None
    """Result of the last ``$resumed``."""
    resets: int = 0
    """Number of ``$reset`` frames."""
    left: bool = False
    """True after ``$left``."""
    resuming: bool = False
    """True from ``$resume`` to ``$resumed``. Messages wait, because missed ones precede them."""
    held: list[tuple[int, str, Callable[[], None]]] = field(default_factory=list)
    """Number, mark and delivery of the messages that wait."""


class Channels:
    """Channels of one connection, by number. They deliver each kept message once and in order."""

    def __init__(self) -> None:
        self._states: dict[int, ChannelState] = {}

    def __len__(self) -> int:
        return len(self._states)

    @property
    def states(self) -> list[ChannelState]:
        """Channels in the order of joining."""
        return list(self._states.values())

    def get(self, ch: int | None = None) -> ChannelState:
        """Return the channel with a number; without one, the channel that was joined last.

        Raises:
            AssertionError: If there is none.
        """
        number = next(reversed(self._states), 0) if ch is None else ch
        if number not in self._states:
            raise AssertionError(f"expected channel {number or 'of $joined'}, got {list(self._states) or 'none'}")
        return self._states[number]

    def start_resuming(self, ch: int, position: Position) -> ChannelState:
        """Hold the messages of a channel, and continue at a position."""
        state = self.get(ch)
        state.position, state.recovered, state.resuming = position, None, True
        return state

    @property
    def positions(self) -> dict[str, Position]:
        """Positions by the identifier of the channel."""
        return {state.channel: state.position for state in self._states.values() if not state.left}

    def joined(self, data: JoinedData) -> ChannelState:
        """Add a channel, and return it."""
        position = Position(data.epoch, data.seq, data.mark)
        state = self._states[data.ch] = ChannelState(
            ch=data.ch, channel=data.channel, joined_at=position, position=position
        )
        return state

    def left(self, ch: int) -> None:
        """Remove a channel, unless it has no kept messages."""
        if ch in self._states:
            self._states[ch].left = True

    def resumed(self, data: ResumedData) -> None:
        """Deliver the messages that wait, or drop them and continue at the new position."""
        state = self.get(data.ch)
        state.recovered, state.resuming = data.recovered, False
        held, state.held = state.held, []
        if not data.recovered:
            assert data.epoch is not None and data.seq is not None and data.mark is not None
            state.position = Position(data.epoch, data.seq, data.mark)
            return
        for seq, mark, deliver in sorted(held, key=lambda one: one[0]):
            self._apply(state, seq, mark, deliver)

    def reset(self, data: PositionData) -> None:
        """Continue at the new position."""
        state = self.get(data.ch)
        state.resets += 1
        state.resuming, state.held = False, []
        state.position = Position(data.epoch, data.seq, data.mark)

    def receive(self, frame: Frame, deliver: Callable[[], None]) -> None:
        """Deliver a kept message or skip a number, now or after ``$resumed``; drop a repetition.

        Raises:
            AssertionError: If the server has skipped a message, or has not sent ``$joined``.
        """
        assert frame.seq is not None and frame.mark is not None
        state = self.get(frame.ch)
        if state.resuming:
            state.held.append((frame.seq, frame.mark, deliver))
        else:
            self._apply(state, frame.seq, frame.mark, deliver)

    def _apply(self, state: ChannelState, seq: int, mark: str, deliver: Callable[[], None]) -> None:
        epoch, at, at_mark = state.position
        if seq == at + 1:
            state.position = Position(epoch, seq, mark)
            deliver()
        elif seq > at or (seq == at and mark != at_mark):
            raise AssertionError(f"expected message {at + 1} of channel {state.ch}, got {seq}")
