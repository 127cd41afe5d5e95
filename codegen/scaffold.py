"""Writes a small project that works, to begin with."""

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
"""The folder beside this module that holds the project's files, as they are written."""

RENAMED = {"app.py.txt": "app.py", "gitignore": ".gitignore"}
"""Files that would mean something here under the name that they have there."""

NEXT = """\
Next:
{cd}  python3 -m venv .venv
  . .venv/bin/activate             # Windows: .venv\\Scripts\\activate
  python -m pip install -r requirements.txt
  python -m codegen
  npm --prefix web install
  npm --prefix web run build
  python app.py                    # http://127.0.0.1:8888
"""


def init(folder: Path) -> str:
    """Write the project to ``folder``; return what to tell the user.

    Raises:
        SchemaProblems: If there is already one of the files; then nothing was written.

    """
    project = {folder / path: text for path, text in _project()}
    there = [path for path in project if path.exists() or path.is_symlink()]
    if there:
        hint = "name another folder: python -m codegen init my-app"
        raise SchemaProblems(
            Problem(file=path.as_posix(), code="file_exists", message="the file is already there", hint=hint)
            for path in there
        )
    for path, text in project.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    wrote = "".join(f"wrote {path.as_posix()}\n" for path in project)
    cd = "" if folder == Path() else f"  cd {shlex.quote(str(folder))}\n"
    return f"{wrote}\n{NEXT.format(cd=cd)}"


def _project() -> Iterator[tuple[str, str]]:
    """Yield path and text of each file."""
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
