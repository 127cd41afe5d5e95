"""Commands and table of the page about protocols in use."""

from __future__ import annotations

import copy
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codegen.cli import main
from tests.docs.pages import ROOT, blocks

Document = dict[str, Any]

PAGE = ROOT / "docs/how-to/evolve.md"
CHAT: Document = json.loads((ROOT / "schemas/chat.json").read_text(encoding="utf-8"))
ITEM: Document = {
    "type": "object",
    "properties": {"text": {"type": "string", "maxLength": 9}, "color": {"enum": ["red", "blue"]}},
    "required": ["text"],
}
CLOSED = {**ITEM, "additionalProperties": False}
MESSAGE: Document = {"payload": ITEM, "rate": "10/s"}
ROWS = re.findall(
    r"^\| ([^|]+) \| ([^|]*)\| ([^|]*)\|$", PAGE.read_text(encoding="utf-8").split("## Change some")[0], re.M
)
TABLE = {change: {"client": client.strip(), "server": server.strip()} for change, client, server in ROWS[2:]}

NEW = {"properties": {**ITEM["properties"], "note": {"type": "string"}}}
COLOR, TEXT = ({name: ITEM["properties"][name]} for name in ("color", "text"))
PAYLOADS: dict[str, list[Document]] = {
    "new optional property": [NEW],
    "new required property": [{**NEW, "required": ["text", "note"]}],
    "property no longer required": [{"required": []}],
    "removed optional property": [{"properties": TEXT}],
    "removed required property": [{"properties": COLOR, "required": []}],
    "more values of an `enum`, a looser bound, or another type beside the old one": [
        {"properties": {**TEXT, "color": {"enum": ["red", "blue", "green"]}}},
        {"properties": {**COLOR, "text": {"type": "string", "maxLength": 10}}},
        {"properties": {**COLOR, "text": {"type": ["string", "null"], "maxLength": 9}}},
    ],
    "fewer values, or a tighter bound": [
        {"properties": {**TEXT, "color": {"enum": ["red"]}}},
        {"properties": {**COLOR, "text": {"type": "string", "maxLength": 8}}},
    ],
}
"""Changes of the payload, by row."""

REPLY, STREAM = {"reply": {"type": "integer"}}, {"stream": {"type": "integer"}}
RESUMABLE = STREAM | {"resume": ""}
LINE = {"line": {"type": "integer"}, "text": {"type": "string"}}
LINES = {"stream": {"type": "object", "properties": LINE, "required": [*LINE]}}
MESSAGES: dict[str, list[tuple[str, Document | None, Document | None]]] = {
    "new message": [(side, None, MESSAGE) for side in ("client", "server")],
    "removed or renamed message": [(side, MESSAGE, None) for side in ("client", "server")],
    "new `reply` or `stream`": [
        ("client", MESSAGE, MESSAGE | REPLY),
        ("client", MESSAGE, MESSAGE | STREAM),
        ("server", MESSAGE, MESSAGE | REPLY),
    ],
    "removed `reply` or `stream`": [
        ("client", MESSAGE | REPLY, MESSAGE),
        ("client", MESSAGE | STREAM, MESSAGE),
        ("server", MESSAGE | REPLY, MESSAGE),
    ],
    "new or removed `acknowledged`": [
        ("client", MESSAGE, MESSAGE | {"acknowledged": True}),
        ("client", MESSAGE | {"acknowledged": True}, MESSAGE),
    ],
    "new `resume` of a stream": [("client", MESSAGE | STREAM, MESSAGE | RESUMABLE)],
    "removed or other `resume`": [
        ("client", MESSAGE | RESUMABLE, MESSAGE | STREAM),
        ("client", MESSAGE | LINES | {"resume": "/line"}, MESSAGE | LINES | {"resume": "/text"}),
    ],
    "new or lower `rate`": [
        ("client", MESSAGE, MESSAGE | {"rate": "9/s"}),
        ("client", {"payload": ITEM}, MESSAGE),
    ],
    "new, changed or removed `concurrent` or `timeout`": [
        ("client", MESSAGE | REPLY, MESSAGE | REPLY | {"concurrent": 2, "timeout": 5}),
        ("client", MESSAGE | REPLY | {"timeout": 5}, MESSAGE | REPLY | {"concurrent": True}),
        ("server", MESSAGE | REPLY | {"timeout": 5}, MESSAGE | REPLY | {"timeout": 1}),
        ("server", MESSAGE | REPLY, MESSAGE | REPLY | {"timeout": 5}),
    ],
}
"""Direction, and the message before and after the change, by row."""

ERRORS = {"new error code": ({}, {"errors": {"full": {"description": "No place is left."}}})}
ERRORS["removed error code"] = (ERRORS["new error code"][1], ERRORS["new error code"][0])
WITHOUT, WIDE, NARROW = (
    {"errors": {"full": one}} for one in ({}, {"data": ITEM}, {"data": ITEM | {"maxProperties": 1}})
)
DATA = {
    "new or narrower `data` of an error": [(WITHOUT, WIDE), (WIDE, NARROW)],
    "removed or wider `data` of an error": [(WIDE, WITHOUT), (NARROW, WIDE)],
}


