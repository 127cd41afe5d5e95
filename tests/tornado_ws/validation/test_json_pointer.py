"""JSON Pointers (RFC 6901)."""

from __future__ import annotations

from typing import Any

import pytest

from tornado_ws.validation import json_pointer

DOCUMENT = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8, "~1": 9, "0": {"": {"": 3}}}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", DOCUMENT),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/m~0n", 8),
        ("/~01", 9),
        ("/0//", 3),
    ],
)
def test_pointer_leads_to_a_value(pointer: str, value: Any) -> None:
    assert value == json_pointer.resolve(DOCUMENT, pointer)
    assert pointer == json_pointer.join(json_pointer.parse(pointer))


@pytest.mark.parametrize(
    "pointer", ["/bar", "/foo/2", "/foo/-1", "/foo/-", "/foo/x", "/foo/\u0660", "/foo/0/0", "/0/x"]
)
def test_pointer_that_leads_nowhere_raises(pointer: str) -> None:
    with pytest.raises(LookupError):
        json_pointer.resolve(DOCUMENT, pointer)


def test_indices_are_joined_as_numbers() -> None:
    assert "/a~1b/0/~01" == json_pointer.join(["a/b", 0, "~1"])
