"""The codec: everything of one endpoint that stands between text and typed values."""

from __future__ import annotations

import gc
import json
import random
import time
from typing import Any

import jsonschema_rs
import msgspec
import pytest

import tornado_ws
from tornado_ws.endpoint import Payload
from tornado_ws.errors import ErrorData, InvalidFrame, InvalidMessage
from tornado_ws.validation.codec import PING, PONG, Codec
from tornado_ws.validation.envelopes import Frame
from tornado_ws.validation.payload import InvalidPayload, PayloadCodec
from tornado_ws.validation.schema_validator import SchemaValidator

from ...codegen.support.mutants import mutants
from ...support import shop

SERVER = Codec(shop.SHOP)
CLIENT = Codec(shop.SHOP, side="client")
DESK = Codec(shop.DESK)


def message(name: str, data: Any, **members: Any) -> str:
    return json.dumps({"type": name, **members, "data": data})


def refusal(raw: str | bytes, codec: Codec = SERVER) -> InvalidFrame:
    with pytest.raises(InvalidFrame) as caught:
        codec.decode(raw)
    return caught.value


def told(raw: str | bytes, codec: Codec = SERVER) -> tuple[str, str | None, str | None, Any]:
    """Return what a peer is told of a refused frame."""
    error = refusal(raw, codec).error
    return error.code, error.pointer, error.keyword, error.expected


class TestReading:
    def test_data_has_the_type_of_the_slot(self) -> None:
        frame = SERVER.decode(message("put", {"name": "nut", "count": 3}))

        assert (frame.kind, frame.data, frame.id) == ("message", shop.Item(name="nut", count=3), None)
        assert frame.message is shop.SHOP.client[0]

    def test_bytes_and_text_are_read_alike(self) -> None:
        raw = message("put", {"name": "nüt", "count": 3})

        assert SERVER.decode(raw) == SERVER.decode(raw.encode())

    def test_a_message_without_payload_has_no_data(self) -> None:
        frame = SERVER.decode('{"type":"ring"}')

        assert frame.data is msgspec.UNSET
        assert told('{"type":"ring","data":null}') == ("invalid_message", "", "false schema", None)

    def test_a_message_with_payload_has_data(self) -> None:
        assert told('{"type":"put"}') == ("invalid_message", "", "required", None)

    def test_the_type_may_come_last(self) -> None:
        raw = '{"data":{"count":3,"name":"nut"},"type":"put"}'

        assert SERVER.decode(raw).data == shop.Item(name="nut", count=3)

    def test_requests_have_a_number(self) -> None:
        frame = SERVER.decode(message("buy", {"name": "nut", "count": 1}, id=7))

        assert (frame.kind, frame.id) == ("request", 7)
        assert refusal(message("buy", {"name": "nut", "count": 1})).error.code == "unsupported_frame"
        assert refusal(message("put", {"name": "nut", "count": 1}, id=7)).error.code == "unsupported_frame"

    @pytest.mark.parametrize("number", ["-1", "1.5", '"7"', "null", "true", "9007199254740992", "[]"])
    def test_numbers_of_requests_are_those_that_javascript_counts_with(self, number: str) -> None:
        refused = refusal(f'{{"type":"watch","id":{number}}}')

        assert (refused.error.code, refused.id) == ("unsupported_frame", None)

    def test_an_invalid_request_is_refused_with_its_number(self) -> None:
        assert refusal(message("buy", {"name": "", "count": 1}, id=7)).id == 7
        assert refusal(message("nope", {}, id=7)).id == 7
        assert refusal('{"type":"nope","id":7}').id == 7
        assert refusal(message("confirm", "yes", re=8)).re == 8

    def test_replies_name_the_request_they_answer(self) -> None:
        frame = SERVER.decode(message("confirm", True, re=4))

        assert (frame.kind, frame.re, frame.data) == ("reply", 4, True)
        assert frame.message is shop.SHOP.server[2]

    def test_a_request_and_a_reply_of_one_name_are_told_apart(self) -> None:
        asked = SERVER.decode(message("buy", {"name": "nut", "count": 1}, id=7))
        answered = SERVER.decode(message("buy", True, re=7))

        assert (asked.kind, asked.message, asked.data) == (
            "request",
            shop.SHOP.client[2],
            shop.Item(name="nut", count=1),
        )
        assert (answered.kind, answered.message, answered.data) == ("reply", shop.SHOP.server[3], True)
        assert told(message("buy", {"name": "nut", "count": -1}, id=7))[1:3] == ("/count", "minimum")

    def test_items_of_a_stream_are_replies(self) -> None:
        frame = CLIENT.decode(message("watch", {"name": "nut", "count": 1}, re=1))

        assert (frame.kind, frame.data) == ("reply", shop.Item(name="nut", count=1))

    def test_messages_of_servers_may_have_a_sequence_number(self) -> None:
        data = {"name": "nut", "count": 1}

        assert CLIENT.decode(message("stocked", data, seq=42)).seq == 42
        assert CLIENT.decode(message("stocked", data)).seq is None
        assert refusal(message("put", data, seq=42)).error.code == "unsupported_frame"

    @pytest.mark.parametrize(
        ("raw", "kind"),
        [
            (PING, "ping"),
            (PONG, "pong"),
            ('{"type":"$cancel","re":3}', "cancel"),
            ('{"type":"$cancel","re":3.0}', "cancel"),
            ('{"type":"$end","re":3}', "end"),
            ('{"type":"$resume","data":{"epoch":"e","seq":3}}', "resume"),
            ('{"type":"$error","re":3,"data":{"code":"timeout","message":"too late"}}', "error"),
        ],
    )
    def test_control_frames(self, raw: str | bytes, kind: str) -> None:
        assert SERVER.decode(raw).kind == kind

    @pytest.mark.parametrize(
        "raw", ['{"type":"$nope"}', '{"type":"$hello"}', '{"type":"$end"}', '{"type":"$ping","x":1}']
    )
    def test_other_control_frames_are_refused(self, raw: str) -> None:
        assert refusal(raw).error.code == "unsupported_frame"

    @pytest.mark.parametrize("raw", ["[]", "1", "null", '"put"', "{}", '{"type":1}', '{"data":{}}', '{"Type":"put"}'])
    def test_what_is_no_frame_is_refused(self, raw: str) -> None:
        assert refusal(raw).error.code == "unsupported_frame"

    def test_unknown_messages_are_refused_without_repeating_their_name(self) -> None:
        refused = refusal('{"type":"evil"}')

        assert refused.error.code == "unknown_message"
        assert "evil" not in str(refused.error)

    def test_members_that_a_frame_does_not_have_are_refused_without_repeating_them(self) -> None:
        for raw in (
            message("put", {"name": "nut", "count": 1}, evil=1),
            '{"type":"ring","evil":1}',
            '{"type":"put","evil":1}',
        ):
            assert refusal(raw).error.code == "unsupported_frame"
            assert "evil" not in repr(refusal(raw))


