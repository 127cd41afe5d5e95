"""References to files without a schema at their root."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen.pipeline import read
from codegen.settings.project_settings import read_settings

from ..support.folders import folder

LINE = {"Line": {"type": "string"}}


def warnings(tmp_path: Path, reference: str, root: Any) -> list[str]:
    message = {"payload": {"$ref": reference}}
    endpoint = {"kind": "persistent", "path": "/it", "clientMessages": {"say": message}}
    folder(tmp_path / "schemas", it=endpoint, common=root)
    return [str(one) for one in read(read_settings(tmp_path)).warnings]


@pytest.mark.parametrize(
    ("root", "definition"),
    [
        ({"$defs": LINE}, "#/$defs/Line"),
        ({"$schema": "http://json-schema.org/draft-07/schema#", "definitions": LINE}, "#/definitions/Line"),
        ({"openapi": "3.1.0", "components": {"schemas": {"a/b": {}}}}, "#/components/schemas/a~1b"),
    ],
)
def test_file_with_definitions_only_has_a_warning(tmp_path: Path, root: Any, definition: str) -> None:
    (warning,) = warnings(tmp_path, "common.json#", root)

    assert "[reference_to_container]" in warning
    assert f"such as common.json{definition}" in warning


@pytest.mark.parametrize(
    ("reference", "root"),
    [
        ("common.json#/$defs/Line", {"$defs": LINE}),
        ("common.json", {"$ref": "#/$defs/Line", "$defs": LINE}),
        ("common.json", {"description": "anything"}),
    ],
)
def test_other_references_have_none(tmp_path: Path, reference: str, root: Any) -> None:
    assert [] == warnings(tmp_path, reference, root)
