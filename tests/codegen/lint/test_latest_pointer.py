"""Rule for the pointer of ``latest``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ..support.folders import EXPORT, only_problem, pointer_and_code, problems_of

ITEM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "author": {"$ref": "#/$defs/Author"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
        "prices": {"type": "object", "additionalProperties": {"type": "number"}},
        "either": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Author"}]},
        "any": {},
    },
}

AUTHOR = {"type": "object", "properties": {"name": {"type": "string"}}, "additionalProperties": False}


def server(name: str, **message: Any) -> dict[str, Any]:
    return EXPORT | {"serverMessages": {name: message}}


@pytest.mark.parametrize(
    "latest", ["", "/id", "/author/name", "/tags/0", "/pair/1", "/prices/apple", "/either/name", "/any/x/y"]
)
def test_latest_may_point_to_any_part_of_the_payload(latest: str, tmp_path: Path) -> None:
    content = server("moved", payload={"$ref": "#/$defs/Item"}, latest=latest) | {
        "$defs": {"Item": ITEM, "Author": AUTHOR}
    }

    assert () == problems_of(tmp_path, export=content)


@pytest.mark.parametrize("latest", ["/x", "/id/x", "/author/age", "/tags/x", "/pair/2", "/either/age"])
def test_latest_without_a_match_is_rejected(latest: str, tmp_path: Path) -> None:
    content = server("moved", payload={"$ref": "#/$defs/Item"}, latest=latest) | {
        "$defs": {"Item": ITEM, "Author": AUTHOR}
    }

    problem = only_problem(tmp_path, export=content)

    assert ("/serverMessages/moved/latest", "unresolved_latest") == pointer_and_code(problem)
    assert "the payload contains /id, /author, /tags" in str(problem)


def test_latest_requires_a_payload(tmp_path: Path) -> None:
    assert "`latest` requires a payload" == only_problem(tmp_path, export=server("moved", latest="/id")).message