class TestVerdicts:
    @pytest.mark.parametrize("number", ["3.0", "3e0", "0.3e1", "300e-2"])
    def test_an_integer_may_be_written_as_a_float(self, number: str) -> None:
        frame = SERVER.decode(f'{{"type":"put","data":{{"name":"nut","count":{number}}}}}')

        assert frame.data == shop.Item(name="nut", count=3)
        assert isinstance(frame.data.count, int)

    def test_a_fraction_is_no_integer(self) -> None:
        assert told(message("put", {"name": "nut", "count": 1.5}))[1:] == ("/count", "type", "integer")

    def test_big_integers_keep_every_digit(self) -> None:
        frame = SERVER.decode(message("put", {"name": "nut", "count": 2**70 + 1}))

        assert frame.data.count == 2**70 + 1

    def test_a_number_out_of_range_is_refused(self) -> None:
        assert refusal('{"type":"keep","data":1e400}').error.code == "malformed_json"

    def test_null_is_not_absence(self) -> None:
        assert told(message("put", {"name": "nut", "count": 1, "note": None}))[1:] == ("/note", "type", "string")

    def test_lengths_count_characters(self) -> None:
        assert SERVER.decode(message("put", {"name": "😀" * 10, "count": 1})).data.name == "😀" * 10
        assert told(message("put", {"name": "😀" * 11, "count": 1}))[1:] == ("/name", "maxLength", 10)

    def test_of_duplicate_keys_the_last_counts(self) -> None:
        frame = '{{"type":"put","data":{{"name":"nut","count":{},"count":{}}}}}'

        assert SERVER.decode(frame.format(1, 2)).data.count == 2
        assert SERVER.decode(frame.format('"x"', 2)).data.count == 2
        assert told(frame.format(2, -1))[1:3] == ("/count", "minimum")

    def test_of_duplicate_types_the_last_counts(self) -> None:
        assert SERVER.decode('{"type":"put","type":"ring"}').message is shop.SHOP.client[1]

    @pytest.mark.parametrize(
        "data", ["NaN", "Infinity", "-Infinity", '"\\ud800"', '"\\udc00x"', "01", "[1,]", "", '"\n"']
    )
    def test_malformed_json_is_refused(self, data: str) -> None:
        assert refusal(f'{{"type":"keep","data":{data}}}').error.code == "malformed_json"

    @pytest.mark.parametrize(
        "raw", [b'{"type":"keep","data":"\xff"}', b"", b"\xef\xbb\xbf{}", '{"type":"keep","data":"\ud800"}']
    )
    def test_what_is_no_text_is_refused(self, raw: str | bytes) -> None:
        assert refusal(raw).error.code == "malformed_json"

    @pytest.mark.parametrize("name", ["keep", "grow", "put", "nope"])
    def test_ten_thousand_levels_are_too_deep(self, name: str) -> None:
        raw = f'{{"type":"{name}","data":{"[" * 10_000}{"]" * 10_000}}}'

        assert refusal(raw).error.code == "too_deep"

    def test_three_hundred_levels_are_not(self) -> None:
        def tree(leaf: str) -> str:
            return f'{{"type":"grow","data":{"[" * 300}{leaf}{"]" * 300}}}'

        assert SERVER.decode(tree("")).kind == "message"
        assert refusal(tree("1")).error.code in ("invalid_message", "too_deep")

    def test_a_tag_cannot_be_missing_where_a_struct_is_alone(self) -> None:
        assert SERVER.decode(message("roll", {"kind": "circle", "radius": 1})).data == shop.Circle(radius=1)
        assert told(message("roll", {"radius": 1}))[1:] == ("", "required", "kind")
        assert told(message("roll", {"kind": "\0", "radius": 1}))[1:] == ("/kind", "const", "circle")

    def test_a_dollar_does_not_match_before_a_line_break(self) -> None:
        assert told(message("price", {"price": 1, "code": "abc\n"}))[1:3] == ("/code", "pattern")

    def test_digits_are_those_of_ascii(self) -> None:
        assert SERVER.decode(message("count", "7")).data == "7"
        assert told(message("count", "\u0667"))[2] == "pattern"

    def test_patterns_take_linear_time(self) -> None:
        start = time.perf_counter()

        assert told(message("spell", "a" * 50_000 + "!"))[2] == "pattern"
        assert time.perf_counter() - start < 5

    def test_items_are_compared_as_json_does(self) -> None:
        assert SERVER.decode(message("price", {"price": 1, "tags": ["a", "b"]})).data.tags == ["a", "b"]
        assert told(message("price", {"price": 1, "tags": ["a", "b", "a"]}))[1:] == ("/tags", "uniqueItems", None)

    @pytest.mark.parametrize("price", ["0.07", "19.99", "1", "1.10", "-4.35", "1e3", "9007199254740993"])
    def test_multiples_of_a_fraction_are_decimal(self, price: str) -> None:
        assert SERVER.decode(f'{{"type":"price","data":{{"price":{price}}}}}').data.price == float(price)

    def test_other_fractions_are_no_multiples(self) -> None:
        assert told(message("price", {"price": 0.075}))[1:] == ("/price", "multipleOf", 0.01)

    def test_an_absent_attribute_is_not_judged(self) -> None:
        assert SERVER.decode(message("price", {"price": 1})).data.tags is msgspec.UNSET

    def test_a_whole_value_is_judged_where_its_type_says_too_little(self) -> None:
        assert SERVER.decode(message("map", {"a": 1})).data == {"a": 1}
        assert told(message("map", {}))[1:] == ("", "minProperties", 1)

    def test_tags_choose_the_class(self) -> None:
        assert SERVER.decode(message("draw", {"side": 1, "kind": "square"})).data == shop.Square(side=1)

    def test_schemas_choose_the_class_where_no_tag_does(self) -> None:
        assert SERVER.decode(message("pay", {"coins": 3})).data == shop.Cash(coins=3)
        assert SERVER.decode(message("pay", {"number": "4711", "coins": "none"})).data == shop.Card(number="4711")
        assert SERVER.decode(message("pay", {"coins": 3.0})).data == shop.Cash(coins=3)

    @pytest.mark.parametrize(
        "unproved",
        [
            (("price", "/$defs/Priced/properties/price", "multipleOf"), ("#", "/$defs/Priced", "maxProperties")),
            (("price", "/$defs/Priced/properties/price"), ("/tags", "/$defs/Priced/properties/tags"), ""),
            (("#", "/$defs/Priced", "maxProperties"), ("/price", "/$defs/Priced/properties/price", "multipleOf")),
            (("{price code tags}", "/$defs/Priced", "maxProperties"), ("price", "/$defs/Priced/properties/price")),
        ],
    )
    def test_whatever_is_in_doubt_is_tried(self, unproved: Any) -> None:
        schema = shop.SCHEMA["$defs"]["Priced"] | {"maxProperties": 2}
        slot = PayloadCodec(
            Payload(shop.Priced, "/$defs/Priced", unproved), SchemaValidator(json.dumps({"$defs": {"Priced": schema}}))
        )

        assert slot.encode({"price": 1.5, "code": "a"}) == b'{"price":1.5,"code":"a"}'
        for wrong in ({"price": 1.005}, {"price": 1, "tags": [], "code": "a"}):
            with pytest.raises(InvalidPayload):
                slot.encode(wrong)

    def test_what_is_judged_as_a_whole_has_its_classes_all_the_same(self) -> None:
        paid = SERVER.decode(message("pay_all", [{"number": "4711"}, {"coins": 3.0}]))
        filled = SERVER.decode(message("fill", {"main": {"coins": 3}, "x": None}))

        assert paid.data == [shop.Card(number="4711"), shop.Cash(coins=3)]
        assert filled.data == shop.Wallet(main=shop.Cash(coins=3))
        assert told(message("pay_all", [{"number": "4711"}]))[1:] == ("", "contains", None)
        assert told(message("fill", {"main": {"coins": 3}}))[1:] == ("", "minProperties", 2)

    def test_verdicts_are_those_of_the_schema(self) -> None:
        chance = random.Random(7)
        valid = [
            ("put", {"name": "nut", "count": 1, "note": "x"}),
            ("price", {"price": 1.5, "tags": ["a", "b"], "code": "abc"}),
            ("map", {"a": 1, "b": 2}),
            ("draw", {"kind": "circle", "radius": 1.5}),
            ("roll", {"kind": "circle", "radius": 1.5}),
            ("pay", {"coins": 1, "number": "x"}),
            ("keep", {"a": [1, None]}),
            ("add", [1, 2, 3]),
        ]
        slots = {one.name: one.payload for one in shop.SHOP.client}
        wrong = []
        for name, value in valid:
            slot = slots[name]
            assert slot is not None
            judge = jsonschema_rs.Draft202012Validator({**shop.SCHEMA, "$ref": f"#{slot.schema}"})
            for mutant in mutants(value, chance, 300):
                expected = judge.is_valid(mutant)
                try:
                    SERVER.decode(message(name, mutant))
                except InvalidFrame:
                    actual = False
                else:
                    actual = True
                if expected is not actual:
                    wrong.append((name, mutant, expected))

        assert [] == wrong


