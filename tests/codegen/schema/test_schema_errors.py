"""Hints for keywords in the wrong place or form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ..support.folders import only_problem, pointer_and_code, problems_of

PERSISTENT: dict[str, Any] = {"kind": "persistent", "path": "/it"}


def endpoint(message: Any) -> dict[str, Any]:
    return PERSISTENT | {"serverMessages": {"it": message}}


@pytest.mark.parametrize(
    ("message", "keywords"),
    [
        ({"type": "string"}, "type"),
        ({"$ref": "#/$defs/Line"}, "$ref"),
        ({"description": "Line.", "type": "object", "required": ["a"]}, "type, required"),
        ({"type": "object", "properties": {}, "required": [], "title": "It"}, "type, properties, required, …"),
    ],
)
def test_schema_without_its_payload_is_one_problem(tmp_path: Path, message: Any, keywords: str) -> None:
    problem = only_problem(tmp_path, it=endpoint(message))

    first = keywords.split(",")[0]
    assert (f"/serverMessages/it/{first}", "unknown_keyword") == pointer_and_code(problem)
    assert f'a schema of the data belongs inside payload: "payload": {{{keywords}}}' == problem.hint
    assert problem.expected is None


def test_keyword_of_the_other_direction_is_a_problem_of_its_own(tmp_path: Path) -> None:
    problems = problems_of(tmp_path, it=endpoint({"type": "string", "rate": "1/s"}))

    assert ["/serverMessages/it/type", "/serverMessages/it/rate"] == [problem.pointer for problem in problems]


def test_schema_beside_the_messages_has_a_hint(tmp_path: Path) -> None:
    problem = only_problem(tmp_path, it=PERSISTENT | {"type": "object", "properties": {}})

    assert (
        "type, properties belong inside a schema: "
        "the payload of a message, params, ticket, presence or a member of $defs" == problem.hint
    )


def test_older_name_of_definitions_has_a_hint(tmp_path: Path) -> None:
    assert "did you mean $defs?" == only_problem(tmp_path, it=PERSISTENT | {"definitions": {}}).hint


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ("string", 'write {"payload": {"type": "string"}}, or {} for a message without data'),
        (None, 'write {"payload": …}, or {} for a message without data'),
        ({"payload": "string"}, 'write {"type": "string"}'),
        ({"payload": {"properties": {"a": "integer"}}}, 'write {"type": "integer"}'),
        ({"payload": "text"}, None),
    ],
)
def test_name_of_a_type_is_no_schema(tmp_path: Path, message: Any, hint: str | None) -> None:
    assert hint == only_problem(tmp_path, it=endpoint(message)).hint


def test_tuple_of_older_drafts_has_a_hint(tmp_path: Path) -> None:
    hint = 'write "prefixItems" in place of "items", and "items" in place of "additionalItems"'
    items = {"type": "array", "items": [{"type": "string"}]}

    assert hint == only_problem(tmp_path / "endpoint", it=endpoint({"payload": items})).hint
    shared = only_problem(
        tmp_path / "shared",
        it=endpoint({"payload": {"$ref": "common.json#/$defs/Pair"}}),
        common={"$defs": {"Pair": items}},
    )
    assert f'{hint}, or declare "$schema": "http://json-schema.org/draft-07/schema"' == shared.hint
