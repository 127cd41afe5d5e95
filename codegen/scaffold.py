"""Files for new and existing projects: a small working project, and the meta-schema for editors."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import chain, count
from pathlib import Path

from .output import compare, write
from .schema.editor_schema import editor_schema
from .settings.project_settings import read_settings
from .source.diagnostics import Problem, SchemaProblems
from .source.load import META_SCHEMA

__all__ = ["init", "run", "write_editor_schema"]

PROJECT = "project"
"""Folder next to this module with the files of the project."""

RENAMED = {"app.py.txt": "app.py", "gitignore": ".gitignore"}
"""Names in the project for files that tools would otherwise recognize in this package."""

APPLICATION = {"app.py", "pyproject.toml"}
"""Names of files by which a folder is an existing application."""
EXISTING_APPLICATION = "https://tornado-ws.github.io/tornado-ws/how-to/existing-application/"

INIT = """\
Create a small working project: a schema, a Tornado application with a handler, and a
Svelte page. Prints the commands to run it. Never overwrites a file.
"""
EDITOR = """\
Write endpoint.schema.json to the schemas folder. Editors use it to complete and check
endpoints, with all keywords of JSON Schema in their payloads.
"""
REFERENCES = """
Editors use it for each file with a reference to it:
  JSON  "$schema": "endpoint.schema.json"
  YAML  # yaml-language-server: $schema=endpoint.schema.json
From now on, python -m codegen keeps it up to date.
"""

NEXT_STEPS = """\
Next steps:
{cd}{venv}  python -m pip install -r requirements.txt
  python -m codegen
  npm --prefix web install
  npm --prefix web run build
  python -m tornado_ws serve app:make  # http://localhost:8888
"""

VENV = """\
  python3 -m venv .venv
  . .venv/bin/activate             # Windows: .venv\\Scripts\\activate
"""
"""Next steps outside of an activated virtual environment."""


def run(command: Sequence[str]) -> int:
    """Run ``init`` or ``editor``, with its arguments; return the exit status."""
    name, *arguments = command
    text = INIT if name == "init" else EDITOR
    parser = argparse.ArgumentParser(
        prog=f"python -m codegen {name}", description=text, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    if name == "init":
        help_text = "folder of the project (default: working directory)"
        parser.add_argument("folder", metavar="DIR", nargs="?", type=Path, default=Path(), help=help_text)
    else:
        parser.add_argument("--schemas", metavar="DIR", type=Path, help="folder of the schemas (default: schemas)")
    options = parser.parse_args(arguments)
    try:
        print(init(options.folder) if name == "init" else write_editor_schema(options.schemas))
    except SchemaProblems as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def write_editor_schema(schemas: Path | None = None) -> str:
    """Write the meta-schema for editors to the schemas folder and return the output for the user.

    Args:
        schemas: Folder of the schemas; that of the settings if None.

    Raises:
        SchemaProblems: If a setting is invalid, or the file exists and was not written by codegen.
    """
    path = read_settings(Path(), {"schemas": schemas}).schemas / META_SCHEMA
    changes = compare({path: editor_schema()}, flat=path, deep=path)  # files, which contain no left-over ones
    write(changes)
    return f"{'wrote ' if changes else 'up to date: '}{path.as_posix()}\n{REFERENCES}"


def init(folder: Path) -> str:
    """Write the project to ``folder`` and return the output for the user.

    Raises:
        SchemaProblems: If one of the files exists; then nothing is written.
    """
    project = {folder / path: text for path, text in _project()}
    existing = [path for path in project if path.exists() or path.is_symlink()]
    if existing:
        hint = _hint(folder, {path.name for path in existing}, is_scaffold=len(existing) == len(project))
        raise SchemaProblems(_existing_files([path.as_posix() for path in existing], hint))
    for path, text in project.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    wrote = "".join(f"wrote {path.as_posix()}\n" for path in project)
    cd = "" if folder == Path() else f"  cd {shlex.quote(str(folder))}\n"
    active = "VIRTUAL_ENV" in os.environ and sys.prefix != sys.base_prefix
    return f"{wrote}\n{NEXT_STEPS.format(cd=cd, venv='' if active else VENV)}"


def _existing_files(paths: list[str], hint: str) -> Iterator[Problem]:
    """Yield a problem for each file; the one that is printed last has the hint."""
    for path in paths:
        yield Problem(
            file=path, code="file_exists", message="file already exists", hint=hint if path == max(paths) else None
        )


def _hint(folder: Path, existing: set[str], *, is_scaffold: bool) -> str:
    """Return the remedy for a folder that contains files with the names of the project's.

    Args:
        folder: Folder of the project.
        existing: Names of the files.
        is_scaffold: True if all files exist, as in a folder of an earlier call.
    """
    if existing & APPLICATION and not is_scaffold:
        return f"to add sockets to an existing application, see {EXISTING_APPLICATION}"
    name = folder.name or "my-app"
    names = (folder.parent / text for text in chain((name,), (f"{name}-{number}" for number in count(2))))
    free = next(path for path in names if not path.exists() and not path.is_symlink())
    return f"use another folder: python -m codegen init {shlex.quote(str(free))}"


def _project() -> Iterator[tuple[str, str]]:
    """Yield the path and text of each file."""
    assert __package__
    yield from _files(files(__package__) / PROJECT, "")
    yield f"schemas/{META_SCHEMA}", editor_schema()


def _files(folder: Traversable, path: str) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.startswith((".", "__")):
            continue
        if entry.is_dir():
            yield from _files(entry, f"{path}{entry.name}/")
        else:
            yield path + RENAMED.get(entry.name, entry.name), entry.read_text(encoding="utf-8")