class TestErrors:
    def test_pointer_and_keyword_are_told_and_never_the_value(self) -> None:
        error = refusal(message("put", {"name": "x" * 11, "count": 1})).error

        assert error == ErrorData(
            code="invalid_message",
            message="expected at most 10 characters",
            pointer="/name",
            keyword="maxLength",
            expected=10,
        )

    def test_names_that_the_peer_made_up_are_not_told(self) -> None:
        for raw in (
            message("put", {"name": "nut", "count": 1, "evil": 1}),
            message("map", {"evil": "x"}),
        ):
            assert "evil" not in repr(refusal(raw))
        assert told(message("map", {"evil": "x"}))[1:] == ("", "type", "integer")

    def test_of_a_tagged_union_the_chosen_member_tells_its_error(self) -> None:
        assert told(message("draw", {"kind": "circle", "radius": 0}))[1:] == ("/radius", "exclusiveMinimum", 0)
        assert told(message("draw", {"kind": "square", "radius": 1}))[1:] == ("", "required", "side")
        assert told(message("draw", {"kind": "evil"}))[1:] == ("", "oneOf", None)
        assert told(message("draw", []))[1:] == ("", "oneOf", None)

    def test_of_a_plain_union_no_member_tells_anything(self) -> None:
        assert told(message("pay", {"coins": "x"}))[1:] == ("", "anyOf", None)

    def test_the_first_of_many_errors_is_told(self) -> None:
        assert told(message("add", ["x"] * 100_000))[1:] == ("/0", "type", "integer")

    def test_one_and_true_are_told_apart(self) -> None:
        found = []
        for constant in (True, 1, 1.5, "1"):
            judge = SchemaValidator(json.dumps({"$defs": {"It": {"const": constant}}}))
            error = judge.first_error("/$defs/It", None)
            assert error is not None
            found.append((error.message, error.expected, type(error.expected)))

        assert found == [
            ("expected true", True, bool),
            ("expected 1", 1, int),
            ("expected 1.5", 1.5, float),
            ("expected 1", "1", str),
        ]

    def test_refusals_leave_nothing_to_the_garbage_collector(self) -> None:
        def refuse_many() -> int:
            gc.collect()
            for _ in range(100):
                for raw in (message("put", {"name": "", "count": 1}), "{"):
                    try:
                        SERVER.decode(raw)
                    except InvalidFrame:
                        continue
                    pytest.fail("it was not refused")
            return gc.collect()

        refuse_many()

        assert refuse_many() < 100


