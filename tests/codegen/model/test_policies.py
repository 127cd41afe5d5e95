"""Table of policies; each keyword must reach every part that reads it."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import tornado_ws
from codegen.emit import svelte, typescript
from codegen.model import Policy, policies
from codegen.schema.metaschema import meta_schema
from docs.scripts.keywords import message_table
from tests.support.layers import ROOT

from ..support.folders import problems_of
from ..support.generated import read
from ..support.package import emit

RUNTIME = ROOT / "tornado_ws"
PAGE = ROOT / "codegen/emit/svelte/runtime"
SIDES = ("client", "server")

URGENCY = Policy(
    keyword="urgency",
    sides=("server",),
    schema={"description": "Position in the queue.", "type": "integer", "examples": [3]},
    default=0,
    convert=int,
    enforced_by=("session/session.py:Session.send",),
    enforced_on_page=("socket.ts",),
    conflicts={"reply": "requests have no urgency"},
    other_direction="only server messages have a urgency; move the message to serverMessages",
)
"""Keyword that is declared but not implemented."""


def document(side: str, **keywords: Any) -> dict[str, Any]:
    return {"kind": "persistent", "path": "/it", f"{side}Messages": {"it": keywords}}


def missing_implementations(policy: Policy) -> Iterator[str]:
    """Yield the parts of the runtime and of the page that do not implement a policy."""
    attributes = {field.name: field.default for field in fields(tornado_ws.MessageType)}
    if policy.keyword not in attributes:
        yield f"MessageType.{policy.keyword}"
    elif attributes[policy.keyword] != policy.default:
        yield f"default of MessageType.{policy.keyword}"
    if not policy.enforced_by:
        yield "enforced_by"
    for function in policy.enforced_by:
        if not reads(function, policy.keyword):
            yield f"tornado_ws/{function}"
    for name in policy.enforced_on_page:
        if policy.keyword not in (PAGE / name).read_text(encoding="utf-8"):
            yield f"runtime/{name}"
    if bool(policy.enforced_on_page) != (f"readonly {policy.keyword}?: " in protocol()):
        yield "MessageType in runtime/protocol.ts"


def reads(function: str, attribute: str) -> bool:
    """Return True if a function such as ``session/state.py:SessionState.receive`` reads an attribute."""
    file, _, qualified = function.partition(":")
    body: list[ast.stmt] = ast.parse((RUNTIME / file).read_text(encoding="utf-8")).body
    found: ast.AST = ast.Module(body=body, type_ignores=[])
    for name in qualified.split("."):
        found = next(node for node in ast.walk(found) if getattr(node, "name", None) == name)
    return any(isinstance(node, ast.Attribute) and node.attr == attribute for node in ast.walk(found))


def protocol() -> str:
    return (PAGE / "protocol.ts").read_text(encoding="utf-8")


@pytest.fixture
def urgency(monkeypatch: pytest.MonkeyPatch) -> Policy:
    monkeypatch.setattr(policies, "POLICIES", (*policies.POLICIES, URGENCY))
    return URGENCY


@pytest.mark.parametrize("policy", policies.POLICIES, ids=lambda policy: policy.keyword)
def test_runtime_and_page_implement_each_policy(policy: Policy) -> None:
    assert [] == [*missing_implementations(policy)]


def test_every_keyword_of_generated_message_types_is_declared() -> None:
    others = {"name", "cls", "payload", "reply", "stream", "errors", "cursor"}

    assert {policy.keyword for policy in policies.POLICIES} == {
        field.name for field in fields(tornado_ws.MessageType)
    } - others


def test_new_policy_without_an_implementation_is_reported(urgency: Policy) -> None:
    assert [
        "MessageType.urgency",
        "tornado_ws/session/session.py:Session.send",
        "runtime/socket.ts",
        "MessageType in runtime/protocol.ts",
    ] == [*missing_implementations(urgency)]


def test_new_policy_is_in_the_meta_schema_and_in_the_docs(urgency: Policy) -> None:
    messages = json.loads(meta_schema())["$defs"]

    assert dict(urgency.schema) == messages["urgency"]
    assert "urgency" in messages["serverMessages"]["additionalProperties"]["properties"]
    assert "urgency" not in messages["clientMessages"]["additionalProperties"]["properties"]
    assert "| `urgency` | server | integer | none | Position in the queue. | `3` |" in message_table()


def test_new_policy_is_in_generated_code(urgency: Policy, tmp_path: Path) -> None:
    endpoints = read(tmp_path / "schemas", {"it.json": document("server", urgency=3)})
    python = emit(tmp_path / "python", endpoints)["it"].read_text(encoding="utf-8")
    (client,) = (output.text for output in typescript.emit(endpoints))

    assert {"urgency": 3} == endpoints[0].server[0].policies
    assert 'tornado_ws.MessageType("it", It, urgency=3)' in python
    assert "it: { urgency: 3 }" in client
    assert [*svelte.emit(endpoints)]


@pytest.mark.parametrize("value", ["x", None, 1.5])
def test_new_policy_is_validated(urgency: Policy, value: Any, tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, it=document("server", urgency=value))

    assert ("/serverMessages/it/urgency", "wrong_type") == (problem.pointer, problem.code)


def test_new_policy_of_the_other_direction_has_a_hint(urgency: Policy, tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, it=document("client", urgency=1))

    assert ("unknown_keyword", urgency.other_direction) == (problem.code, problem.hint)


def test_conflicts_of_a_new_policy_are_reported(urgency: Policy, tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, it=document("server", urgency=1, reply={}))

    assert ("conflicting_keywords", "requests have no urgency") == (problem.code, problem.hint)


def test_default_value_is_not_a_policy(tmp_path: Path) -> None:
    (endpoint,) = read(tmp_path, {"it.json": document("client", volatile=False)})

    assert {} == endpoint.client[0].policies


@pytest.mark.parametrize(
    ("text", "rate"), [("20/s", (20, 1.0)), ("5/10s", (5, 10.0)), ("1/500ms", (1, 0.5)), ("3/m", (3, 60.0))]
)
def test_rate_is_read_as_count_and_seconds(text: str, rate: tuple[int, float], tmp_path: Path) -> None:
    (endpoint,) = read(tmp_path, {"it.json": document("client", rate=text)})

    assert rate == endpoint.client[0].policies["rate"]
