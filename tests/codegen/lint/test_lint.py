"""Rules together, as run by the pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..support.folders import COUNTER, EXPORT, only_problem, problems_of


def client(name: str, **message: Any) -> dict[str, Any]:
    return COUNTER | {"clientMessages": {name: message}}


def test_valid_endpoints_have_no_problems(tmp_path: Path) -> None:
    assert () == problems_of(tmp_path, counter=COUNTER, export=EXPORT)


def test_folder_without_endpoints_is_rejected(tmp_path: Path) -> None:
    assert ("no_schemas", "no file") == ((problem := only_problem(tmp_path)).code, problem.got)
    assert "1 file without kind" == only_problem(tmp_path, common={"$defs": {}}).got


def test_rules_are_checked_in_spite_of_other_problems(tmp_path: Path) -> None:
    content = client("close", rate="fast", payload={"type": "strin"}) | {"serverMessages": ["x"], "ticket": {}}

    codes = {problem.code for problem in problems_of(tmp_path, counter=content)}

    assert {"reserved_name", "malformed_rate", "invalid_schema", "wrong_type", "disallowed_keyword"} == codes
