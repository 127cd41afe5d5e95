"""Payloads: validity of decoded data, and its types."""

from __future__ import annotations

import json
import random
import time

import jsonschema_rs
import msgspec
import pytest

from tornado_ws.endpoint import AttributeCheck, JsonCheck, MemberCheck, ObjectCheck, Payload, ResidualCheck
from tornado_ws.errors import InvalidFrame
from tornado_ws.validation.payload import InvalidPayload, PayloadCodec
from tornado_ws.validation.schema_validator import SchemaValidator

from ...codegen.support.mutants import mutants
from ...support import shop
from .frames import SERVER, error_of, message, rejection


@pytest.mark.parametrize("number", ["3.0", "3e0", "0.3e1", "300e-2"])
def test_an_integer_may_be_written_as_a_float(number: str) -> None:
    frame = SERVER.decode(f'{{"type":"put","data":{{"name":"nut","count":{number}}}}}')

    assert frame.data == shop.Item(name="nut", count=3)
    assert isinstance(frame.data.count, int)


def test_a_fraction_is_not_an_integer() -> None:
    assert error_of(message("put", {"name": "nut", "count": 1.5}))[1:] == ("/count", "type", "integer")


def test_big_integers_keep_every_digit() -> None:
    frame = SERVER.decode(message("put", {"name": "nut", "count": 2**70 + 1}))

    assert frame.data.count == 2**70 + 1


def test_a_number_out_of_range_is_rejected() -> None:
    assert rejection('{"type":"keep","data":1e400}').error.code == "malformed_json"


def test_null_is_not_absence() -> None:
    assert error_of(message("put", {"name": "nut", "count": 1, "note": None}))[1:] == ("/note", "type", "string")


def test_lengths_count_characters() -> None:
    assert SERVER.decode(message("put", {"name": "😀" * 10, "count": 1})).data.name == "😀" * 10
    assert error_of(message("put", {"name": "😀" * 11, "count": 1}))[1:] == ("/name", "maxLength", 10)


def test_last_of_duplicate_keys_counts() -> None:
    frame = '{{"type":"put","data":{{"name":"nut","count":{},"count":{}}}}}'

    assert SERVER.decode(frame.format(1, 2)).data.count == 2
    assert SERVER.decode(frame.format('"x"', 2)).data.count == 2
    assert error_of(frame.format(2, -1))[1:3] == ("/count", "minimum")


def test_last_of_duplicate_types_counts() -> None:
    assert SERVER.decode('{"type":"put","type":"ring"}').message is shop.SHOP.client[1]


@pytest.mark.parametrize("data", ["NaN", "Infinity", "-Infinity", '"\\ud800"', '"\\udc00x"', "01", "[1,]", "", '"\n"'])
def test_malformed_json_is_rejected(data: str) -> None:
    assert rejection(f'{{"type":"keep","data":{data}}}').error.code == "malformed_json"


@pytest.mark.parametrize(
    "raw", [b'{"type":"keep","data":"\xff"}', b"", b"\xef\xbb\xbf{}", '{"type":"keep","data":"\ud800"}']
)
def test_invalid_utf_8_is_rejected(raw: str | bytes) -> None:
    assert rejection(raw).error.code == "malformed_json"


@pytest.mark.parametrize("name", ["keep", "grow", "put", "nope"])
def test_ten_thousand_levels_are_too_deep(name: str) -> None:
    raw = f'{{"type":"{name}","data":{"[" * 10_000}{"]" * 10_000}}}'

    assert rejection(raw).error.code == "too_deep"


def test_three_hundred_levels_are_accepted() -> None:
    def tree(leaf: str) -> str:
        return f'{{"type":"grow","data":{"[" * 300}{leaf}{"]" * 300}}}'

    assert SERVER.decode(tree("")).kind == "message"
    assert rejection(tree("1")).error.code in ("invalid_message", "too_deep")


@pytest.mark.parametrize("tag", ["a", "", 0, 1, -5])
def test_tag_of_a_single_struct_is_required(tag: str | int) -> None:
    struct = msgspec.defstruct("Tagged", [("size", int)], tag_field="kind", tag=tag, frozen=True)
    schema = {
        "type": "object",
        "properties": {"kind": {"const": tag}, "size": {"type": "integer"}},
        "required": ["kind", "size"],
    }
    document = json.dumps({"$id": "https://example.com/", "$defs": {"It": schema}})
    codec = PayloadCodec(Payload(struct, "/$defs/It"), SchemaValidator(document, formats=False))

    assert struct(size=1) == codec.convert({"kind": tag, "size": 1})
    assert {"kind": tag, "size": 1} == json.loads(codec.encode(struct(size=1)))
    for wrong in ({"size": 1}, {"kind": 1 if tag != 1 else 0, "size": 1}, {"kind": "b", "size": 1}):
        with pytest.raises(InvalidPayload):
            codec.convert(wrong)


def test_tag_is_required_outside_of_unions() -> None:
    assert SERVER.decode(message("roll", {"kind": "circle", "radius": 1})).data == shop.Circle(radius=1)
    assert error_of(message("roll", {"radius": 1}))[1:] == ("", "required", "kind")
    assert error_of(message("roll", {"kind": "\0", "radius": 1}))[1:] == ("/kind", "const", "circle")


