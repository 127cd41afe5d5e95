"""Decoder: frames from text, and the errors of rejected frames."""

from __future__ import annotations

import gc
import json

import msgspec
import pytest

from tornado_ws.errors import ErrorData, InvalidFrame
from tornado_ws.validation.codec import PING, Codec
from tornado_ws.validation.decoder import LARGE
from tornado_ws.validation.envelopes import Frame
from tornado_ws.validation.schema_validator import SchemaValidator

from ...support import orders, shop
from .frames import CLIENT, DESK, SERVER, error_of, message, rejection


def test_data_is_of_the_type_of_its_payload() -> None:
    frame = SERVER.decode(message("put", {"name": "nut", "count": 3}))

    assert (frame.kind, frame.data, frame.id) == ("message", shop.Item(name="nut", count=3), None)
    assert frame.message is shop.SHOP.client[0]


def test_bytes_and_text_are_decoded_alike() -> None:
    raw = message("put", {"name": "nüt", "count": 3})

    assert SERVER.decode(raw) == SERVER.decode(raw.encode())


def test_a_message_without_payload_has_no_data() -> None:
    frame = SERVER.decode('{"type":"ring"}')

    assert frame.data is msgspec.UNSET
    assert error_of('{"type":"ring","data":null}') == ("invalid_message", "", "false schema", None)


def test_a_message_with_payload_has_data() -> None:
    assert error_of('{"type":"put"}') == ("invalid_message", "", "required", None)


def test_the_type_may_come_last() -> None:
    raw = '{"data":{"count":3,"name":"nut"},"type":"put"}'

    assert SERVER.decode(raw).data == shop.Item(name="nut", count=3)


def test_request_has_an_id() -> None:
    frame = SERVER.decode(message("buy", {"name": "nut", "count": 1}, id=7))

    assert (frame.kind, frame.id) == ("request", 7)
    for name, members, text in (
        ("buy", {}, "buy is a request: expected the members type, id, data"),
        ("put", {"id": 7}, "put has no answer: expected the members type, data"),
    ):
        error = rejection(message(name, {"name": "nut", "count": 1}, **members)).error
        assert ("unsupported_frame", text) == (error.code, error.message)


@pytest.mark.parametrize("number", ["-1", "1.5", '"7"', "null", "true", "9007199254740992", "[]"])
def test_request_ids_are_exact_integers_of_javascript(number: str) -> None:
    rejected = rejection(f'{{"type":"watch","id":{number}}}')

    assert (rejected.error.code, rejected.id) == ("unsupported_frame", None)


def test_invalid_request_is_rejected_with_its_id() -> None:
    assert rejection(message("buy", {"name": "", "count": 1}, id=7)).id == 7
    assert rejection(message("nope", {}, id=7)).id == 7
    assert rejection('{"type":"nope","id":7}').id == 7
    assert rejection(message("confirm", "yes", re=8)).re == 8


def test_reply_has_the_id_of_its_request() -> None:
    frame = SERVER.decode(message("confirm", True, re=4))

    assert (frame.kind, frame.re, frame.data) == ("reply", 4, True)
    assert frame.message is shop.SHOP.server[2]


def test_request_and_reply_with_the_same_name_are_distinguished() -> None:
    asked = SERVER.decode(message("buy", {"name": "nut", "count": 1}, id=7))
    answered = SERVER.decode(message("buy", True, re=7))

    assert (asked.kind, asked.message, asked.data) == (
        "request",
        shop.SHOP.client[2],
        shop.Item(name="nut", count=1),
    )
    assert (answered.kind, answered.message, answered.data) == ("reply", shop.SHOP.server[3], True)
    assert error_of(message("buy", {"name": "nut", "count": -1}, id=7))[1:3] == ("/count", "minimum")


def test_items_of_a_stream_are_replies() -> None:
    frame = CLIENT.decode(message("watch", {"name": "nut", "count": 1}, re=1))

    assert (frame.kind, frame.data) == ("reply", shop.Item(name="nut", count=1))


@pytest.mark.parametrize("count", [1, 1.0, 1e0])
def test_messages_of_servers_may_be_kept(count: float) -> None:
    data = {"name": "nut", "count": count}  # 1.0 takes the slow path

    frame = CLIENT.decode(message("stocked", data, ch=3, seq=42, mark="m"))
    assert (frame.ch, frame.seq, frame.mark) == (3, 42, "m")
    frame = CLIENT.decode(message("stocked", data))
    assert (frame.ch, frame.seq, frame.mark) == (None, None, None)
    assert rejection(message("put", data, ch=3, seq=42, mark="m")).error.code == "unsupported_frame"