class TestWriting:
    def test_a_message_is_its_payload_with_a_head(self) -> None:
        assert SERVER.encode(shop.Stocked(name="nut", count=1)) == b'{"type":"stocked","data":{"name":"nut","count":1}}'

    def test_a_replayable_message_has_a_sequence_number(self) -> None:
        raw = SERVER.encode(shop.Stocked(name="nut", count=1), seq=42)

        assert raw == b'{"type":"stocked","seq":42,"data":{"name":"nut","count":1}}'

    def test_a_message_without_payload(self) -> None:
        assert SERVER.encode(shop.Closed()) == b'{"type":"closed"}'
        assert SERVER.encode(shop.Confirm(), id=3) == b'{"type":"confirm","id":3}'

    def test_a_wrapped_payload_is_unwrapped(self) -> None:
        assert SERVER.encode(shop.Map({"a": 1})) == b'{"type":"map","data":{"a":1}}'

    def test_replies_name_their_request(self) -> None:
        raw = SERVER.encode_reply(shop.SHOP.client[2], 7, True)

        assert raw == b'{"type":"buy","re":7,"data":true}'
        assert CLIENT.decode(raw).data is True

    def test_what_one_side_writes_the_other_reads(self) -> None:
        frame = SERVER.decode(CLIENT.encode(shop.Buy(name="nut", count=1), id=7))

        assert (frame.kind, frame.id, frame.data) == ("request", 7, shop.Item(name="nut", count=1))

    def test_a_request_needs_a_number_and_nothing_else_has_one(self) -> None:
        with pytest.raises(TypeError, match="buy is a request, got id=None"):
            SERVER.encode(shop.ServerBuy(name="nut", count=1))
        with pytest.raises(TypeError, match="stocked is no request, got id=3"):
            SERVER.encode(shop.Stocked(name="nut", count=1), id=3)

    def test_what_the_schema_forbids_does_not_leave(self) -> None:
        with pytest.raises(InvalidMessage) as caught:
            SERVER.encode(shop.Stocked(name="x" * 10_000, count=1))

        assert (caught.value.pointer, caught.value.keyword, caught.value.error.expected) == ("/name", "maxLength", 10)

    def test_an_attribute_that_the_schema_forbids_does_not_leave(self) -> None:
        with pytest.raises(InvalidMessage) as caught:
            SERVER.encode(shop.Price(price=1, tags=["a", "a"]))

        assert (caught.value.pointer, caught.value.keyword) == ("/tags", "uniqueItems")

    def test_a_value_that_the_schema_forbids_as_a_whole_does_not_leave(self) -> None:
        with pytest.raises(InvalidMessage) as caught:
            SERVER.encode(shop.Map({}))

        assert (caught.value.pointer, caught.value.keyword) == ("", "minProperties")

    def test_a_value_of_another_type_does_not_leave(self) -> None:
        wrong: Any = {"name": 1, "count": "x"}

        with pytest.raises(InvalidMessage) as caught:
            SERVER.encode(shop.Stocked(**wrong))

        assert caught.value.keyword == "type"

    def test_replies_are_checked(self) -> None:
        with pytest.raises(InvalidMessage) as caught:
            SERVER.encode_reply(shop.SHOP.client[2], 7, "yes")

        assert (caught.value.pointer, caught.value.keyword, caught.value.error.expected) == ("", "type", "boolean")

    @pytest.mark.parametrize("value", [object(), {1: object()}, "\ud800", print])
    def test_what_cannot_be_written_is_refused_in_words(self, value: object) -> None:
        with pytest.raises(InvalidMessage, match="keep was not sent: invalid_message: expected JSON"):
            SERVER.encode(shop.Keep(value))

    def test_what_holds_itself_is_refused(self) -> None:
        circle: list[Any] = []
        circle.append(circle)

        with pytest.raises(InvalidMessage, match="expected JSON"):
            SERVER.encode(shop.Keep(circle))

    def test_what_is_no_message_of_this_side_is_refused(self) -> None:
        with pytest.raises(TypeError, match=r"expected one of Stocked, .*, got Put"):
            SERVER.encode(shop.Put(name="nut", count=1))
        with pytest.raises(TypeError, match="got dict"):
            SERVER.encode({"type": "stocked"})

    def test_the_check_can_be_switched_off(self) -> None:
        trusting = Codec(shop.SHOP, check_outgoing=False)

        assert b"x" * 11 in trusting.encode(shop.Stocked(name="x" * 11, count=1))

    def test_control_frames_can_be_read_by_the_other_side(self) -> None:
        error = ErrorData(code="timeout", message="too late", retryable=True, retry_after_ms=5)
        written = [
            SERVER.encode_error(error, re=3),
            SERVER.encode_end(3),
            SERVER.encode_cancel(3),
            SERVER.encode_hello(connection="c", epoch="e", seq=3, heartbeat=20),
            SERVER.encode_resumed(True),
        ]

        frames = [CLIENT.decode(raw) for raw in written]

        assert [frame.kind for frame in frames] == ["error", "end", "cancel", "hello", "resumed"]
        assert (frames[0].re, frames[0].data) == (3, error)
        assert frames[3].data.contract == shop.SHOP.contract
        assert SERVER.decode(CLIENT.encode_resume("e", 3)).data.seq == 3

    def test_an_error_frame_has_no_empty_members(self) -> None:
        raw = SERVER.encode_error(ErrorData(code="internal", message="it failed"))

        assert raw == b'{"type":"$error","data":{"code":"internal","message":"it failed"}}'


