"""Reads the schema files of a folder: bytes to JSON values that know their line and column."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .diagnostics import Problem
from .document import Document, Text
from .json_scanner import Unreadable, scan_json

__all__ = ["META_SCHEMA", "Documents", "load"]

META_SCHEMA = "endpoint.schema.json"
"""Name of the file beside the schemas that describes them to editors; it is no schema of the user's."""

SUFFIXES = (".json", ".yaml", ".yml")


@dataclass(frozen=True, kw_only=True)
class Documents:
    """What a schemas folder holds."""

    documents: tuple[Document, ...]
    """Those that could be read, by path."""
    problems: tuple[Problem, ...]
    """Of all files."""
    unreadable: tuple[PurePosixPath, ...]
    """Those that could not be read, relative to the folder."""


def load(folder: Path, *, source: str | None = None) -> Documents:
    """Return the documents of ``folder`` and of the folders in it.

    Args:
        folder: Where the schemas are.
        source: How headers of generated files call the folder; as ``folder`` if None.

    """
    problems: list[Problem] = []
    documents: list[Document] = []
    unreadable: list[PurePosixPath] = []
    if not folder.is_dir():
        message = "no folder is here" if not folder.exists() else "this is no folder"
        hint = "name the folder of the schemas with --schemas, or make a project with: python -m codegen init"
        problems.append(Problem(file=folder.as_posix(), code="no_schemas", message=message, hint=hint))
    for path in _files(folder):
        try:
            documents.append(_read(folder, path, source or folder.as_posix(), problems))
        except Unreadable:
            unreadable.append(path)
    return Documents(documents=tuple(documents), problems=tuple(problems), unreadable=tuple(unreadable))


def _files(folder: Path) -> Iterator[PurePosixPath]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        inside = PurePosixPath(Path(parent).relative_to(folder).as_posix())
        for name in sorted(files):
            if name.endswith(SUFFIXES) and not name.startswith(".") and name != META_SCHEMA:
                yield inside / name


def _read(folder: Path, path: PurePosixPath, source: str, problems: list[Problem]) -> Document:
    text = Text((folder / path).as_posix(), _decode(folder / path, problems))
    if path.suffix == ".json":
        root, places = scan_json(text, problems)
    else:
        from .yaml_scanner import scan_yaml  # only those who write YAML wait for its parser

        root, places = scan_yaml(text, problems)
    return Document(path=path, source=f"{source}/{path}", root=root, text=text, places=places)


def _decode(path: Path, problems: list[Problem]) -> str:
    file = path.as_posix()
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        problems.append(Problem(file=file, code="unreadable_file", message=message))
        raise Unreadable from None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = Text(file, content[: error.start].decode("utf-8"))
        got = f"byte 0x{content[error.start]:02x}"
        problems.append(
            before.problem(len(before.content), "not_utf8", "the file is not UTF-8", got=got, hint="save it as UTF-8")
        )
        raise Unreadable from None
    if text.startswith("\ufeff"):
        message, hint = "the file begins with a byte order mark", "save it as UTF-8 without BOM"
        problems.append(Problem(file=file, code="byte_order_mark", message=message, hint=hint))
        text = text[1:]
    if not text.strip():
        message, hint = "the file is empty", "see python -m codegen init for a schema to begin with"
        problems.append(Problem(file=file, code="empty_file", message=message, hint=hint))
        raise Unreadable
    return text
