"""Imports of the types that all endpoints share, in the order of ruff."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...identifiers import Name
from ..templates import Code
from .python_printer import LINE_WIDTH, Group, format_node

__all__ = ["SHARED", "shared_imports"]

SHARED = "shared"
"""Name of the module with the types that all endpoints share."""


def shared_imports(names: Sequence[tuple[Name, Name]]) -> Iterator[Code]:
    """Yield the statements that import types; ``names`` has pairs of a shared and a local name."""
    ordered = sorted(names, key=lambda pair: _sort_key(pair[0]))
    plain = [shared for shared, local in ordered if shared == local]
    for shared, local in ordered:
        if shared != local:
            yield Code(f"from .{SHARED} import {shared} as {local}")
        elif shared == plain[0]:
            yield _statement(plain)


def _statement(names: Sequence[Name]) -> Code:
    line = f"from .{SHARED} import {', '.join(names)}"
    if len(line) <= LINE_WIDTH:
        return Code(line)
    return Code(f"from .{SHARED} import {format_node(Group(Code(''), '()', tuple(names)), before=LINE_WIDTH)}")


def _sort_key(name: str) -> tuple[object, ...]:
    """Return the key of a name: constants come first, case does not matter, and numbers have their natural order."""
    is_constant = len(name) > 1 and name.isupper()
    parts = re.split(r"([0-9]+)", name.lower())
    return not is_constant, [int(part) if part.isdigit() else part for part in parts], name