class TestParams:
    def test_text_becomes_what_the_schema_says(self) -> None:
        params = SERVER.params({"name": "7", "page": "2", "ids": ["1", "2"], "exact": "true"})

        assert params == shop.Params(name="7", page=2, ids=[1, 2], exact=True)

    def test_one_value_of_a_list_is_a_list(self) -> None:
        assert SERVER.params({"name": "x", "ids": "5"}).ids == [5]

    @pytest.mark.parametrize(
        ("values", "pointer", "keyword"),
        [
            ({"name": "x", "page": "two"}, "/page", "type"),
            ({"name": "x", "page": "0"}, "/page", "minimum"),
            ({"name": "x", "page": "1.5"}, "/page", "type"),
            ({"name": "x", "page": ["1", "2"]}, "/page", "type"),
            ({"name": "x", "ids": ["1", "b"]}, "/ids/1", "type"),
            ({"page": "1"}, "", "required"),
            ({"name": "x", "evil": "1"}, "", "additionalProperties"),
        ],
    )
    def test_what_the_schema_refuses(self, values: dict[str, str | list[str]], pointer: str, keyword: str) -> None:
        with pytest.raises(InvalidFrame) as caught:
            SERVER.params(values)

        assert (caught.value.error.pointer, caught.value.error.keyword) == (pointer, keyword)

    def test_an_endpoint_without_params_has_none(self) -> None:
        with pytest.raises(TypeError, match="desk states no params"):
            DESK.params({})


class TestTickets:
    def test_a_ticket_comes_back_as_it_was(self) -> None:
        ticket = shop.Item(name="nut", count=1)

        assert DESK.decode_ticket(DESK.encode_ticket(ticket)) == ticket

    def test_a_ticket_is_checked_when_it_is_made(self) -> None:
        with pytest.raises(InvalidMessage, match="ticket was not sent"):
            DESK.encode_ticket(shop.Item(name="", count=1))

    def test_a_ticket_of_another_schema_is_refused(self) -> None:
        with pytest.raises(InvalidFrame):
            DESK.decode_ticket(b'{"name":"nut"}')


def test_frames_cannot_be_missed_by_name() -> None:
    """Two types in the decoder's union, so that msgspec insists on ``type``, also where an endpoint has no message."""
    with pytest.raises(InvalidFrame):
        DESK.decode("{}")


def test_every_frame_of_the_decoder_is_one_of_ours() -> None:
    frame: Frame = SERVER.decode('{"type":"ring"}')

    assert isinstance(frame, tornado_ws.validation.envelopes.Frame)
