"""Schemas folder and its warnings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen.pipeline import read
from codegen.settings.project_settings import read_settings

from .support.folders import folder


def arrays(*types: str) -> Any:
    return {"oneOf": [{"type": "array", "items": {"type": name}} for name in types]}


@pytest.mark.parametrize("strict", [False, True])
def test_low_size_limit_is_a_warning_even_if_strict(tmp_path: Path, strict: bool) -> None:
    payload = {"type": "array", "items": arrays("string", "integer", "boolean")}
    messages = {"short": {"payload": {"type": "string"}}, "it": {"payload": payload}}
    endpoint = {"kind": "persistent", "path": "/it", "clientMessages": messages}
    folder(tmp_path / "schemas", it=endpoint)

    (warning,) = read(read_settings(tmp_path, strict=strict)).warnings

    assert ("small_size_limit", "warning") == (warning.code, warning.severity)
    assert ("/clientMessages/it", True) == (warning.pointer, warning.line > 1)
    assert "as `it` may take over 100 ms to validate" in warning.message


def test_messages_of_the_server_have_no_limit(tmp_path: Path) -> None:
    payload = {"type": "array", "items": arrays("string", "integer", "boolean")}
    endpoint = {"kind": "persistent", "path": "/it", "serverMessages": {"it": {"payload": payload}}}
    folder(tmp_path / "schemas", it=endpoint)

    assert () == read(read_settings(tmp_path)).warnings
