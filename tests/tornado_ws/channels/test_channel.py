from __future__ import annotations

import re

from tornado_ws.channels.channel import Channel, new_epoch, new_mark


def test_id_is_stable_and_does_not_contain_the_room():
    channel = Channel("chat", "lobby")

    assert channel.id == Channel("chat", "lobby").id == "XiWlbfuRUwjghX_SNe8QCb"
    assert re.fullmatch("[A-Za-z0-9_-]{22}", channel.id)
    assert "lobby" not in channel.id


def test_id_differs_between_channels():
    channels = [
        Channel("chat"),
        Channel("chat", ""),
        Channel("chat", "a"),
        Channel("cha", "ta"),
        Channel("chat", "\ud800"),
    ]

    assert len({channel.id for channel in channels}) == len(channels)


def test_epochs_and_marks_are_random_text_of_a_fixed_size():
    assert len({new_epoch() for _ in range(100)}) == 100
    assert re.fullmatch("[A-Za-z0-9_-]{16}", new_epoch())
    assert len({new_mark() for _ in range(100)}) == 100
    assert re.fullmatch("[A-Za-z0-9_-]{6}", new_mark())
