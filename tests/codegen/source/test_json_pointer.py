"""JSON Pointer (RFC 6901), with the examples of its section 5."""

from __future__ import annotations

from typing import Any

import pytest

from codegen.source import json_pointer

DOCUMENT: dict[str, Any] = {
    "foo": ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
}

EXAMPLES = [
    ("", DOCUMENT),
    ("/foo", ["bar", "baz"]),
    ("/foo/0", "bar"),
    ("/", 0),
    ("/a~1b", 1),
    ("/c%d", 2),
    ("/e^f", 3),
    ("/g|h", 4),
    ("/i\\j", 5),
    ('/k"l', 6),
    ("/ ", 7),
    ("/m~0n", 8),
]


@pytest.mark.parametrize(("pointer", "value"), EXAMPLES)
def test_pointer_resolves_to_its_value(pointer: str, value: Any) -> None:
    assert value == json_pointer.resolve(DOCUMENT, pointer)


@pytest.mark.parametrize("pointer", ["/bar", "/foo/2", "/foo/x", "/a~1b/c", "/a/b"])
def test_pointer_to_a_missing_value_raises_lookup_error(pointer: str) -> None:
    with pytest.raises(LookupError, match=pointer):
        json_pointer.resolve(DOCUMENT, pointer)


@pytest.mark.parametrize("key", ["", "a", "a/b", "m~n", "~1", "~01", "/~"])
def test_joined_keys_are_parsed_back(key: str) -> None:
    assert [key, "0", key] == json_pointer.parse(json_pointer.join("", key, 0, key))
    assert key == json_pointer.unescape(json_pointer.escape(key))


def test_pointer_without_tokens_is_the_document() -> None:
    assert [] == json_pointer.parse("")
    assert "/a" == json_pointer.join("/a")


def test_parent_is_the_pointer_without_its_last_token() -> None:
    assert "/a~1b" == json_pointer.parent("/a~1b/0")
    assert "" == json_pointer.parent("/a")


def test_prefix_has_the_first_tokens() -> None:
    assert "/a/b" == json_pointer.prefix("/a/b/c/d", 2)
    assert "/a" == json_pointer.prefix("/a", 2)
    assert "" == json_pointer.prefix("/a", 0)


def test_moves_of_nested_parts_follow_each_other() -> None:
    old, new = "/a/oneOf/0/b/oneOf/1/c", "/a/anyOf/0/oneOf/0/b/anyOf/0/oneOf/1/c"
    before = {"/a/oneOf": "/a/anyOf/0/oneOf", "/a/oneOf/0/b/oneOf": "/a/oneOf/0/b/anyOf/0/oneOf"}

    assert new == json_pointer.with_inner_moves(old, before)
    assert old == json_pointer.with_outer_moves(new, {moved: original for original, moved in before.items()})

    assert "/a/x" == json_pointer.with_inner_moves("/a/x", before)
    assert "" == json_pointer.with_inner_moves("", before) == json_pointer.with_outer_moves("", before)