def test_a_dollar_does_not_match_before_a_line_break() -> None:
    assert error_of(message("price", {"price": 1, "code": "abc\n"}))[1:3] == ("/code", "pattern")


def test_digits_are_those_of_ascii() -> None:
    assert SERVER.decode(message("count", "7")).data == "7"
    assert error_of(message("count", "\u0667"))[2] == "pattern"


def test_patterns_take_linear_time() -> None:
    start = time.process_time()

    assert error_of(message("spell", "a" * 50_000 + "!"))[2] == "pattern"
    assert time.process_time() - start < 5


def test_items_are_compared_as_json_does() -> None:
    assert SERVER.decode(message("price", {"price": 1, "tags": ["a", "b"]})).data.tags == ["a", "b"]
    assert error_of(message("price", {"price": 1, "tags": ["a", "b", "a"]}))[1:] == ("/tags", "uniqueItems", None)


@pytest.mark.parametrize("price", ["0.07", "19.99", "1", "1.10", "-4.35", "1e3", "9007199254740993"])
def test_multiples_of_a_fraction_are_decimal(price: str) -> None:
    assert SERVER.decode(f'{{"type":"price","data":{{"price":{price}}}}}').data.price == float(price)


def test_other_fractions_are_not_multiples() -> None:
    assert error_of(message("price", {"price": 0.075}))[1:] == ("/price", "multipleOf", 0.01)


def test_absent_attribute_is_not_validated() -> None:
    assert SERVER.decode(message("price", {"price": 1})).data.tags is msgspec.UNSET


def test_whole_value_is_validated_if_its_type_proves_too_little() -> None:
    assert SERVER.decode(message("map", {"a": 1})).data == {"a": 1}
    assert error_of(message("map", {}))[1:] == ("", "minProperties", 1)


def test_tag_selects_the_class() -> None:
    assert SERVER.decode(message("draw", {"side": 1, "kind": "square"})).data == shop.Square(side=1)


def test_schemas_select_the_class_without_a_tag() -> None:
    assert SERVER.decode(message("pay", {"coins": 3})).data == shop.Cash(coins=3)
    assert SERVER.decode(message("pay", {"number": "4711", "coins": "none"})).data == shop.Card(number="4711")
    assert SERVER.decode(message("pay", {"coins": 3.0})).data == shop.Cash(coins=3)


@pytest.mark.parametrize(
    "checks",
    [
        (
            AttributeCheck("price", "/$defs/Priced/properties/price", "multipleOf"),
            JsonCheck("/$defs/Priced", "maxProperties"),
        ),
        (
            AttributeCheck("price", "/$defs/Priced/properties/price"),
            MemberCheck("tags", "/$defs/Priced/properties/tags"),
            JsonCheck("/$defs/Priced"),
        ),
        (
            JsonCheck("/$defs/Priced", "maxProperties"),
            MemberCheck("price", "/$defs/Priced/properties/price", "multipleOf"),
        ),
        (
            ObjectCheck(("price", "code", "tags"), "/$defs/Priced", "maxProperties"),
            AttributeCheck("price", "/$defs/Priced/properties/price"),
        ),
    ],
)
def test_residual_checks_are_made(checks: tuple[ResidualCheck, ...]) -> None:
    schema = shop.SCHEMA["$defs"]["Priced"] | {"maxProperties": 2}
    codec = PayloadCodec(
        Payload(shop.Priced, "/$defs/Priced", checks), SchemaValidator(json.dumps({"$defs": {"Priced": schema}}))
    )

    assert codec.encode({"price": 1.5, "code": "a"}) == b'{"price":1.5,"code":"a"}'
    for wrong in ({"price": 1.005}, {"price": 1, "tags": [], "code": "a"}):
        with pytest.raises(InvalidPayload):
            codec.encode(wrong)


def test_values_validated_as_a_whole_have_their_classes() -> None:
    paid = SERVER.decode(message("pay_all", [{"number": "4711"}, {"coins": 3.0}]))
    filled = SERVER.decode(message("fill", {"main": {"coins": 3}, "x": None}))

    assert paid.data == [shop.Card(number="4711"), shop.Cash(coins=3)]
    assert filled.data == shop.Wallet(main=shop.Cash(coins=3))
    assert error_of(message("pay_all", [{"number": "4711"}]))[1:] == ("", "contains", None)
    assert error_of(message("fill", {"main": {"coins": 3}}))[1:] == ("", "minProperties", 2)


def test_decoder_accepts_what_the_schema_accepts() -> None:
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
    payloads = {one.name: one.payload for one in shop.SHOP.client}
    wrong = []
    for name, value in valid:
        payload = payloads[name]
        assert payload is not None
        validator = jsonschema_rs.Draft202012Validator({**shop.SCHEMA, "$ref": f"#{payload.schema}"})
        for mutant in mutants(value, chance, 300):
            expected = validator.is_valid(mutant)
            try:
                SERVER.decode(message(name, mutant))
            except InvalidFrame:
                actual = False
            else:
                actual = True
            if expected is not actual:
                wrong.append((name, mutant, expected))

    assert [] == wrong
