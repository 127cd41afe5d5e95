"""A schema file: its JSON value, and where in the text each part of it stands."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, TypeAlias

from . import json_pointer
from .diagnostics import Problem

__all__ = ["Document", "Json", "Place", "Text", "describe"]

Json: TypeAlias = Any
"""A JSON value: ``None``, ``bool``, ``int``, ``float``, ``str``, ``list`` or ``dict``."""

Place: TypeAlias = tuple[int, int]
"""Offsets into the text: of the key, or of the value where it has none; and of the value."""


@dataclass(frozen=True)
class Text:
    """The text of a file."""

    file: str
    """Path as the user named it, with ``/``."""
    content: str

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Return the place of a character, counted from 1 and in characters."""
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def problem(
        self,
        offset: int,
        code: str,
        message: str,
        *,
        pointer: str = "",
        expected: str | None = None,
        got: str | None = None,
        hint: str | None = None,
    ) -> Problem:
        """Return a problem at a character."""
        line, column = self.line_and_column(offset)
        return Problem(
            file=self.file,
            line=line,
            column=column,
            pointer=pointer,
            code=code,
            message=message,
            expected=expected,
            got=got,
            hint=hint,
        )

    @cached_property
    def _lines(self) -> list[int]:
        """Where each line begins."""
        starts, at = [0], self.content.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.content.find("\n", at + 1)
        return starts


@dataclass(frozen=True, kw_only=True)
class Document:
    """A schema file that could be read."""

    path: PurePosixPath
    """Relative to the schemas folder."""
    source: str
    """Path for the headers of generated files, such as ``schemas/chat.json``; the same on every machine."""
    root: Json
    text: Text
    places: Mapping[str, Place]
    """Of every value, by JSON Pointer."""
    written: Callable[[str], str] = str
    """Turns a pointer into that of the same value in the text, which may spell keywords otherwise than :attr:`root`."""

    @property
    def name(self) -> str:
        """The file's name without suffix."""
        return self.path.stem

    @property
    def is_endpoint(self) -> bool:
        """Whether this describes an endpoint; other files only hold what endpoints share."""
        return isinstance(self.root, dict) and "kind" in self.root

    def position(self, pointer: str, *, key: bool = False) -> tuple[int, int]:
        """Return line and column of a value, or of its key; of the nearest value around it if there is none."""
        return self.text.line_and_column(self._offset(pointer, key))

    def problem(
        self,
        pointer: str,
        code: str,
        message: str,
        *,
        key: bool = False,
        expected: str | None = None,
        got: str | None = None,
        hint: str | None = None,
    ) -> Problem:
        """Return a problem with the value at ``pointer``, or with its key."""
        offset, at = self._offset(pointer, key), self.written(pointer)
        return self.text.problem(offset, code, message, pointer=at, expected=expected, got=got, hint=hint)

    def line_and_column(self, pointer: str) -> tuple[int, int]:
        """Return where the value at ``pointer`` begins, or the nearest around it."""
        return self.text.line_and_column(self._offset(pointer, False))

    def _offset(self, pointer: str, key: bool) -> int:
        pointer = self.written(pointer)
        while pointer and pointer not in self.places:
            pointer = json_pointer.parent(pointer)
        return self.places[pointer][0 if key else 1]


def describe(value: Json) -> str:
    """Name a JSON value briefly, for problems."""
    match value:
        case dict():
            return "an object" if value else "an empty object"
        case list():
            return "an array" if value else "an empty array"
        case str() if len(value) > 60:
            return "a long string"
        case str():
            return f'"{value}"'
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[value]
        case _:
            return str(value) if abs(value) < 1e30 else "a large number"
