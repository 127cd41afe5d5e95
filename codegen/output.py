"""Brings generated files to disk: only those that changed, each at once, and none that somebody else wrote."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .emit import MARK
from .source.diagnostics import Problem, SchemaProblems

__all__ = ["Changes", "compare", "write"]

SKIPPED = ("node_modules", "__pycache__")
"""Folders in which nothing of ours can be."""

HEAD = 400
"""Bytes at the begin of a file among which :data:`~codegen.emit.MARK` stands."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """How the files on disk differ from what is generated now."""

    stale: Mapping[Path, str]
    """Files with another text, and the text they should have."""
    missing: Mapping[Path, str]
    """Files that are not there, and their text."""
    left_over: tuple[Path, ...]
    """Files that were generated once and would not be now."""

    def __bool__(self) -> bool:
        return bool(self.stale or self.missing or self.left_over)

    def lines(self) -> Iterator[str]:
        """Yield what differs, for people."""
        for kind, paths in (("stale", self.stale), ("missing", self.missing), ("left over", self.left_over)):
            for path in paths:
                yield f"{kind}: {path.as_posix()}"


def compare(files: Mapping[Path, str], *, flat: Path, deep: Path) -> Changes:
    """Compare ``files`` with those on disk.

    Args:
        files: All generated files, and their text.
        flat: Folder in which generated files may be left over.
        deep: Another one, with the folders below it.

    Raises:
        SchemaProblems: If somebody else's file stands where a generated one should.

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
        if found and MARK.encode() not in found[:HEAD] and found != text.encode():
            message, hint = "somebody else's file stands here", "move it away, or generate into another folder"
            problems.append(Problem(file=path.as_posix(), code="not_generated", message=message, hint=hint))
        elif found.replace(b"\r\n", b"\n") != text.encode():  # git may have changed the ends of lines
            stale[path] = text
    if problems:
        raise SchemaProblems(problems)
    known = {path.absolute() for path in files}
    there = dict.fromkeys((*_generated(_in(flat)), *_generated(_below(deep))))
    left_over = tuple(sorted(path for path in there if path.absolute() not in known))
    return Changes(stale=stale, missing=missing, left_over=left_over)


def write(changes: Changes) -> None:
    """Write and remove files, so that nothing differs any more.

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


def _replace(path: Path, text: str) -> None:
    """Write a file at once, so that nobody ever reads half of it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(text.encode())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _in(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.iterdir()) if folder.is_dir() else ()


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in SKIPPED and not name.startswith("."))
        yield from (Path(parent) / name for name in sorted(names))


def _generated(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield those of ``paths`` that codegen has written."""
    for path in paths:
        if path.is_file() and not path.name.startswith("."):
            with path.open("rb") as file:
                if MARK.encode() in file.read(HEAD):
                    yield path


def _unwritable(path: Path, error: OSError) -> Problem:
    message = f"the file cannot be written: {error.strerror}"
    return Problem(file=path.as_posix(), code="unwritable_file", message=message)
