"""Loader for the schema files of a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from .diagnostics import Problem
from .document import Document, Json, Offsets, Text
from .internal_errors import collecting
from .json_reader import read_json
from .json_scanner import Unreadable

__all__ = ["LOCK_FILE", "META_SCHEMA", "Documents", "load", "schema_files"]

META_SCHEMA = "endpoint.schema.json"
"""Name of our meta-schema, which is stored with the schemas for editors; it is not a schema of the user."""

LOCK_FILE = "contracts.lock"
"""Name of the file with released contracts, which is stored with the schemas."""

SUFFIXES = (".json", ".yaml", ".yml")
"""Suffixes of schema files."""


@dataclass(frozen=True, kw_only=True)
class Documents:
    """Content of a schemas folder."""

    documents: tuple[Document, ...]
    """Readable files, sorted by path."""
    problems: tuple[Problem, ...]
    """Problems of all files."""
    unreadable: tuple[PurePosixPath, ...]
    """Paths of unreadable files, relative to the folder."""
    third_party: Mapping[str, PurePosixPath] = field(default_factory=dict)
    """Paths of the files that the user does not edit, relative to the folder, by their paths as given by the user."""


def load(folder: Path, *, source: str | None = None, third_party: Sequence[str] = ()) -> Documents:
    """Return the documents of ``folder`` and its subfolders.

    Args:
        folder: Schemas folder.
        source: Path of the folder in the headers of generated files; ``folder`` if None.
        third_party: Patterns for the paths of files that the user does not edit; ``*`` also matches ``/``.
    """
    problems: list[Problem] = []
    documents: list[Document] = []
    unreadable: list[PurePosixPath] = []
    if not folder.is_dir():
        message = "schemas folder not found" if not folder.exists() else "schemas folder is a file"
        hint = "pass the folder with --schemas, or create a project: python -m codegen init"
        problems.append(Problem(file=folder.as_posix(), code="no_schemas", message=message, hint=hint))
    of_others: dict[str, PurePosixPath] = {}
    for path in schema_files(folder):
        document: Document | None = None
        file = (folder / path).as_posix()
        if any(fnmatchcase(path.as_posix(), pattern) for pattern in third_party):
            of_others[file] = path
        with collecting(file, problems), suppress(Unreadable):
            document = _read(folder, path, source or folder.as_posix(), problems)
        if document is None:
            unreadable.append(path)
        else:
            documents.append(replace(document, is_third_party=file in of_others))
    return Documents(
        documents=tuple(documents), problems=tuple(problems), unreadable=tuple(unreadable), third_party=of_others
    )


def schema_files(folder: Path) -> Iterator[PurePosixPath]:
    """Yield the paths of all schema files, relative to the folder."""
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        inside = PurePosixPath(Path(parent).relative_to(folder).as_posix())
        for name in sorted(files):
            if name.endswith(SUFFIXES) and not name.startswith(".") and name != META_SCHEMA:
                yield inside / name


def _read(folder: Path, path: PurePosixPath, source: str, problems: list[Problem]) -> Document:
    text = Text((folder / path).as_posix(), _decode(folder / path, problems))
    read = read_json if path.suffix == ".json" else _read_yaml
    root, find_offsets = read(text, problems)
    return Document(path=path, source=f"{source}/{path}", root=root, text=text, find_offsets=find_offsets)


def _read_yaml(text: Text, problems: list[Problem]) -> tuple[Json, Callable[[], Mapping[str, Offsets]]]:
    from .yaml_scanner import scan_yaml  # slow to import, and only needed for YAML

    root, offsets = scan_yaml(text, problems)
    return root, lambda: offsets


def _decode(path: Path, problems: list[Problem]) -> str:
    file = path.as_posix()
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"cannot read the file: {error.strerror}"
        problems.append(Problem(file=file, code="unreadable_file", message=message))
        raise Unreadable from None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = Text(file, content[: error.start].decode("utf-8"))
        got = f"byte 0x{content[error.start]:02x}"
        problems.append(
            before.problem(len(before.content), "invalid_utf8", "not UTF-8", got=got, hint="save the file as UTF-8")
        )
        raise Unreadable from None
    if text.startswith("\ufeff"):
        message, hint = "byte order mark at the start of the file", "save the file as UTF-8 without BOM"
        problems.append(Problem(file=file, code="byte_order_mark", message=message, hint=hint))
        text = text[1:]
    if not text.strip():
        message, hint = "empty file", "for an example schema, run: python -m codegen init my-app"
        problems.append(Problem(file=file, code="empty_file", message=message, hint=hint))
        raise Unreadable
    return text
