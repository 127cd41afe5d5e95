"""JSON values: reading, and detection of NaN and infinities."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

import msgspec
import pytest

from tornado_ws.errors import InvalidFrame
from tornado_ws.validation.json_values import encode, integral, is_finite, may_hide_nan, read


class Node(msgspec.Struct):
    value: int
    children: list[Node] = []


class Leaf(msgspec.Struct):
    value: Annotated[float, msgspec.Meta(ge=0)] | None


class Table(TypedDict):
    rows: list[tuple[int, Leaf]]


@pytest.mark.parametrize("type_", [Any, float | None, list[Leaf], dict[str, Leaf], Table, tuple[str, Leaf]])
def test_types_that_allow_null_and_floats_may_hide_nan(type_: Any) -> None:
    assert may_hide_nan(type_)


@pytest.mark.parametrize("type_", [float, int | None, Node, list[str | None], dict[str, float], tuple[float, ...]])
def test_other_types_do_not_hide_nan(type_: Any) -> None:
    assert not may_hide_nan(type_)


@pytest.mark.parametrize(
    ("value", "finite"),
    [
        ([1.5, {"a": None}], True),
        (Leaf(value=float("nan")), False),
        ([{"a": (float("inf"),)}], False),
        (-float("inf"), False),
    ],
)
def test_nan_and_infinities_are_found_at_any_depth(value: Any, finite: bool) -> None:
    assert finite is is_finite(value)


def test_floats_without_a_fraction_become_integers() -> None:
    value = integral({"a": [1.0, 1.5, True, "1.0"], "b": -0.0})

    assert {"a": [1, 1.5, True, "1.0"], "b": 0} == value
    assert [int, float, bool, str] == [type(item) for item in value["a"]]


def test_copy_with_integers_leaves_the_value_unchanged() -> None:
    value: list[Any] = [{"a": [1.0]}]

    assert isinstance(integral(value)[0]["a"][0], int)
    assert isinstance(value[0]["a"][0], float)


@pytest.mark.parametrize(
    ("text", "code"), [("nul", "malformed_json"), ("[" * 9999, "too_deep"), (b"\xff", "malformed_json")]
)
def test_unreadable_text_is_rejected(text: str | bytes, code: str) -> None:
    with pytest.raises(InvalidFrame) as rejected:
        read(text)

    assert code == rejected.value.error.code


def test_unsupported_object_is_rejected() -> None:
    with pytest.raises(TypeError, match="expected a message or JSON, got object"):
        encode(object())


@pytest.mark.parametrize("value", [[1, {"a": 1.5}], {"a": []}, "1.0", True])
def test_value_without_integral_floats_is_returned_itself(value: Any) -> None:
    assert integral(value) is value
