"""Tables of pyproject.toml with names that resemble the one of our settings, and that no tool reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..source import json_pointer
from ..source.diagnostics import Problem

__all__ = ["misnamed_tables"]

NAME = "tornado-ws"
LETTERS = "tornadows"


def misnamed_tables(file: str, text: str, root: Mapping[str, Any]) -> Iterator[Problem]:  # values of TOML
    """Yield a warning for each table with the letters of our name in another place or spelling.

    Args:
        file: Path of pyproject.toml, as given by the user.
        text: Content of the file.
        root: Content of the file as values.
    """
    for path in _tables(root):
        if _letters(path[-1]) == LETTERS and path != ("tool", NAME):
            yield Problem(
                file=file,
                line=_line(text, path[-1]),
                pointer=json_pointer.join("", *path),
                code="misnamed_table",
                severity="warning",
                message="table without effect",
                expected=f"[tool.{NAME}]",
                got=f"[{'.'.join(path)}]",
                hint="rename the table",
            )


def _tables(root: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:  # values of TOML
    for name, value in root.items():
        if isinstance(value, dict):
            yield (name,)
            yield from ((name, inner) for inner, table in value.items() if isinstance(table, dict))


def _letters(name: str) -> str:
    return re.sub(r"[\s._-]", "", name.lower())


def _line(text: str, name: str) -> int:
    """Return the line with the name of a table, in a header or before a dot or an equals sign."""
    found = re.compile(rf"^[^#\n]*{re.escape(name)}[\"']?\s*[\].=]", re.MULTILINE).search(text)
    return text.count("\n", 0, found.end()) + 1 if found else 1
