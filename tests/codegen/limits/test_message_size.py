"""Maximum size of client messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen.limits.message_size import message_bytes

from ..support.generated import read

KIB, MIB = 1 << 10, 1 << 20


def size(tmp_path: Path, *payloads: Any, **more: Any) -> int:
    messages = {f"m{number}": {"payload": payload} for number, payload in enumerate(payloads)}
    shop = {"kind": "persistent", "path": "/shop", "clientMessages": messages, "serverMessages": {}, **more}
    (endpoint,) = read(tmp_path, {"shop.json": shop})
    return message_bytes(endpoint)


def text(length: int) -> dict[str, Any]:
    return {"type": "string", "maxLength": length}


def closed(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


@pytest.mark.parametrize(
    "payload",
    [
        text(100),
        {"type": "integer"},
        {"enum": ["x" * 1000, 1]},
        {"type": "array", "items": {"type": "boolean"}, "maxItems": 1000},
        closed(a=text(500), b={"anyOf": [text(10), {"type": "null"}]}),
        {"type": "array", "prefixItems": [text(5)], "items": False},
    ],
    ids=str,
)
def test_minimum_is_64_kibibytes(tmp_path: Path, payload: Any) -> None:
    assert size(tmp_path, payload) == 64 * KIB


@pytest.mark.parametrize(
    "payload",
    [
        True,
        {"type": "string"},
        {"type": "object", "properties": {"a": text(5)}},
        closed(a=text(5), b={"type": "array", "items": text(5)}),
        {"type": "object", "additionalProperties": text(5)},
        {"$ref": "#/$defs/Tree"},
    ],
    ids=str,
)
def test_unbounded_schema_has_one_mebibyte(tmp_path: Path, payload: Any) -> None:
    tree = closed(name=text(5), children={"type": "array", "items": {"$ref": "#/$defs/Tree"}, "maxItems": 2})

    assert size(tmp_path, payload, **{"$defs": {"Tree": tree}}) == MIB
    assert size(tmp_path / "several", payload, text(5), **{"$defs": {"Tree": tree}}) == MIB


def test_longest_valid_message_fits(tmp_path: Path) -> None:
    many = {"type": "array", "items": text(10), "maxItems": 50_000}

    assert size(tmp_path / "text", text(2 * MIB)) > 2 * MIB
    assert size(tmp_path / "open", {"type": "object", "properties": {"a": text(200_000)}}) > 12 * 200_000
    assert 50_000 * 12 * 10 < size(tmp_path / "many", text(5), many) < 10 * MIB
    assert size(tmp_path / "all", text(1 << 30)) == 8_333_312


def test_size_includes_replies_of_the_client(tmp_path: Path) -> None:
    ask = {"ask": {"payload": text(5), "reply": text(200_000)}}

    assert size(tmp_path, text(5), serverMessages=ask) > 12 * 200_000