@pytest.mark.parametrize("members", [{"ch": "3"}, {"seq": -1}, {"mark": 1}])
def test_members_of_kept_messages_are_validated(members: dict[str, object]) -> None:
    with pytest.raises(InvalidFrame, match="unsupported_frame"):
        CLIENT.decode(message("stocked", {"name": "nut", "count": 1}, **members))


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (PING, "ping"),
        ('{"type":"$cancel","id":3}', "cancel"),
        ('{"type":"$cancel","id":3.0}', "cancel"),
        ('{"type":"$more","id":3,"data":{"count":32}}', "more"),
        ('{"type":"$end","re":3}', "end"),
        ('{"type":"$resume","data":{"ch":1,"epoch":"e","seq":3,"mark":"m"}}', "resume"),
        ('{"type":"$error","re":3,"data":{"code":"timeout","message":"too late"}}', "error"),
    ],
)
def test_control_frames(raw: str | bytes, kind: str) -> None:
    assert SERVER.decode(raw).kind == kind


@pytest.mark.parametrize(
    "raw",
    [
        '{"type":"$nope"}',
        '{"type":"$hello"}',
        '{"type":"$end"}',
        '{"type":"$cancel","re":3}',
        '{"type":"$more","id":3}',
        '{"type":"$more","id":3,"data":{"count":0}}',
        '{"type":"$more","id":3,"data":{"count":1e300}}',
        '{"type":"$more","re":3,"data":{"count":1}}',
        '{"type":"$ping","x":1}',
        '{"type":"$pong","data":{"received":1}}',
    ],
)
def test_other_control_frames_are_rejected(raw: str) -> None:
    assert rejection(raw).error.code == "unsupported_frame"


@pytest.mark.parametrize(
    "raw", ['{"type":"$nope","id":7}', '{"type":"$cancel","id":7,"x":1}', '{"type":"$ping","id":7}']
)
def test_rejection_of_a_control_frame_does_not_answer_an_open_request(raw: str) -> None:
    assert rejection(raw).id is None


@pytest.mark.parametrize("raw", ["[]", "1", "null", '"put"', "{}", '{"type":1}', '{"data":{}}', '{"Type":"put"}'])
def test_json_without_a_frame_is_rejected(raw: str) -> None:
    assert rejection(raw).error.code == "unsupported_frame"


def test_unknown_messages_are_rejected_without_repeating_their_name() -> None:
    rejected = rejection('{"type":"evil"}')

    assert rejected.error.code == "unknown_message"
    assert "evil" not in str(rejected.error)


def test_unknown_members_are_rejected_without_repeating_them() -> None:
    for raw in (
        message("put", {"name": "nut", "count": 1}, evil=1),
        '{"type":"ring","evil":1}',
        '{"type":"put","evil":1}',
    ):
        assert rejection(raw).error.code == "unsupported_frame"
        assert "evil" not in repr(rejection(raw))


def test_error_has_pointer_and_keyword_and_not_the_value() -> None:
    error = rejection(message("put", {"name": "x" * 11, "count": 1})).error

    assert error == ErrorData(
        code="invalid_message",
        message="expected at most 10 characters",
        type="put",
        pointer="/name",
        keyword="maxLength",
        expected=10,
    )


def test_error_without_an_id_names_the_message() -> None:
    assert rejection('{"type":"put"}').error.type == "put"
    assert rejection('{"type":"put","data":{},"evil":1}').error.type == "put"
    assert rejection('{"type":"evil"}').error.type is None
    assert rejection('{"type":"buy","id":7}').error.type is None
    assert rejection('{"type":"confirm","re":7}').error.type is None
    assert rejection('{"type":"$ping","evil":1}').error.type is None


def test_unknown_names_are_not_repeated() -> None:
    for raw in (
        message("put", {"name": "nut", "count": 1, "evil": 1}),
        message("map", {"evil": "x"}),
    ):
        assert "evil" not in repr(rejection(raw))
    assert error_of(message("map", {"evil": "x"}))[1:] == ("", "type", "integer")


def test_tagged_union_reports_the_error_of_the_selected_member() -> None:
    assert error_of(message("draw", {"kind": "circle", "radius": 0}))[1:] == ("/radius", "exclusiveMinimum", 0)
    assert error_of(message("draw", {"kind": "square", "radius": 1}))[1:] == ("", "required", "side")
    assert error_of(message("draw", {"kind": "evil"}))[1:] == ("", "oneOf", None)
    assert error_of(message("draw", []))[1:] == ("", "oneOf", None)


def test_untagged_union_reports_itself() -> None:
    assert error_of(message("pay", {"coins": "x"}))[1:] == ("", "anyOf", None)


def test_first_of_many_errors_is_reported() -> None:
    assert error_of(message("add", ["x"] * 100_000))[1:] == ("/0", "type", "integer")


