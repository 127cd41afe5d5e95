"""Definitions with the names of builtins of Python and of globals of JavaScript."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen.emit import typescript
from codegen.emit.python import Models
from tornado_ws.validation.codec import Codec

from ..support.generated import payload, read
from ..support.package import accepts, endpoint, module, typecheck, write

NAMES = (
    "Object",
    "Array",
    "Record",
    "Map",
    "Error",
    "Date",
    "String",
    "Promise",
    "Warning",
    "TimeoutError",
)


def _document() -> Any:
    definitions = {
        name: {"type": "object", "properties": {"next": {"$ref": f"#/$defs/{following}"}, name: {"type": "integer"}}}
        for name, following in zip(NAMES, (*NAMES[1:], NAMES[0]), strict=True)
    }
    return payload({"$ref": "#/$defs/Object"}, **{"$defs": definitions})


@pytest.mark.parametrize("models", ["msgspec", "pydantic"])
def test_definition_may_have_the_name_of_a_builtin(tmp_path: Path, models: Models) -> None:
    codec = Codec(endpoint(module(tmp_path, {"test.json": _document()}, models=models)), side="client")

    value: dict[str, Any] = {}
    for name in reversed(NAMES):
        value = {"next": value, name: 1}

    assert accepts(codec, value)
    assert not accepts(codec, {"next": {"next": {"Record": "1"}}})


@pytest.mark.parametrize("models", ["msgspec", "pydantic"])
def test_type_checker_accepts_the_names_of_builtins(tmp_path: Path, models: Models) -> None:
    typecheck(*write(tmp_path, {"test.json": _document()}, models=models).values())


def test_both_languages_have_the_same_names(tmp_path: Path) -> None:
    (output,) = typescript.emit(read(tmp_path, {"test.json": _document()}))

    assert all(f"export interface {name} {{" in output.text for name in NAMES)
