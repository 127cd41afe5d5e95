from __future__ import annotations

import pytest

from tests.support.redis_server import hash_slot
from tornado_ws.channels import Channel
from tornado_ws.channels.redis.channel_keys import channel_keys

ROOMS = [None, "", "a", "a:b", "}", "{", "{}", "%7D", " ", "\n", "\ud800", "й", "a" * 1000]


def test_all_names_of_a_channel_are_in_one_slot():
    for room in ROOMS:
        keys = channel_keys(Channel("chat", room), prefix="app", database=1)
        assert 1 == len({hash_slot(name) for name in (keys.position, keys.stream, keys.pubsub)})
        assert 3 == len({keys.position, keys.stream, keys.pubsub})


def test_each_channel_has_other_names():
    channels = [Channel(endpoint, room) for endpoint in ("chat", "chat:a") for room in ROOMS]

    assert len(channels) == len({channel_keys(one, prefix="app", database=0).position for one in channels})


def test_names_contain_prefix_and_database():
    keys = channel_keys(Channel("chat", "lob}by"), prefix="app", database=2)

    assert "{app:2:chat:lob%7Dby}:position" == keys.position


@pytest.mark.parametrize(
    ("key", "slot"), [("123456789", 12739), ("a{123456789}b", 12739), ("foo{}{bar}", 8363), ("foo{{bar}}zap", 4015)]
)
def test_hash_slot_is_that_of_the_specification(key: str, slot: int):
    assert slot == hash_slot(key)
