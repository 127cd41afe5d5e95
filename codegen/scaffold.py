"""Scaffold of a small working project."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from .schema.metaschema import meta_schema
from .source.diagnostics import Problem, SchemaProblems
from .source.load import META_SCHEMA

__all__ = ["init"]

PROJECT = "project"
"""Folder next to this module with the files of the project."""

RENAMED = {"app.py.txt": "app.py", "gitignore": ".gitignore"}
"""Names in the project for files that tools would otherwise recognize in this package."""

NEXT_STEPS = """\
Next steps:
{cd}  python3 -m venv .venv
  . .venv/bin/activate             # Windows: .venv\\Scripts\\activate
  python -m pip install -r requirements.txt
  python -m codegen
  npm --prefix web install
  npm --prefix web run build
  python app.py                    # http://127.0.0.1:8888
"""


def init(folder: Path) -> str:
    """Write the project to ``folder`` and return the output for the user.

    Raises:
        SchemaProblems: If one of the files exists; then nothing is written.
    """
    project = {folder / path: text for path, text in _project()}
    existing = [path for path in project if path.exists() or path.is_symlink()]
    if existing:
        raise SchemaProblems(_existing_files([path.as_posix() for path in existing]))
    for path, text in project.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    wrote = "".join(f"wrote {path.as_posix()}\n" for path in project)
    cd = "" if folder == Path() else f"  cd {shlex.quote(str(folder))}\n"
    return f"{wrote}\n{NEXT_STEPS.format(cd=cd)}"


def _existing_files(paths: list[str]) -> Iterator[Problem]:
    """Yield a problem for each file; the one that is printed last has a hint."""
    for path in paths:
        hint = "use another folder: python -m codegen init my-app" if path == max(paths) else None
        yield Problem(file=path, code="file_exists", message="file already exists", hint=hint)


def _project() -> Iterator[tuple[str, str]]:
    """Yield the path and text of each file."""
    assert __package__
    yield from _files(files(__package__) / PROJECT, "")
    yield f"schemas/{META_SCHEMA}", meta_schema()


def _files(folder: Traversable, path: str) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.startswith((".", "__")):
            continue
        if entry.is_dir():
            yield from _files(entry, f"{path}{entry.name}/")
        else:
            yield path + RENAMED.get(entry.name, entry.name), entry.read_text(encoding="utf-8")