def test_one_and_true_are_distinguished() -> None:
    found = []
    for constant in (True, 1, 1.5, "1"):
        validator = SchemaValidator(json.dumps({"$defs": {"It": {"const": constant}}}))
        error = validator.first_error("/$defs/It", None)
        assert error is not None
        found.append((error.message, error.expected, type(error.expected)))

    assert found == [
        ("expected true", True, bool),
        ("expected 1", 1, int),
        ("expected 1.5", 1.5, float),
        ("expected 1", "1", str),
    ]


def test_rejections_leave_no_cycles() -> None:
    def reject_many() -> int:
        gc.collect()
        for _ in range(100):
            for raw in (message("put", {"name": "", "count": 1}), "{"):
                try:
                    SERVER.decode(raw)
                except InvalidFrame:
                    continue
                pytest.fail("it was not rejected")
        return gc.collect()

    reject_many()

    assert reject_many() < 100


def test_frame_type_is_required() -> None:
    """Two types in the decoder's union, so that msgspec requires ``type`` even if an endpoint has no messages."""
    with pytest.raises(InvalidFrame):
        DESK.decode("{}")


def test_decoded_frames_are_instances_of_frame() -> None:
    frame: Frame = SERVER.decode('{"type":"ring"}')

    assert isinstance(frame, Frame)


ORDERS = Codec(orders.ORDERS)
ACKNOWLEDGED = "order is acknowledged: expected the members type, id, session (22 characters of base64url), data"


def test_acknowledged_message_has_an_id_and_a_session() -> None:
    frame = ORDERS.decode(orders.frame("nut", 7))

    assert (frame.kind, frame.id, frame.session, frame.data) == (
        "delivery",
        7,
        orders.SESSION,
        orders.Order(item="nut"),
    )


@pytest.mark.parametrize(
    "session",
    [None, 7, [], "", orders.SESSION[:21], orders.SESSION + "a", orders.SESSION[:21] + "ü", orders.SESSION + "\n"],
)
@pytest.mark.parametrize("data", [{"item": "nut"}, {"item": 5}])
def test_session_is_22_characters_of_base64url(session: object, data: object) -> None:
    rejected = rejection(json.dumps({"type": "order", "id": 7, "session": session, "data": data}), ORDERS)

    assert ("unsupported_frame", ACKNOWLEDGED, 7) == (rejected.error.code, rejected.error.message, rejected.id)


@pytest.mark.parametrize("members", [{}, {"id": 7}, {"session": orders.SESSION}, {"id": -1, "session": orders.SESSION}])
def test_acknowledged_message_without_id_or_session_is_rejected(members: dict[str, object]) -> None:
    rejected = rejection(message("order", {"item": "nut"}, **members), ORDERS)

    assert ("unsupported_frame", ACKNOWLEDGED) == (rejected.error.code, rejected.error.message)
    assert rejection(json.dumps({"type": "cancel-all", **members}), ORDERS).error.code == "unsupported_frame"


def test_invalid_acknowledged_message_is_rejected_with_its_id() -> None:
    rejected = rejection(message("order", {"item": 5}, id=7, session=orders.SESSION), ORDERS)

    assert ("invalid_message", "/item", 7) == (rejected.error.code, rejected.error.pointer, rejected.id)


def test_acknowledged_message_that_only_the_schema_accepts_keeps_its_members() -> None:
    frame = ORDERS.decode(f'{{"type":"cancel-all","id":7.0,"session":"{orders.SESSION}"}}')

    assert (frame.kind, frame.id, frame.session) == ("delivery", 7, orders.SESSION)


def test_plain_message_has_no_session() -> None:
    assert ORDERS.decode(message("note", "x")).session is None
    assert rejection(message("note", "x", session=orders.SESSION), ORDERS).error.code == "unsupported_frame"


def test_acknowledgement_has_the_id_of_its_message() -> None:
    frame = Codec(orders.ORDERS, side="client").decode(ORDERS.encode_ack(7))

    assert ("ack", 7) == (frame.kind, frame.re)
    assert rejection('{"type":"$ack","re":7}', ORDERS).error.code == "unsupported_frame"


@pytest.mark.parametrize("name", ["nut", 1])
def test_garbage_collector_runs_again_after_a_large_frame(name: object) -> None:
    raw = message("put", {"name": name, "count": 3}) + " " * LARGE

    if isinstance(name, str):
        assert shop.Item(name="nut", count=3) == SERVER.decode(raw).data
    else:
        assert "type" == rejection(raw).error.keyword

    assert gc.isenabled()


def test_garbage_collector_stays_off_after_a_large_frame() -> None:
    gc.disable()
    try:
        SERVER.decode(message("put", {"name": "nut", "count": 3}) + " " * LARGE)
        assert not gc.isenabled()
    finally:
        gc.enable()
