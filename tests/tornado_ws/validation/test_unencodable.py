"""Parts of values that JSON cannot represent."""

from __future__ import annotations

import math
import time
from typing import Any

import msgspec
import pytest

from tornado_ws import AdditionalProperties
from tornado_ws.validation.unencodable import unencodable_error


class Item(msgspec.Struct, kw_only=True):
    price: Any = msgspec.field(default=msgspec.UNSET, name="a/b")
    others: AdditionalProperties[Any] = msgspec.field(default_factory=dict)


class Int64:
    """Integer that is not an int, such as ``numpy.int64``."""


@pytest.mark.parametrize(
    ("value", "pointer", "got"),
    [
        (Int64(), "", "Int64"),
        ([1, Int64()], "/1", "Int64"),
        ({"a": {"b": (0, Int64())}}, "/a/b/1", "Int64"),
        (Item(price=[Int64()]), "/a~1b/0", "Int64"),
        (Item(others={"x": Int64()}), "/x", "Int64"),
        ({"a": Item(), "b": math.nan}, "/b", "nan"),
        ([-math.inf], "/0", "-inf"),
        (["é", "\ud800"], "/1", "a string with a lone surrogate"),
        ([Int64(), print], "/0", "Int64"),
    ],
)
def test_first_part_is_found(value: Any, pointer: str, got: str) -> None:
    error = unencodable_error(value)

    assert ("invalid_message", pointer, f"expected JSON, got {got}") == (error.code, error.pointer, error.message)


def test_declared_property_among_the_others_is_found() -> None:
    error = unencodable_error([Item(price=1, others={"a/b": 2})])

    assert (error.pointer, error.message) == ("/0/a~1b", "expected additional properties, got a declared property")


def test_value_that_contains_itself_has_no_pointer() -> None:
    circle: list[Any] = [1]
    circle.append(circle)
    started = time.process_time()

    assert unencodable_error(circle).pointer == ""
    assert time.process_time() - started < 4  # the search goes 100,000 levels deep


def test_names_that_are_not_strings_have_no_pointer() -> None:
    assert unencodable_error({(1, 2): 3}).pointer == ""
