"""Schemas folders for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from codegen.schema.resolve import Schemas, resolve
from codegen.source.diagnostics import Problem
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
"""A valid endpoint."""

EXPORT: dict[str, Any] = {
    "kind": "ephemeral",
    "ticket": {"type": "object", "properties": {"room": {"type": "string"}}, "required": ["room"]},
    "serverMessages": {"finished": {"payload": {"type": "string"}}},
}
"""A valid endpoint of the other kind."""


def folder(path: Path, **files: Any) -> Path:
    """Write ``files``, named without suffix, and return the folder; text and bytes as they are, all else as JSON."""
    path.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        if isinstance(content, bytes):
            (path / f"{name}.json").write_bytes(content)
        else:
            text = content if isinstance(content, str) else json.dumps(content, indent=2)
            (path / f"{name}.json").write_text(text, encoding="utf-8")
    return path


def document(path: Path, content: Any, name: str = "counter") -> Document:
    """Return the document that a file with ``content`` is."""
    (found,) = load(folder(path / "schemas", **{name: content})).documents
    return found


def resolved(path: Path, **files: Any) -> Schemas:
    """Resolve the documents of a folder."""
    return resolve(load(folder(path / "schemas", **files)))


def briefly(problem: Problem) -> tuple[str, str]:
    """Return pointer and code."""
    return problem.pointer, problem.code
