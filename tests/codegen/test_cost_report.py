"""Report of ``--explain``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen.cli import main
from codegen.cost_report import report

from .support.folders import folder
from .support.generated import payload, read

SHOP = {
    "kind": "persistent",
    "path": "/shop/{room}",
    "params": {
        "type": "object",
        "properties": {"room": {"type": "string", "pattern": "^[a-z]+$"}},
        "required": ["room"],
    },
    "clientMessages": {
        "put": {"payload": {"$ref": "#/$defs/Item"}},
        "ask": {"payload": {"type": "string", "maxLength": 5}, "reply": {"type": "array", "uniqueItems": True}},
        "search": {"stream": {"$ref": "#/$defs/Item"}},
        "ring": {},
    },
    "serverMessages": {"price": {"payload": {"$ref": "#/$defs/Price"}}},
    "$defs": {
        "Item": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
        "Price": {
            "type": "object",
            "properties": {
                "amount": {"type": "number", "multipleOf": 0.01, "minimum": 0},
                "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
                "items": {"type": "array", "items": {"$ref": "#/$defs/Item"}, "uniqueItems": True},
            },
            "additionalProperties": False,
        },
    },
}

LINES = """\
  params                       decoding, then /room: pattern
  client put                   decoding only (at most 13 ms)
  client ask                   decoding only (at most 13 ms)
  client ask (reply)           decoding, then uniqueItems
  client search (stream item)  decoding only
  server price                 decoding, then /amount: multipleOf; /tags: uniqueItems; /items: uniqueItems
"""


@pytest.mark.parametrize(
    "values", [["a", "b"], ["a"], ["a", 1, None], [f"a long value {number}" for number in range(9)]]
)
@pytest.mark.parametrize("schema", [{"$ref": "#/$defs/Kind"}, {"allOf": [{"$ref": "#/$defs/Kind"}]}])
def test_enumeration_of_a_definition_beside_type_needs_no_check(tmp_path: Path, schema: Any, values: list[Any]) -> None:
    kind = {"type": "string", "minLength": 1, **schema}
    properties = {"kind": kind, "kinds": {"type": "array", "items": kind}}
    it = {"type": "object", "properties": properties, "required": ["kind"]}
    endpoints = read(tmp_path, {"test.json": payload(it, **{"$defs": {"Kind": {"enum": values}}})})

    assert "  server it  decoding only" == list(report(endpoints))[1]


def test_keyword_without_a_further_reason_stands_alone(tmp_path: Path) -> None:
    it = {"type": "object", "properties": {"a": {"type": "integer"}}, "dependentRequired": {"a": ["b"]}}
    endpoints = read(tmp_path, {"test.json": payload(it)})

    assert "  server it  decoding, then dependentRequired" == list(report(endpoints))[1]


def test_each_payload_has_a_line(tmp_path: Path) -> None:
    lines = list(report(read(tmp_path, {"shop.json": SHOP})))

    assert lines[0].endswith("shop.json: client messages of at most 1,048,576 bytes")
    assert LINES.splitlines() == lines[1:]


def test_command_prints_the_report_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder(tmp_path / "schemas", shop=SHOP)
    monkeypatch.chdir(tmp_path)

    assert main(["--explain"]) == 0
    assert "client put" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["schemas"]
