"""Encoder: frames from typed values; invalid values are not encoded."""

from __future__ import annotations

import enum
import json
from typing import Any

import msgspec
import pytest

from tornado_ws import Endpoint, MessageType, Payload, Request, Stream
from tornado_ws.errors import InvalidMessage
from tornado_ws.validation.codec import Codec

from ...support import orders, shop
from .frames import CLIENT, SERVER


class HistoryPage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    lines: list[str]


class History(msgspec.Struct, Request[HistoryPage], frozen=True): ...


class Rows(msgspec.Struct, Request[Stream[HistoryPage | None]], frozen=True): ...


PAGE = {"type": ["object", "null"], "properties": {"lines": {"type": "array"}}, "required": ["lines"]}
HISTORY = Endpoint(
    name="history",
    kind="persistent",
    contract="history-1",
    path="/history",
    client=(
        MessageType("history", History, reply=Payload(HistoryPage, "/$defs/Page")),
        MessageType("rows", Rows, stream=Payload(HistoryPage | None, "/$defs/Page")),
    ),
    server=(),
    schema=json.dumps({"$defs": {"Page": PAGE}}),
)


def test_message_is_encoded_with_its_name() -> None:
    assert SERVER.encode(shop.Stocked(name="nut", count=1)) == b'{"type":"stocked","data":{"name":"nut","count":1}}'


def test_a_message_without_payload() -> None:
    assert SERVER.encode(shop.Closed()) == b'{"type":"closed"}'
    assert SERVER.encode(shop.Confirm(), id=3) == b'{"type":"confirm","id":3}'


def test_a_wrapped_payload_is_unwrapped() -> None:
    assert SERVER.encode(shop.Map({"a": 1})) == b'{"type":"map","data":{"a":1}}'


def test_encoded_reply_has_the_id_of_its_request() -> None:
    raw = SERVER.encode_reply(shop.SHOP.client[2], 7, True)

    assert raw == b'{"type":"buy","re":7,"data":true}'
    assert CLIENT.decode(raw).data is True


def test_one_side_decodes_messages_of_the_other() -> None:
    frame = SERVER.decode(CLIENT.encode(shop.Buy(name="nut", count=1), id=7))

    assert (frame.kind, frame.id, frame.data) == ("request", 7, shop.Item(name="nut", count=1))


def test_request_needs_an_id_and_messages_have_none() -> None:
    with pytest.raises(TypeError, match=r"buy is a request: expected a call of send_request\(\)"):
        SERVER.encode(shop.ServerBuy(name="nut", count=1))
    with pytest.raises(TypeError, match=r"stocked is not a request: expected a call of send\(\)"):
        SERVER.encode(shop.Stocked(name="nut", count=1), id=3)


def test_invalid_message_is_not_encoded() -> None:
    with pytest.raises(InvalidMessage) as caught:
        SERVER.encode(shop.Stocked(name="x" * 10_000, count=1))

    assert (caught.value.pointer, caught.value.keyword, caught.value.error.expected) == ("/name", "maxLength", 10)


def test_message_with_an_invalid_attribute_is_not_encoded() -> None:
    with pytest.raises(InvalidMessage) as caught:
        SERVER.encode(shop.Price(price=1, tags=["a", "a"]))

    assert (caught.value.pointer, caught.value.keyword) == ("/tags", "uniqueItems")


def test_message_that_is_invalid_as_a_whole_is_not_encoded() -> None:
    with pytest.raises(InvalidMessage) as caught:
        SERVER.encode(shop.Map({}))

    assert (caught.value.pointer, caught.value.keyword) == ("", "minProperties")


def test_value_of_another_type_is_not_encoded() -> None:
    wrong: Any = {"name": 1, "count": "x"}

    with pytest.raises(InvalidMessage) as caught:
        SERVER.encode(shop.Stocked(**wrong))

    assert caught.value.keyword == "type"


def test_replies_are_checked() -> None:
    with pytest.raises(InvalidMessage) as caught:
        SERVER.encode_reply(shop.SHOP.client[2], 7, "yes")

    assert (caught.value.pointer, caught.value.keyword, caught.value.error.expected) == ("", "type", "boolean")


@pytest.mark.parametrize("value", [object(), {1: object()}, "\ud800", print])
def test_value_that_json_cannot_represent_is_rejected(value: object) -> None:
    with pytest.raises(InvalidMessage, match="keep was not sent: invalid_message: expected JSON"):
        SERVER.encode(shop.Keep(value))


def test_value_that_contains_itself_is_rejected() -> None:
    circle: list[Any] = []
    circle.append(circle)

    with pytest.raises(InvalidMessage, match="expected JSON"):
        SERVER.encode(shop.Keep(circle))


def test_message_of_the_other_side_is_rejected() -> None:
    with pytest.raises(TypeError, match=r"expected one of Stocked, .*, got Put"):
        SERVER.encode(shop.Put(name="nut", count=1))
    with pytest.raises(TypeError, match="got dict"):
        SERVER.encode({"type": "stocked"})


