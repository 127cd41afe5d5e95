"""Endpoints built from documents, and their parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen import model
from codegen.source.diagnostics import SchemaProblems

from .generated import payload, read

TEXT = {"type": "string"}
STRING = model.Scalar(type="string")
INTEGER = model.Scalar(type="integer")
NUMBER = model.Scalar(type="number")
NULL = model.Scalar(type="null")
TEXT_MAP = model.Map(key=STRING, value=STRING)


def endpoint(folder: Path, document: Any, **files: Any) -> model.Endpoint:
    (found,) = read(folder, {"test.json": document, **{f"{name}.json": file for name, file in files.items()}})
    return found


def codes(folder: Path, document: Any, **files: Any) -> list[tuple[str, str]]:
    with pytest.raises(SchemaProblems) as caught:
        endpoint(folder, document, **files)
    return [(problem.code, problem.pointer) for problem in caught.value.problems]


def built(folder: Path, schema: Any, **others: Any) -> model.Endpoint:
    (endpoint,) = read(folder, {"test.json": payload(schema, **others)})
    return endpoint


def type_of(folder: Path, schema: Any, **others: Any) -> model.Type:
    found = built(folder, schema, **others).server[0].payload
    assert found is not None
    return found.type


def record(endpoint: model.Endpoint, name: str) -> model.Record:
    (found,) = (one for one in endpoint.definitions if one.name == name)
    assert isinstance(found, model.Record)
    return found


def fields(endpoint: model.Endpoint, name: str) -> dict[str, model.Type]:
    return {field.name: field.type for field in record(endpoint, name).fields}


def member(kind: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"kind": {"const": kind}, **properties}, "required": ["kind"]}
