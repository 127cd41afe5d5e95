"""Schemas folders for tests, and the problems found in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from codegen.pipeline import read
from codegen.schema.resolve import Schemas, resolve
from codegen.settings.project_settings import read_settings
from codegen.source.diagnostics import Problem, SchemaProblems
from codegen.source.document import Document
from codegen.source.load import load

COUNTER: dict[str, Any] = {
    "$schema": "endpoint.schema.json",
    "kind": "persistent",
    "path": "/counter",
    "clientMessages": {"add": {"payload": {"type": "integer"}}},
    "serverMessages": {"count": {"payload": {"$ref": "#/$defs/Count"}}},
    "$defs": {"Count": {"type": "object", "properties": {"value": {"type": "integer"}}, "required": ["value"]}},
}
"""Valid persistent endpoint."""

EXPORT: dict[str, Any] = {
    "kind": "ephemeral",
    "ticket": {"type": "object", "properties": {"room": {"type": "string"}}, "required": ["room"]},
    "serverMessages": {"finished": {"payload": {"type": "string"}}},
}
"""Valid ephemeral endpoint."""


def folder(path: Path, **files: Any) -> Path:
    """Write ``files`` to ``path`` and return it.

    Args:
        path: Folder.
        files: Content by name without suffix; text and bytes as they are, other values as JSON.
    """
    path.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        if isinstance(content, bytes):
            (path / f"{name}.json").write_bytes(content)
        else:
            text = content if isinstance(content, str) else json.dumps(content, indent=2)
            (path / f"{name}.json").write_text(text, encoding="utf-8")
    return path


def document(path: Path, content: Any, name: str = "counter") -> Document:
    """Return the document of a file with ``content``."""
    (found,) = load(folder(path / "schemas", **{name: content})).documents
    return found


def resolved(path: Path, **files: Any) -> Schemas:
    """Return the resolved documents of a schemas folder with ``files``."""
    return resolve(load(folder(path / "schemas", **files)))


def problems_of(path: Path, **files: Any) -> tuple[Problem, ...]:
    """Return the problems of a project with ``files`` as its schemas."""
    folder(path / "schemas", **files)
    try:
        read(read_settings(path))
    except SchemaProblems as error:
        return error.problems
    return ()


def only_problem(path: Path, **files: Any) -> Problem:
    """Return the only problem of a project with ``files`` as its schemas."""
    (problem,) = problems_of(path, **files)
    return problem


def pointer_and_code(problem: Problem) -> tuple[str, str]:
    """Return pointer and code of a problem."""
    return problem.pointer, problem.code
