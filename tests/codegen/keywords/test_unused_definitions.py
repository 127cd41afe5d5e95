"""Errors in definitions of others that an endpoint does not need."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from codegen.pipeline import read
from codegen.settings.project_settings import read_settings
from codegen.source.diagnostics import SchemaProblems

from ..support.folders import folder
from ..support.generated import payload

Found = list[tuple[str, str, str]]
FAULTS = [
    ({"pattern": "a(?!b)"}, "/pattern", "unsupported_pattern"),
    ({"patternProperties": {"a(?!b)": {}}}, "/patternProperties/a(?!b)", "unsupported_pattern"),
    ({"const": 2**53 + 1}, "/const", "inexact_number"),
    ({"anyOf": [True, {"multipleOf": 2**53 + 1}]}, "/anyOf/1/multipleOf", "inexact_number"),
]


def problems(path: Path, *, third_party: str = "vendor*", **files: Any) -> Found:
    path.mkdir(exist_ok=True)
    (path / "pyproject.toml").write_text(f'[tool.tornado-ws]\nthird-party = ["{third_party}"]\n', encoding="utf-8")
    folder(path / "schemas", **files)
    try:
        found = read(read_settings(path)).warnings
    except SchemaProblems as error:
        found = error.problems
    return [(one.pointer, one.code, one.severity) for one in found if one.code != "unused_setting"]


@pytest.mark.parametrize(("fault", "pointer", "code"), FAULTS)
def test_error_is_a_warning_if_no_endpoint_needs_the_definition(
    fault: Any, pointer: str, code: str, tmp_path: Path
) -> None:
    vendor = {"$defs": {"Good": {"type": "string"}, "Bad": fault}}
    good, bad = ({"$ref": f"vendor.json#/$defs/{name}"} for name in ("Good", "Bad"))

    assert [(f"/$defs/Bad{pointer}", code, "warning")] == problems(tmp_path / "1", it=payload(good), vendor=vendor)
    assert [(f"/$defs/Bad{pointer}", code, "error")] == problems(tmp_path / "2", it=payload(bad), vendor=vendor)
    for common in ({"$defs": {"Good": good, "Bad": bad}}, {"$defs": {"Good": good}, "items": bad}):
        through = {"it": payload({"$ref": "common.json#/$defs/Good"}), "common": common}
        assert [(f"/$defs/Bad{pointer}", code, "error")] == problems(tmp_path / "3", **through, vendor=vendor)
    assert [(f"/$defs/Bad{pointer}", code, "error")] == problems(
        tmp_path / "4", third_party="*.yaml", it=payload(good), vendor=vendor
    )


def test_definition_that_one_of_two_endpoints_needs_has_one_error(tmp_path: Path) -> None:
    vendor = {"$defs": {"Good": {"type": "string"}, "Bad": {"pattern": "a(?!b)"}}}
    good, bad = (payload({"$ref": f"vendor.json#/$defs/{name}"}) for name in ("Good", "Bad"))

    assert [("/$defs/Bad/pattern", "unsupported_pattern", "error")] == problems(tmp_path, a=good, b=bad, vendor=vendor)


def test_lookahead_in_an_unused_definition_does_not_reject_boundaries_elsewhere(tmp_path: Path) -> None:
    vendor = {
        "$defs": {"Good": {"type": "string", "pattern": r"\bx"}, "Other": {"pattern": "^(?=a)b", "const": 2**53 + 1}}
    }

    found = problems(tmp_path, it=payload({"$ref": "vendor.json#/$defs/Good"}), vendor=vendor)

    assert {"warning"} == {severity for _, _, severity in found}


def test_files_without_errors_remain_complete(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.tornado-ws]\nthird-party = ["vendor*"]\n', encoding="utf-8")
    vendor = {"$defs": {"Good": {"type": "string"}, "Unused": {"type": "integer"}}}
    folder(tmp_path / "schemas", it=payload({"$ref": "vendor.json#/$defs/Good"}), vendor=vendor)

    (endpoint,) = read(read_settings(tmp_path)).endpoints

    assert "Unused" in json.dumps(endpoint.bundle)
