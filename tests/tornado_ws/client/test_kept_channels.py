from __future__ import annotations

from functools import partial

import msgspec

from tornado_ws.channels import Position
from tornado_ws.client import ChannelReset, ChannelResumed
from tornado_ws.client.kept_channel import KeptFrame
from tornado_ws.client.kept_channels import MAX_CHANNELS, KeptChannels
from tornado_ws.validation.envelopes import JoinedData, PositionData, ResumedData

START = Position("e", 1, "m1")


class Room:
    """Channels of a client that collect their effects."""

    def __init__(self, positions: dict[str, Position] | None = None) -> None:
        self.sent: list[object] = []
        self.events: list[ChannelResumed | ChannelReset] = []
        self.recovered: list[bool | None] = []
        self.applied: list[int] = []
        self.all = KeptChannels(
            5,
            send=lambda text: self.sent.append(msgspec.json.decode(text)["data"]),
            emit=self.events.append,
            changed=self.recovered.append,
            positions=positions,
        )
        self.all.open()

    def join(self, position: Position = START, ch: int = 1, name: str = "room") -> None:
        epoch, seq, mark = position
        self.all.join(JoinedData(ch=ch, channel=name, epoch=epoch, seq=seq, mark=mark))

    def get(self, seq: int, ch: int = 1) -> None:
        self.all.receive(ch, KeptFrame(seq, f"m{seq}", partial(self.applied.append, seq)))


def test_messages_of_a_new_channel_follow_its_position():
    room = Room()
    room.join()
    room.get(2)
    room.get(3, ch=9)

    assert [2] == room.applied
    assert {"room": Position("e", 2, "m2")} == room.all.positions
    assert room.all.recovered is None
    assert [] == room.sent


def test_known_channel_is_resumed_from_its_position():
    room = Room({"room": START})
    room.join(Position("e", 3, "m3"), ch=4)

    assert [{"ch": 4, "epoch": "e", "seq": 1, "mark": "m1"}] == room.sent
    for seq in (2, 3):
        room.get(seq, ch=4)
    room.all.resumed(ResumedData(ch=4, recovered=True))
    assert [2, 3] == room.applied
    assert [ChannelResumed(channel="room", recovered=True)] == room.events
    assert [True] == room.recovered


def test_channel_that_missed_nothing_is_recovered_at_once():
    room = Room({"room": START})
    room.join()

    assert [] == room.sent
    assert room.all.recovered is True
    room.all.close()
    assert [True, None] == room.recovered


def test_lost_messages_are_reported():
    room = Room({"room": START})
    room.join(Position("f", 3, "x"))
    room.all.resumed(ResumedData(ch=1, recovered=False, epoch="f", seq=3, mark="x"))

    assert [ChannelResumed(channel="room", recovered=False)] == room.events
    assert room.all.recovered is False
    assert {"room": Position("f", 3, "x")} == room.all.positions


def test_reset_is_reported():
    room = Room()
    room.join()
    room.all.reset(PositionData(ch=1, epoch="f", seq=0, mark=""))

    assert [ChannelReset(channel="room")] == room.events
    assert room.all.recovered is False
    room.get(1)
    assert [1] == room.applied


def test_channel_that_was_left_is_forgotten():
    room = Room()
    room.join()
    room.all.leave(1)
    room.all.leave(1)
    room.get(2)
    room.all.resumed(ResumedData(ch=1, recovered=True))
    room.all.reset(PositionData(ch=1, epoch="f", seq=0, mark=""))

    assert {} == room.all.positions
    assert [] == room.applied
    assert [] == room.events


def test_number_of_positions_is_bounded_without_those_of_the_connection():
    room = Room({f"old{number}": START for number in range(MAX_CHANNELS)})
    room.join(ch=1, name="old0")
    room.join(ch=2, name="new")

    assert MAX_CHANNELS == len(room.all.positions)
    assert {"old0", "new"} < room.all.positions.keys()
    assert "old1" not in room.all.positions
    for number in range(3, MAX_CHANNELS + 4):
        room.join(ch=number, name=f"joined{number}")
    assert len(room.all.positions) > MAX_CHANNELS  # all of them are joined
