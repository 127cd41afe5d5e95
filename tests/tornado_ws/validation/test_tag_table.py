"""Tables of tags."""

from __future__ import annotations

from typing import Any

import pytest

from tornado_ws import Tag
from tornado_ws.validation.tag_table import TagTable, tag_of

TAG = Tag("type", ((("a", 1), 0), ((True, None), Tag("sub", (((0,), 1), (("",), 2))))))


@pytest.mark.parametrize(
    ("plain", "position"),
    [
        ({"type": "a"}, 0),
        ({"type": 1}, 0),
        ({"type": 1.0}, 0),
        ({"type": True}, None),
        ({"type": True, "sub": 0}, 1),
        ({"type": None, "sub": -0.0}, 1),
        ({"type": None, "sub": ""}, 2),
        ({"type": None, "sub": False}, None),
        ({"type": "1"}, None),
        ({"type": ["a"]}, None),
        ({"type": {}}, None),
        ({"sub": 0}, None),
        ([], None),
        ("type", None),
    ],
)
def test_tag_selects_the_member_with_an_equal_constant(plain: Any, position: int | None) -> None:
    assert position == TagTable(TAG).select(plain)


def test_tag_is_read_from_its_keyword() -> None:
    inner = {"name": "sub", "choices": [[[0], 1], [[""], 2]]}
    schema = {"x-tag": {"oneOf": {"name": "type", "choices": [[["a", 1], 0], [[True, None], inner]]}}}

    assert TAG == tag_of(schema, "oneOf")
    assert tag_of(schema, "anyOf") is None
    assert tag_of({"x-tag": []}, "anyOf") is None
    assert tag_of({}, "anyOf") is None
