"""Defaults that their own schemas accept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen import model

from ..support.generated import payload, read

A = {"anyOf": [{"$ref": "#/$defs/B"}, {"type": "integer"}]}


def default(path: Path, schema: Any, **options: Any) -> model.Json:
    definitions = {"A": A, "B": {"enum": ["x", "y"]}}
    files = {"test.json": payload({"type": "object", "properties": {"a": schema}}, **{"$defs": definitions})}
    (endpoint,) = read(path, files, **options)
    (record,) = (one for one in endpoint.definitions if isinstance(one, model.Record) and one.name == "It")
    return record.fields[0].default


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/A", "default": "x"},
        {"type": "string", "pattern": r"^\d+$", "default": "12"},
        {"type": "array", "items": {"type": "integer"}, "default": []},
        {"type": "array", "uniqueItems": True, "default": [1, True]},
        {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"], "default": {"x": 1}},
        {"default": None},
    ],
)
def test_valid_default_is_in_the_model(tmp_path: Path, schema: Any) -> None:
    assert default(tmp_path, schema) == schema["default"]


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/A", "default": "z"},
        {"type": "string", "pattern": r"^\d+$", "default": "x"},
        {"type": "integer", "multipleOf": 3, "default": 4},
        {"type": "array", "uniqueItems": True, "default": [1, 1.0]},
        {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"], "default": {}},
        {"allOf": [{"minimum": 3}], "default": 2},
    ],
)
def test_invalid_default_is_omitted(tmp_path: Path, schema: Any) -> None:
    assert default(tmp_path, schema) is model.NO_DEFAULT


def test_format_counts_if_it_is_asserted(tmp_path: Path) -> None:
    schema = {"type": "string", "format": "date", "default": "x"}

    assert default(tmp_path / "lax", schema) == "x"
    assert default(tmp_path / "strict", schema, formats=True) is model.NO_DEFAULT
