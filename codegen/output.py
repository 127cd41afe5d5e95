"""Output of generated files: it writes only changed files, atomically, and keeps files not written by codegen."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .emit import MARK
from .source.diagnostics import Problem, SchemaProblems

__all__ = ["Changes", "compare", "write"]

SKIPPED = ("node_modules", "__pycache__")
"""Folders without generated files."""

HEAD_SIZE = 400
"""Bytes at the start of a file that contain :data:`~codegen.emit.MARK`."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Differences between the files on disk and the generated ones."""

    stale: Mapping[Path, str]
    """Expected text of each file that differs."""
    missing: Mapping[Path, str]
    """Text of each file that does not exist."""
    left_over: tuple[Path, ...]
    """Generated files that no schema produces anymore."""
    warnings: tuple[Problem, ...] = ()
    """Warnings about the schemas."""

    def __bool__(self) -> bool:
        return bool(self.stale or self.missing or self.left_over)

    def lines(self) -> Iterator[str]:
        """Yield one line for each difference."""
        for label, paths in (("stale", self.stale), ("missing", self.missing), ("left over", self.left_over)):
            for path in paths:
                yield f"{label}: {path.as_posix()}"


def compare(files: Mapping[Path, str], *, flat: Path, deep: Path) -> Changes:
    """Compare ``files`` with those on disk.

    Args:
        files: Text of all generated files.
        flat: Folder to search for generated files that are left over.
        deep: Folder to search recursively.

    Raises:
        SchemaProblems: If a file was not written by codegen.
    """
    stale: dict[Path, str] = {}
    missing: dict[Path, str] = {}
    problems: list[Problem] = []
    for path, text in files.items():
        try:
            found = path.read_bytes()
        except FileNotFoundError:
            missing[path] = text
            continue
        except OSError as error:
            problems.append(_unwritable(path, error))
            continue
        if found and MARK.encode() not in found[:HEAD_SIZE] and found != text.encode():
            message, hint = "not written by codegen", "move the file, or generate into another folder"
            problems.append(Problem(file=path.as_posix(), code="not_generated", message=message, hint=hint))
        elif not _is_current(path, found, text):
            stale[path] = text
    if problems:
        raise SchemaProblems(problems)
    known = {path.absolute() for path in files}
    existing = dict.fromkeys((*_generated(_files(flat)), *_generated(_all_files(deep))))
    left_over = tuple(sorted(path for path in existing if path.absolute() not in known))
    return Changes(stale=stale, missing=missing, left_over=left_over)


def write(changes: Changes) -> None:
    """Write stale and missing files, and remove files that are left over.

    Raises:
        SchemaProblems: If a file cannot be written.
    """
    for path, text in {**changes.stale, **changes.missing}.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, text)
        except OSError as error:
            raise SchemaProblems([_unwritable(path, error)]) from None
    for path in changes.left_over:
        path.unlink(missing_ok=True)
        if not any(path.parent.iterdir()):
            path.parent.rmdir()


def _is_current(path: Path, found: bytes, text: str) -> bool:
    """Return True for the same content; git may convert line endings, and formatters lay out JSON in another way."""
    if found.replace(b"\r\n", b"\n") == text.encode():
        return True
    try:
        return path.suffix == ".json" and json.dumps(json.loads(found)) == json.dumps(json.loads(text))
    except ValueError:
        return False


def _replace(path: Path, text: str) -> None:
    """Replace a file atomically, so that no reader gets an incomplete file."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(text.encode())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.iterdir()) if folder.is_dir() else ()


def _all_files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in SKIPPED and not name.startswith("."))
        yield from (Path(parent) / name for name in sorted(names))


def _generated(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the ``paths`` written by codegen."""
    for path in paths:
        if path.is_file() and not path.name.startswith("."):
            with path.open("rb") as file:
                if MARK.encode() in file.read(HEAD_SIZE):
                    yield path


def _unwritable(path: Path, error: OSError) -> Problem:
    message = f"cannot write the file: {error.strerror}"
    return Problem(file=path.as_posix(), code="unwritable_file", message=message)
