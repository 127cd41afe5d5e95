"""What ``--explain`` tells authors."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.cli import main
from codegen.cost_report import explain

from .support.folders import folder
from .support.generated import read

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
  params                 judged: /room: pattern
  client put             proved: what the decoder accepts is valid
  client ask             proved: what the decoder accepts is valid
  client ask, its reply  judged: uniqueItems
  client search, its items  proved: what the decoder accepts is valid
  server price           judged: /amount: multipleOf; /tags: uniqueItems; /items: uniqueItems
"""


def test_each_slot_says_what_it_costs(tmp_path: Path) -> None:
    lines = list(explain(read(tmp_path, {"shop.json": SHOP})))

    assert lines[0].endswith("shop.json:")
    assert [line.split() for line in LINES.splitlines()] == [line.split() for line in lines[1:]]
    assert len({line.index("proved") if "proved" in line else line.index("judged") for line in lines[1:]}) == 1


def test_the_command_prints_them_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder(tmp_path / "schemas", shop=SHOP)
    monkeypatch.chdir(tmp_path)

    assert main(["--explain"]) == 0
    assert "client put" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["schemas"]
