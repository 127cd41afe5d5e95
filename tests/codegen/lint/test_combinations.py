"""Rules for combinations of keywords."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ..support.folders import COUNTER, EXPORT, only_problem, pointer_and_code, problems_of


def client(name: str, **message: Any) -> dict[str, Any]:
    return COUNTER | {"clientMessages": {name: message}}


KINDS = [
    ({"kind": "persistent", "clientMessages": {}}, ("/kind", "missing_keyword")),
    (COUNTER | {"ticket": {}}, ("/ticket", "disallowed_keyword")),
    (COUNTER | {"ttl": 5}, ("/ttl", "disallowed_keyword")),
    (EXPORT | {"params": {"type": "object", "properties": {}}}, ("/params", "disallowed_keyword")),
    (EXPORT | {"path": "/x"}, ("/path", "disallowed_keyword")),
]


@pytest.mark.parametrize(("content", "expected"), KINDS)
def test_each_kind_of_endpoint_has_its_own_keywords(content: Any, expected: tuple[str, str], tmp_path: Path) -> None:
    assert expected == pointer_and_code(only_problem(tmp_path, export=content))


@pytest.mark.parametrize(
    ("side", "message", "keyword"),
    [
        ("client", {"reply": {}, "stream": {}}, "stream"),
        ("client", {"reply": {}, "volatile": True}, "volatile"),
        ("client", {"stream": {}, "volatile": True}, "volatile"),
        ("server", {"reply": {}, "replay": 5}, "replay"),
        ("server", {"payload": {}, "reply": {}, "latest": ""}, "latest"),
        ("server", {"replay": 5, "volatile": True}, "volatile"),
        ("server", {"payload": {}, "replay": 5, "latest": ""}, "replay"),
        ("client", {"reply": {}, "acknowledged": True}, "acknowledged"),
        ("client", {"stream": {}, "acknowledged": True}, "acknowledged"),
        ("client", {"volatile": True, "acknowledged": True}, "acknowledged"),
        ("client", {"stream": {}, "concurrent": True}, "concurrent"),
        ("client", {"stream": {}, "timeout": 5}, "timeout"),
    ],
)
def test_conflicting_keywords_are_rejected(side: str, message: Any, keyword: str, tmp_path: Path) -> None:
    problem = only_problem(tmp_path, export=EXPORT | {f"{side}Messages": {"ask": message}})

    assert (f"/{side}Messages/ask/{keyword}", "conflicting_keywords") == pointer_and_code(problem)


@pytest.mark.parametrize(
    ("side", "message", "keyword"),
    [
        ("client", {"concurrent": True}, "concurrent"),
        ("client", {"concurrent": 2, "acknowledged": True}, "concurrent"),
        ("client", {"timeout": 5}, "timeout"),
        ("server", {"timeout": 0.5, "replay": 5}, "timeout"),
    ],
)
def test_keywords_of_requests_need_a_reply(side: str, message: Any, keyword: str, tmp_path: Path) -> None:
    problem = only_problem(tmp_path, export=EXPORT | {f"{side}Messages": {"ask": message}})

    assert (f"/{side}Messages/ask/{keyword}", "disallowed_keyword") == pointer_and_code(problem)
    assert problem.message == f"`{keyword}` is not allowed without `reply`"


@pytest.mark.parametrize(
    ("side", "message"),
    [
        ("client", {"reply": {}, "concurrent": 0}),
        ("client", {"reply": {}, "concurrent": 2.5}),
        ("client", {"reply": {}, "concurrent": "2"}),
        ("client", {"reply": {}, "timeout": 0}),
        ("server", {"reply": {}, "timeout": -1}),
        ("client", {"reply": {}, "timeout": True}),
        ("client", {"reply": {}, "timeout": "5s"}),
        ("server", {"reply": {}, "concurrent": True}),
    ],
)
def test_values_of_keywords_of_requests_are_checked(side: str, message: Any, tmp_path: Path) -> None:
    problem = only_problem(tmp_path, export=EXPORT | {f"{side}Messages": {"ask": message}})

    assert problem.code in ("wrong_type", "out_of_range", "unknown_keyword"), problem


def test_keyword_with_the_value_false_conflicts_with_nothing(tmp_path: Path) -> None:
    assert () == problems_of(tmp_path, counter=client("ask", reply={}, volatile=False))
