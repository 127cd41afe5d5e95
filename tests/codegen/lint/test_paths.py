"""Rules for paths and their parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ..support.folders import COUNTER, only_problem, pointer_and_code, problems_of

TEXT = {"type": "string"}


def persistent(path: str, params: Any) -> dict[str, Any]:
    return COUNTER | {"path": path, "params": params}


def params(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


PATHS = [
    (
        COUNTER | {"path": "/{room}"},
        ("/path", "undeclared_parameter"),
        "path has parameters, but `params` is missing",
    ),
    (
        persistent("/{room}", params(x=TEXT)),
        ("/path", "undeclared_parameter"),
        "path parameter `room` is not declared in `params`",
    ),
    (
        persistent("/{room}", params(room=TEXT)),
        ("/path", "undeclared_parameter"),
        "`room` is not required in `params`",
    ),
    (persistent("/{a}/{a}", params("a", a=TEXT)), ("/path", "malformed_path"), "duplicate path parameter"),
    (
        persistent("/{a}{b}", params("a", "b", a=TEXT, b=TEXT)),
        ("/path", "malformed_path"),
        "adjacent path parameters",
    ),
    (persistent("/x", {"type": "string"}), ("/params", "invalid_params"), "`params` must be an object with properties"),
    (
        persistent("/x", params(a={"type": "object"})),
        ("/params/properties/a", "invalid_params"),
        "`a` cannot be part",
    ),
    (
        persistent("/{a}", params("a", a={"type": "array", "items": TEXT})),
        ("/params/properties/a", "invalid_params"),
        "`a` cannot be part",
    ),
    (
        persistent("/x", params(a={"type": "array", "items": {"type": "array", "items": TEXT}})),
        ("/params/properties/a", "invalid_params"),
        "`a` cannot be part",
    ),
    (
        persistent("/x", params(**{"$subprotocol": TEXT})),
        ("/params/properties/$subprotocol", "reserved_name"),
        "`$subprotocol` in a query offers the subprotocol",
    ),
    (
        persistent("/x", params(**{"$page": TEXT})),
        ("/params/properties/$page", "reserved_name"),
        "`$page` in a query identifies the page",
    ),
]


@pytest.mark.parametrize(("content", "expected", "message"), PATHS)
def test_path_and_params_must_match(content: Any, expected: tuple[str, str], message: str, tmp_path: Path) -> None:
    problem = only_problem(tmp_path, counter=content)

    assert expected == pointer_and_code(problem)
    assert message in problem.message


@pytest.mark.parametrize(
    "content",
    [
        persistent(
            "/{room}/x-{page}", params("room", "page", room=TEXT, page={"type": "integer"}, q={"enum": ["a", 1]})
        ),
        persistent("/x", params(tags={"type": "array", "items": TEXT}, maybe={"type": ["string", "null"]}, any={})),
        persistent("/{room}", {"$ref": "#/$defs/Params"})
        | {"$defs": COUNTER["$defs"] | {"Params": params("room", room=TEXT)}},
    ],
)
def test_params_that_a_url_can_represent_are_accepted(content: Any, tmp_path: Path) -> None:
    assert () == problems_of(tmp_path, counter=content)


def test_duplicate_path_is_rejected(tmp_path: Path) -> None:
    one = persistent("/chat/{room}", params("room", room=TEXT))
    other = persistent("/chat/{name}", params("name", name=TEXT))

    problem = only_problem(tmp_path, a=one, b=other)

    assert ("duplicate_path", "duplicate path; first used in a.json") == (problem.code, problem.message)
    assert problem.file.endswith("b.json")
