"""Base classes of messages."""

from __future__ import annotations

import pickle
import typing
from copy import copy
from typing import ClassVar

import msgspec
import pytest

from tornado_ws.messages import Constants, Message, Request, Stream, Wrapper


class Order(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="order"):
    number: int
    lines: list[str]
    note: str | msgspec.UnsetType = msgspec.UNSET
    class_: str = msgspec.field(name="class", default="a")
    kind: ClassVar[str] = "order"


class Changed(Order, Message[Order], frozen=True, kw_only=True):
    pass


class Confirm(Order, Message[Order], Request[bool], frozen=True, kw_only=True):
    pass


class UrgentOrder(Order, frozen=True, kw_only=True):
    deadline: str


class Count(Wrapper[int], frozen=True):
    pass


class Pull(msgspec.Struct, Stream[Order], frozen=True):
    pass


ORDER = Order(number=1, lines=["tea"], class_="b")


def test_message_of_an_object_has_its_properties() -> None:
    changed = Changed.of(ORDER)

    assert type(changed) is Changed
    assert msgspec.json.encode(ORDER) == msgspec.json.encode(changed)
    assert changed.lines is ORDER.lines
    assert changed.note is msgspec.UNSET


def test_message_of_a_subclass_instance_has_the_properties_of_the_payload() -> None:
    urgent = UrgentOrder(number=2, lines=[], deadline="now")

    assert Changed(number=2, lines=[]) == Changed.of(urgent)
    assert Confirm(number=2, lines=[]) == Confirm.of(Changed.of(urgent))


def test_wrapper_of_a_value_contains_it() -> None:
    assert Count(5) == Count.of(5)
    assert 5 == Count.of(5).data


def test_subclass_of_a_message_is_made_of_a_payload() -> None:
    class Special(Count, frozen=True):
        pass

    assert type(Special.of(5)) is Special


def test_object_of_another_class_is_rejected() -> None:
    with pytest.raises(AttributeError, match="number"):
        Changed.of(Count(5))  # type: ignore[arg-type]


def test_messages_and_requests_are_plain_structs() -> None:
    text = b'{"kind":"order","number":1,"lines":["tea"],"class":"b"}'

    assert Confirm.of(ORDER) == msgspec.json.decode(text, type=Confirm)
    assert text == msgspec.json.encode(Confirm.of(ORDER))
    assert b"{}" == msgspec.json.encode(Pull())


class Call(msgspec.Struct, metaclass=Constants, frozen=True, kw_only=True, tag_field="type", tag="call"):
    number: int
    jsonrpc: typing.ClassVar[typing.Literal["2.0"]] = "2.0"
    op_code: typing.ClassVar[typing.Literal[7]] = msgspec.field(default=7, name="op-code")
    type_: typing.ClassVar[typing.Literal["call"]] = msgspec.field(default="call", name="type")


class Urgent(Call, frozen=True, kw_only=True):
    channels: typing.ClassVar[list[str]] = ["phone"]
    label: typing.ClassVar[str] = "urgent"
    deadline: str


class Placed(Call, Message[Call], frozen=True, kw_only=True):
    pass


CALL = b'{"type":"call","number":1,"jsonrpc":"2.0","op-code":7}'


@pytest.mark.parametrize("cls", [Call, Placed])
def test_constructor_sets_constants(cls: type[Call]) -> None:
    call = cls(number=1)

    assert CALL == msgspec.json.encode(call)
    assert call == msgspec.json.decode(CALL, type=cls) == copy(call) == pickle.loads(pickle.dumps(call))
    assert (7, "call", "2.0") == (cls.op_code, cls.type_, call.jsonrpc)


def test_class_variables_of_a_subclass_are_left_as_they_are() -> None:
    urgent = Urgent(number=1, deadline="now")

    assert (["phone"], "urgent", "2.0") == (Urgent.channels, urgent.label, urgent.jsonrpc)
    assert {**msgspec.json.decode(CALL), "deadline": "now"} == msgspec.json.decode(msgspec.json.encode(urgent))


def test_message_of_an_object_with_constants_has_its_properties() -> None:
    assert Placed(number=2) == Placed.of(Call(number=2))


@pytest.mark.parametrize("text", [b'{"number":1,"op-code":7}', b'{"number":1,"jsonrpc":"1.0","op-code":7}'])
def test_decoded_object_must_contain_its_constants(text: bytes) -> None:
    with pytest.raises(msgspec.ValidationError, match="jsonrpc"):
        msgspec.json.decode(text, type=Call)


def test_constants_are_no_arguments_for_type_checkers() -> None:
    with pytest.raises(TypeError):
        Call(number=1, type_="call")  # type: ignore[call-arg]
