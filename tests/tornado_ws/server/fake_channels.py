"""Fakes for tests of channels: a backplane whose answers the test gives, connections and members."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tornado_ws.channels import (
    Backplane,
    Channel,
    KeptMessage,
    Position,
    Publication,
    Unknown,
)
from tornado_ws.channels.memory_deliveries import MemoryDeliveryStore
from tornado_ws.channels.memory_tickets import MemoryTicketStore
from tornado_ws.endpoint import Replay
from tornado_ws.websocket import ConnectionSettings, WriteBatch

__all__ = ["LOBBY", "FakeBackplane", "FakeConnection", "FakeMember", "kept"]

LOBBY = Channel("chat", "lobby")


def kept(seq: int, *, exclude: frozenset[str] = frozenset()) -> KeptMessage:
    """Return message number `seq`, whose mark is the number."""
    previous = str(seq - 1) if seq > 1 else ""
    text = b'{"type":"said","data":%d}' % seq
    return KeptMessage(LOBBY, Position("e", seq, str(seq)), previous, text, exclude, 0.0)


class FakeBackplane(Backplane):
    """Backplane without messages. `follow` and `missed` wait for the test if it sets the events."""

    def __init__(self) -> None:
        super().__init__(tickets=MemoryTicketStore(), deliveries=MemoryDeliveryStore())
        self.positions: dict[Channel, Position] = {}
        self.calls: list[tuple[str, Channel]] = []
        self.followed = asyncio.Event()
        self.followed.set()
        self.history: Sequence[KeptMessage] | None = []
        self.failure: Exception | None = None
        self.read = asyncio.Event()
        self.read.set()
        self.ring: Sequence[KeptMessage] | Unknown | None = Unknown.UNKNOWN

    @property
    def local(self) -> bool:
        return False

    async def follow(self, channel: Channel, history: Replay | None) -> None:
        self.calls.append(("follow", channel))
        await self.followed.wait()

    def unfollow(self, channel: Channel) -> None:
        self.calls.append(("unfollow", channel))

    def position(self, channel: Channel) -> Position | None:
        return self.positions.get(channel)

    async def publish(self, publication: Publication) -> Position | None:
        raise NotImplementedError

    def recent(self, channel: Channel, position: Position) -> Sequence[KeptMessage] | Unknown | None:
        return self.ring

    async def missed(self, channel: Channel, position: Position) -> Sequence[KeptMessage] | None:
        self.calls.append(("missed", channel))
        await self.read.wait()
        if self.failure is not None:
            raise self.failure
        return self.history


class FakeConnection:
    """Connection that records frames. It is blocked while `writable` is pending."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.writable: asyncio.Future[None] | None = None
        self.last_broadcast_at = 0.0
        self.settings = ConnectionSettings()

    def send_text(self, text: bytes) -> asyncio.Future[None] | None:
        WriteBatch.current().queue_broadcasts(self)  # as `Transport.send_frame`
        self.frames.append(json.loads(text))
        return None if self.writable is None else asyncio.shield(self.writable)

    def send_broadcast(self, broadcast: Any) -> None:
        self.queue_broadcast(broadcast)

    def queue_broadcast(self, broadcast: Any) -> None:
        self.frames += [json.loads(frame.payload) for frame in broadcast.frames]

    @property
    def types(self) -> list[str]:
        return [f"{frame['type']} {frame['seq']}" if "seq" in frame else frame["type"] for frame in self.frames]


@dataclass(eq=False)
class FakeMember:
    connection_id: str
    has_subprotocol: bool = True
    connection: FakeConnection | None = field(default_factory=FakeConnection)
    cancelled: list[int] = field(default_factory=list)

    def cancel_resume(self, number: int) -> None:
        self.cancelled.append(number)