def test_validation_can_be_disabled() -> None:
    trusting = Codec(shop.SHOP, check_outgoing=False)

    assert b"x" * 11 in trusting.encode(shop.Stocked(name="x" * 11, count=1))


def test_acknowledged_message_is_encoded_with_id_and_session() -> None:
    codec = Codec(orders.ORDERS, side="client")

    text = codec.encode_delivery(orders.Order(item="nut"), 7, orders.SESSION)

    assert json.loads(orders.frame("nut", 7)) == json.loads(text)
    assert Codec(orders.ORDERS).decode(text).data == orders.Order(item="nut")
    assert b'{"session":"%b","type":"cancel-all","id":8}' % orders.SESSION.encode() == codec.encode_delivery(
        orders.CancelAll(), 8, orders.SESSION
    )


def test_acknowledged_message_without_an_id_is_not_encoded() -> None:
    codec = Codec(orders.ORDERS, side="client")

    with pytest.raises(TypeError, match="order is acknowledged: expected an id and a session"):
        codec.encode(orders.Order(item="nut"))
    with pytest.raises(TypeError, match=r"note is not a request: expected a call of send\(\)"):
        codec.encode_delivery(orders.Note("x"), 7, orders.SESSION)
    with pytest.raises(TypeError, match="expected one of Order, CancelAll, Note, got Status"):
        codec.encode_delivery(orders.Status("x"), 7, orders.SESSION)


class _Float(float):
    """Subclass such as ``numpy.float64``."""

    def __float__(self) -> float:
        return 0.0


class _Text(str):
    """Subclass such as ``numpy.str_``."""

    __slots__ = ()

    def __str__(self) -> str:
        return "other"


class _Number(int):
    pass


class _Level(enum.IntEnum):
    HIGH = 3


class _Color(enum.StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (_Float(1.5), b"1.5"),
        (_Number(2**70), str(2**70).encode()),
        (_Text("é"), '"é"'.encode()),
        (_Level.HIGH, b"3"),
        (_Color.RED, b'"red"'),
        ([{"a": _Float(-0.5)}, _Text("")], b'[{"a":-0.5},""]'),
    ],
)
def test_instances_of_subclasses_of_scalars_are_sent_as_what_they_are(value: object, text: bytes) -> None:
    assert b'{"type":"keep","data":%b}' % text == SERVER.encode(shop.Keep(value))


@pytest.mark.parametrize(("value", "got"), [(_Float("nan"), "nan"), (object(), "object"), (print, "builtin_function")])
def test_refused_part_is_named(value: object, got: str) -> None:
    with pytest.raises(InvalidMessage, match=f"expected JSON, got {got}.* at /a/0") as caught:
        SERVER.encode(shop.Keep({"a": [value]}))

    assert caught.value.pointer == "/a/0"


def test_invalid_property_that_the_schema_does_not_name_is_named() -> None:
    with pytest.raises(InvalidMessage) as caught:
        SERVER.encode(shop.Map({"a": 1, 'b"\n': "x"}))  # type: ignore[dict-item]

    assert 'b"\n' == caught.value.property_name
    assert (r'map was not sent: invalid_message: expected integer [type] (property "b\"\n")') == str(caught.value)
    assert ("", "expected integer") == (caught.value.pointer, caught.value.error.message)
    assert b'"b' not in SERVER.encode_error(caught.value.error)


@pytest.mark.parametrize("value", [object(), "\ud800", [float("inf")], {"a": print}])
def test_rejection_of_a_value_is_one_exception(value: object) -> None:
    with pytest.raises(InvalidMessage) as caught:
        SERVER.encode(shop.Keep(value))

    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


@pytest.mark.parametrize(
    ("endpoint", "value", "text"),
    [
        (0, shop.Item(name="n", count=1), "reply to history: expected class HistoryPage, got Item"),
        (0, None, "reply to history: expected class HistoryPage, got None"),
        (0, [], "reply to history: expected class HistoryPage, got list"),
        (1, shop.Item(name="n", count=1), "item of rows: expected class HistoryPage or None, got Item"),
    ],
)
def test_reply_of_another_class_is_rejected_with_both_names(endpoint: int, value: object, text: str) -> None:
    codec = Codec(HISTORY)

    with pytest.raises(TypeError) as caught:
        codec.encode_reply(HISTORY.client[endpoint], 1, value)

    assert text == str(caught.value)
    assert caught.value.__context__ is None


def test_reply_as_plain_json_is_validated() -> None:
    codec = Codec(HISTORY)

    assert b'{"type":"history","re":1,"data":{"lines":[]}}' == codec.encode_reply(HISTORY.client[0], 1, {"lines": []})
    with pytest.raises(InvalidMessage, match="the property lines"):
        codec.encode_reply(HISTORY.client[0], 1, {})
