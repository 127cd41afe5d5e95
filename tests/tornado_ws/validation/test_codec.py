"""Codec: control frames and tickets."""

from __future__ import annotations

import dataclasses
import json

import pytest

from tornado_ws.errors import ErrorData, InvalidFrame, InvalidMessage
from tornado_ws.validation.codec import Codec

from ...support import shop
from .frames import CLIENT, DESK, SERVER


def test_one_side_decodes_control_frames_of_the_other() -> None:
    error = ErrorData(code="timeout", message="too late", retryable=True, retry_after_ms=5)
    written = [
        SERVER.encode_error(error, re=3),
        SERVER.encode_end(3),
        SERVER.encode_cancel(3),
        SERVER.encode_hello(connection="c", heartbeat=20),
    ]

    frames = [CLIENT.decode(raw) for raw in written]

    assert [frame.kind for frame in frames] == ["error", "end", "cancel", "hello"]
    assert (frames[0].re, frames[0].data) == (3, error)
    assert frames[3].data.contracts == (shop.SHOP.contract,)


def test_error_frame_has_no_empty_members() -> None:
    raw = SERVER.encode_error(ErrorData(code="internal", message="it failed"))

    assert raw == b'{"type":"$error","data":{"code":"internal","message":"it failed"}}'


def test_ticket_survives_encoding() -> None:
    ticket = shop.Item(name="nut", count=1)

    assert DESK.decode_ticket(DESK.encode_ticket(ticket)) == ticket


def test_ticket_is_validated_when_it_is_encoded() -> None:
    with pytest.raises(InvalidMessage, match="ticket was not sent"):
        DESK.encode_ticket(shop.Item(name="", count=1))


def test_ticket_of_another_schema_is_rejected() -> None:
    with pytest.raises(InvalidFrame):
        DESK.decode_ticket(b'{"name":"nut"}')


def test_hello_contains_compatible_contracts() -> None:
    codec = Codec(dataclasses.replace(shop.SHOP, compatible=("shop-0",)))

    hello = json.loads(codec.encode_hello(connection="a", heartbeat=25.0))

    assert hello["data"]["contracts"] == ["shop-1", "shop-0"]
