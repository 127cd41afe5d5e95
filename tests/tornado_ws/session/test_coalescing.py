from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.support.lab import LAB, Note, Price
from tornado_ws import MessageType, Payload
from tornado_ws.session.coalescing import latest_key

MESSAGE_TYPES = {message.cls: message for message in LAB.server}


class Anything(msgspec.Struct, frozen=True):
    data: Any


def with_pointer(latest: str) -> MessageType:
    return MessageType("anything", Anything, Payload(Any, "/$defs/Anything"), latest=latest)


def test_message_without_the_policy_has_no_key():
    assert latest_key(MESSAGE_TYPES[Note], Note("a")) is None


def test_key_is_the_name_and_the_value_at_the_pointer():
    price = MESSAGE_TYPES[Price]

    assert latest_key(price, Price(symbol="a", value=1)) == 'price "a"'
    assert latest_key(price, Price(symbol="a", value=2)) == latest_key(price, Price(symbol="a", value=1))
    assert latest_key(price, Price(symbol="b", value=1)) == 'price "b"'


@pytest.mark.parametrize(
    ("latest", "data", "key"),
    [
        ("", 1, "anything 1"),
        ("/0", ["x", "y"], 'anything "x"'),
        ("/2", ["x", "y"], "anything null"),
        ("/a/b", {"a": {"b": [2, 1]}}, "anything [2,1]"),
        ("/a/b", {"a": 1}, "anything null"),
        ("/a~1b~0c", {"a/b~c": True}, "anything true"),
        ("/a", {"a": {"y": 1, "x": 2}}, 'anything {"x":2,"y":1}'),
    ],
)
def test_pointer_is_resolved_in_the_payload(latest, data, key):
    assert key == latest_key(with_pointer(latest), Anything(data))
