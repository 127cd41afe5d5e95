"""Names that a Python module defines, from its source: nothing is imported."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PythonModule", "find_module"]

DYNAMIC = frozenset({"__getattr__", "exec", "globals", "setattr", "vars"})
"""Names in modules whose content only an import shows."""


@dataclass(frozen=True, kw_only=True)
class PythonModule:
    """Module of the application."""

    file: Path
    """Path of its source, which may be missing."""
    classes: frozenset[str] = frozenset()
    """Names of classes, and of everything that may be one."""
    exists: bool = True
    """False if its package contains no such module."""
    is_dynamic: bool = False
    """True if it may define other names."""

    def has_class(self, name: str) -> bool:
        """Return True if the module may contain a class."""
        return self.is_dynamic or name in self.classes


def find_module(name: str, project: Path) -> PythonModule | None:
    """Return a module of the project or of the search path; None if its package is not installed here.

    Args:
        name: Dotted name of the module.
        project: Folder of the project; packages are in it, or in ``src`` below it.
    """
    first, *_ = parts = name.split(".")
    for folder in (project, project / "src", *map(Path, sys.path)):
        if (folder / first).is_dir() or (len(parts) == 1 and (folder / f"{first}.py").is_file()):
            place = folder.joinpath(*parts)
            for file in (place / "__init__.py", place.with_name(f"{parts[-1]}.py")):
                if file.is_file():
                    return _module(file)
            exists = place.is_dir() or any(place.parent.glob(f"{parts[-1]}.*"))  # such as a compiled module
            return PythonModule(file=place.with_name(f"{parts[-1]}.py"), exists=exists, is_dynamic=exists)
    return None


def _module(file: Path) -> PythonModule:
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):  # Python reports it
        return PythonModule(file=file, is_dynamic=True)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    found = {*_names(tree.body)}
    return PythonModule(
        file=file, classes=frozenset(found), is_dynamic=bool({"*"} & found or DYNAMIC & (used | {*_functions(tree)}))
    )


def _functions(tree: ast.Module) -> Iterator[str]:
    yield from (node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _names(statements: Iterable[ast.stmt]) -> Iterator[str]:
    """Yield the names that statements bind in their scope, except functions."""
    for statement in statements:
        match statement:
            case ast.ClassDef(name=name):
                yield name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((alias.asname or alias.name).partition(".")[0] for alias in names)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                pass
            case _:
                yield from (
                    node.id
                    for node in ast.walk(statement)
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
                )
                yield from _names(part for part in ast.iter_child_nodes(statement) if isinstance(part, ast.stmt))
                handlers = (part for part in ast.iter_child_nodes(statement) if isinstance(part, ast.ExceptHandler))
                yield from (name for handler in handlers for name in _names(handler.body))
