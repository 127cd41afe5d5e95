"""Identifiers of generated Python."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen import model
from codegen.emit.python.python_identifiers import field_names, is_plain, message_class_name, parameter


def test_names_in_snake_case_stay_distinct() -> None:
    names = field_names(["userId", "user_id", "HTTPStatus", "Class", "1", "größe"], taken=[], snake_case=True)

    assert names == {
        "userId": "user_id_",
        "user_id": "user_id",
        "HTTPStatus": "http_status",
        "Class": "class_",
        "1": "value_1",
        "größe": "grosse",
    }


def test_usable_names_of_properties_are_kept() -> None:
    names = field_names(
        ["a", "class", "int", "of", "Line", "_x", "$id", "<=", "1", "a-b", "a_b", "größe"], taken=["Line"]
    )

    assert names == {
        "a": "a",
        "class": "class_",
        "int": "int_",
        "of": "of_",
        "Line": "Line_",
        "_x": "x",
        "$id": "id",
        "<=": "less_than_equals",
        "1": "value_1",
        "a-b": "a_b_",
        "a_b": "a_b",
        "größe": "grosse",
    }


@given(st.lists(st.text(), unique=True))
def test_fields_have_distinct_names(fields: list[str]) -> None:
    names = field_names(fields, taken=["A"])

    assert list(names) == fields
    assert len({*names.values()}) == len(fields)


@given(st.text())
def test_msgspec_accepts_plain_names(name: str) -> None:
    def define() -> None:
        msgspec.defstruct("It", [("a", int, msgspec.field(name=name))])

    if is_plain(name):
        define()
    else:
        with pytest.raises(ValueError, match="must not contain"):
            define()


def test_client_message_is_prefixed_if_it_differs_from_a_server_message() -> None:
    one = model.Message(name="it", payload=None)
    other = model.Message(
        name="it",
        payload=model.Payload(type=model.Anything(), validator=model.Always(verdict=True), pointer="/$defs/It"),
    )

    assert message_class_name(one, [other]) == "ClientIt"
    assert message_class_name(one, [one]) == "It"


def test_parameter_is_never_called_self() -> None:
    assert parameter(model.Message(name="self", payload=None)) == "self_"
    assert parameter(model.Message(name="a-b.c", payload=None)) == "a_b_c"
