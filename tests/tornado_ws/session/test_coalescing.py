"""Keys of coalesced messages."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tornado_ws import MessageType
from tornado_ws.session.coalescing import latest_key

from ...support import shop

STOCKED = next(message for message in shop.SHOP.server if message.name == "stocked")
MAP = next(message for message in shop.SHOP.client if message.name == "map")


def keyed(message_type: MessageType, latest: str | None) -> MessageType:
    return dataclasses.replace(message_type, latest=latest)


@pytest.mark.parametrize(
    ("message_type", "latest", "message", "key"),
    [
        (STOCKED, None, shop.Stocked(name="nut", count=1), None),
        (STOCKED, "", shop.Stocked(name="nut", count=1), 'stocked {"count":1,"name":"nut"}'),
        (STOCKED, "/name", shop.Stocked(name="nut", count=1), 'stocked "nut"'),
        (STOCKED, "/note", shop.Stocked(name="nut", count=1), "stocked null"),
        (STOCKED, "/name/0", shop.Stocked(name="nut", count=1), "stocked null"),
        (MAP, "/a~1b", shop.Map({"a/b": 3}), "map 3"),
    ],
)
def test_key_is_the_value_at_the_pointer(
    message_type: MessageType, latest: str | None, message: Any, key: str | None
) -> None:
    assert key == latest_key(keyed(message_type, latest), message)