@pytest.fixture
def verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Return a function that compares two documents, and returns the mildest verdict of their changes."""
    monkeypatch.chdir(tmp_path)

    def verdict(old: Document, new: Document) -> str:
        for folder, document in (("old", old), ("schemas", new)):
            Path(folder).mkdir(exist_ok=True)
            Path(folder, "shop.json").write_text(json.dumps(document), encoding="utf-8")
        status = main(["diff", "--against", "old"])
        output = capsys.readouterr().out
        assert output != "no changes\n"
        assert (status == 1) == ("breaking" in output)
        return "breaking" if status else "compatible"

    return verdict


def endpoint(side: str, message: Document | None, **parts: Document) -> Document:
    """Return an endpoint with one message of a direction, beside another one."""
    if message is not None and side == "server":
        message = {name: value for name, value in message.items() if name != "rate"}
    messages = {"other": {}, **({} if message is None else {"item": message})}
    return {"kind": "persistent", "path": "/shop", f"{side}Messages": messages, **parts}


def test_each_row_has_an_example() -> None:
    assert TABLE.keys() == {*PAYLOADS, *MESSAGES, *ERRORS, *DATA}


@pytest.mark.parametrize("side", ["client", "server"])
@pytest.mark.parametrize("row", PAYLOADS)
def test_change_of_a_payload_has_the_verdict_of_its_row(verdict: Callable[..., str], row: str, side: str) -> None:
    cell = TABLE[row][side]
    for change in PAYLOADS[row]:
        for item in (ITEM, CLOSED):
            old, new = (endpoint(side, {"payload": one}) for one in (item, copy.deepcopy(item) | change))
            breaks = cell == "breaking" or (item is CLOSED and "unless" in cell)

            assert verdict(old, new) == ("breaking" if breaks else "compatible"), change


@pytest.mark.parametrize("row", MESSAGES)
def test_change_of_a_message_has_the_verdict_of_its_row(verdict: Callable[..., str], row: str) -> None:
    for side, before, after in MESSAGES[row]:
        assert verdict(endpoint(side, before), endpoint(side, after)) == TABLE[row][side].partition(":")[0]


@pytest.mark.parametrize("row", ERRORS)
def test_change_of_an_error_code_has_the_verdict_of_its_row(verdict: Callable[..., str], row: str) -> None:
    old, new = (endpoint("server", MESSAGE, **errors) for errors in ERRORS[row])

    assert verdict(old, new) == TABLE[row]["server"]


@pytest.mark.parametrize("row", DATA)
def test_change_of_the_data_of_an_error_has_the_verdict_of_its_row(verdict: Callable[..., str], row: str) -> None:
    for old, new in DATA[row]:
        assert verdict(endpoint("server", MESSAGE, **old), endpoint("server", MESSAGE, **new)) == TABLE[row]["server"]


def test_parameters_and_path_follow_the_rules_of_the_page(verdict: Callable[..., str]) -> None:
    def at(path: str, longest: int) -> Document:
        text = {"type": "string", "maxLength": longest}
        return endpoint("client", MESSAGE) | {"path": path, "params": {"type": "object", "properties": {"id": text}}}

    assert verdict(at("/shop", 5), at("/shop", 6)) == "compatible"
    assert verdict(at("/shop", 5), at("/shop", 4)) == "breaking"
    assert verdict(at("/shop", 5), at("/store", 5)) == "breaking"


def test_commands_of_the_page_run_in_a_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    schema = tmp_path / "schemas/chat.json"
    schema.parent.mkdir()
    schema.write_text(json.dumps(CHAT), encoding="utf-8")
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "Add the chat"]):
        subprocess.run(["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.org", *command], check=True)
    changed = copy.deepcopy(CHAT)
    for name in ("Line", "Said"):
        changed["$defs"][name]["properties"]["text"]["maxLength"] = 400
    changed["clientMessages"]["writing"] = changed["clientMessages"].pop("typing")
    schema.write_text(json.dumps(changed), encoding="utf-8")
    compare, release = (block.text.splitlines() for block in blocks(PAGE, "sh"))
    (output,) = blocks(PAGE, "text")

    statuses = [_run(line) for line in compare]
    assert (statuses, capsys.readouterr().out) == ([1], output.text)

    assert [_run(line) for line in release] == [0, 0]
    assert (tmp_path / "schemas/contracts.lock").exists()
    capsys.readouterr()
    assert (main(["diff"]), capsys.readouterr().out) == (0, "no changes\n")


def _run(line: str) -> int:
    """Run a command of the page; return its exit status."""
    python, _, module, *arguments = line.partition("#")[0].split()
    assert (python, module) == ("python", "codegen")
    return main(arguments)
