"""Channels of a client: positions that outlive a connection, and resumption after a reconnect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..channels import Position
from ..validation.channel_frames import encode_resume
from ..validation.envelopes import JoinedData, PositionData, ResumedData
from .events import ChannelReset, ChannelResumed
from .kept_channel import KeptChannel, KeptFrame

__all__ = ["KeptChannels"]

MAX_CHANNELS = 1024
"""Maximum number of channels whose positions are remembered."""


@dataclass(kw_only=True, eq=False)
class _Membership:
    name: str
    channel: KeptChannel
    ch: int
    """Number of the channel on the current connection."""


class KeptChannels:
    """Channels by name. Kept messages pass in the order of their numbers, and missed ones are requested."""

    def __init__(
        self,
        kept: int,
        *,
        send: Callable[[bytes], None],
        emit: Callable[[ChannelResumed | ChannelReset], None],
        changed: Callable[[bool | None], None],
        positions: Mapping[str, Position] | None = None,
    ) -> None:
        """Create the channels of a client.

        Args:
            kept: Maximum number of messages of a channel that the server keeps.
            send: Function that sends a frame.
            emit: Function for events.
            changed: Function for the new value of :attr:`recovered`.
            positions: Positions of an earlier client, by the name of the channel.
        """
        self.recovered: bool | None = None
        """True if every missed message was sent again, False if some are lost; None until it is known."""
        self._kept = kept
        self._send = send
        self._emit = emit
        self._changed = changed
        self._known: dict[str, _Membership] = {}
        """Channels by name; the one that was joined last is at the end."""
        self._joined: dict[int, _Membership] = {}
        """Channels of this connection, by number."""
        self._is_resumed = False
        """True if a channel was resumed on this connection."""
        self._is_lossy = False
        """True if messages were lost on this connection."""
        for name, position in (positions or {}).items():
            self._known[name] = self._create(name, position)

    @property
    def positions(self) -> dict[str, Position]:
        """Positions by the name of the channel."""
        return {name: member.channel.position for name, member in self._known.items()}

    def open(self) -> None:
        """Begin a new connection."""
        self._joined = {}
        self._is_resumed = self._is_lossy = False
        self._set_recovered(None)

    def close(self) -> None:
        """End the connection."""
        self._joined = {}
        self._set_recovered(None)

    def receive(self, ch: int, frame: KeptFrame) -> None:
        """Receive a kept message; drop one of an unknown channel."""
        member = self._joined.get(ch)
        if member is not None:
            member.channel.receive(frame)

    def join(self, data: JoinedData) -> None:
        """Begin at the position of the server, or resume from that of the client."""
        position = Position(data.epoch, data.seq, data.mark)
        member = self._known.pop(data.channel, None)
        is_new = member is None
        if member is None:
            member = self._create(data.channel, position)
        member.ch = data.ch
        self._joined[data.ch] = self._known[data.channel] = member
        if not is_new:
            self._is_resumed = True
            member.channel.join(position)
            self._finish(member)
        if len(self._known) > MAX_CHANNELS:
            self._discard_oldest()

    def leave(self, ch: int) -> None:
        """Delete the position of a channel."""
        member = self._joined.pop(ch, None)
        if member is not None:
            self._known.pop(member.name, None)
            self._update()

    def resumed(self, data: ResumedData) -> None:
        """Continue after the answer to a request to resume."""
        member = self._joined.get(data.ch)
        if member is None:
            return
        lost = None if data.recovered else Position(data.epoch or "", data.seq or 0, data.mark or "")
        member.channel.resumed(lost)
        self._finish(member)

    def reset(self, data: PositionData) -> None:
        """Continue at the position of the server."""
        member = self._joined.get(data.ch)
        if member is not None:
            member.channel.reset(Position(data.epoch, data.seq, data.mark))
            self._update()
            self._emit(ChannelReset(channel=member.name))

    def _create(self, name: str, position: Position) -> _Membership:
        member: _Membership

        def resume(at: Position) -> None:
            self._is_resumed = True
            self._update()
            self._send(encode_resume(member.ch, at))

        def lose() -> None:
            self._update()
            self._emit(ChannelResumed(channel=name, recovered=False))

        member = _Membership(name=name, ch=0, channel=KeptChannel(position, self._kept, resume=resume, lose=lose))
        return member

    def _discard_oldest(self) -> None:
        joined = {member.name for member in self._joined.values()}
        oldest = next((name for name in self._known if name not in joined), None)
        if oldest is not None:
            del self._known[oldest]

    def _finish(self, member: _Membership) -> None:
        """Report success for a channel, unless messages are lost or it is resumed again."""
        self._update()
        if member.channel.is_complete and not member.channel.is_resuming:
            self._emit(ChannelResumed(channel=member.name, recovered=True))

    def _update(self) -> None:
        channels = [member.channel for member in self._joined.values()]
        self._is_lossy = self._is_lossy or not all(channel.is_complete for channel in channels)
        is_known = (self._is_resumed or self._is_lossy) and not any(channel.is_resuming for channel in channels)
        self._set_recovered(not self._is_lossy if is_known else None)

    def _set_recovered(self, recovered: bool | None) -> None:
        if recovered is not self.recovered:
            self.recovered = recovered
            self._changed(recovered)
