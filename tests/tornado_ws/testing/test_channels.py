from __future__ import annotations

import pytest

from tests.support.lab import LAB
from tornado_ws.channels import Position
from tornado_ws.testing.channels import Channels
from tornado_ws.validation.channel_frames import (
    encode_joined,
    encode_kept,
    encode_left,
    encode_reset,
    encode_resumed,
)
from tornado_ws.validation.codec import Codec

CODEC = Codec(LAB, side="client")


@pytest.fixture
def channels() -> Channels:
    channels = Channels()
    channels.joined(CODEC.decode(encode_joined(3, "room", Position("e", 1, "1"))).data)
    return channels


def receive(channels: Channels, *seqs: int) -> list[int]:
    """Receive messages, and return the numbers that were delivered so far, including those that waited."""
    delivered: list[int] = []
    for seq in seqs:
        text = encode_kept(3, Position("e", seq, str(seq)), b'{"type":"said","data":{"text":"a"}}')
        channels.receive(CODEC.decode(text), lambda seq=seq: delivered.append(seq))
    return delivered


def resumed(channels: Channels, position: Position | None = None) -> None:
    channels.resumed(CODEC.decode(encode_resumed(3, position)).data)


def test_messages_advance_the_position(channels):
    assert [2, 3] == receive(channels, 2, 3, 2)
    assert channels.get().position == Position("e", 3, "3")
    assert channels.get().joined_at == Position("e", 1, "1")
    assert channels.positions == {"room": Position("e", 3, "3")}


def test_gap_is_a_failure_of_the_server(channels):
    with pytest.raises(AssertionError, match="expected message 2 of channel 3, got 3"):
        receive(channels, 3)


def test_unknown_channel_is_a_failure_of_the_server():
    with pytest.raises(AssertionError, match="expected channel 3, got none"):
        receive(Channels(), 1)


def test_messages_wait_until_the_resume_is_answered(channels):
    channels.start_resuming(3, Position("e", 0, ""))
    delivered = receive(channels, 3, 1, 2, 3)
    assert [] == delivered

    resumed(channels)

    assert [1, 2, 3] == delivered
    assert channels.get().recovered


def test_messages_that_wait_are_dropped_if_others_are_lost(channels):
    channels.start_resuming(3, Position("e", 0, ""))
    delivered = receive(channels, 3)

    resumed(channels, Position("new", 7, "7"))

    assert [] == delivered
    assert (channels.get().recovered, channels.get().position) == (False, Position("new", 7, "7"))


def test_reset_and_left(channels):
    channels.reset(CODEC.decode(encode_reset(3, Position("new", 0, ""))).data)
    assert (channels.get().resets, channels.get().position) == (1, Position("new", 0, ""))

    channels.left(CODEC.decode(encode_left(3)).data.ch)
    assert channels.get().left
    assert channels.positions == {}
