"""Schema file: its JSON value and the position of each part in the text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, TypeAlias

from . import json_pointer
from .diagnostics import Problem

__all__ = ["Document", "Json", "Offsets", "Text", "copy_json", "describe"]

Json: TypeAlias = Any
"""JSON value: ``None``, ``bool``, ``int``, ``float``, ``str``, ``list`` or ``dict``."""

Offsets: TypeAlias = tuple[int, int]
"""Offsets of the key and of the value, in characters; equal for a value without a key."""


@dataclass(frozen=True)
class Text:
    """Text of a file."""

    file: str
    """Path as given by the user, with ``/`` as separator."""
    content: str

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Return the line and column of the character at ``offset``, both counted from 1, in characters."""
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
        """Return a problem at the character at ``offset``."""
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
        """Offset of each line."""
        starts, at = [0], self.content.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.content.find("\n", at + 1)
        return starts


@dataclass(frozen=True, kw_only=True)
class Document:
    """Readable schema file."""

    path: PurePosixPath
    """Path relative to the schemas folder."""
    source: str
    """Path for the headers of generated files, such as ``schemas/chat.json``; the same on every machine."""
    root: Json
    text: Text
    find_offsets: Callable[[], Mapping[str, Offsets]]
    """Function that returns the offsets of every value, by JSON Pointer; the first call may take long."""
    is_third_party: bool = False
    """True if the user does not edit the file: mistakes in it are warnings where they prevent nothing."""
    is_bundled: bool = False
    """True for a meta-schema of JSON Schema, which comes with the package."""
    uris: frozenset[str] = frozenset()
    """URIs of the schema resources in the file, except the one given by its path."""
    moves: Mapping[str, str] = field(default_factory=dict)
    """Pointers to moved schemas in references, which remain valid, by the new ones."""
    original_pointer: Callable[[str], str] = str
    """Function that maps a pointer in :attr:`root` to the pointer in the text, which may use names of older drafts."""

    @property
    def name(self) -> str:
        """File name without suffix."""
        return self.path.stem

    @property
    def is_endpoint(self) -> bool:
        """True if the file describes an endpoint; other files contain shared schemas."""
        return isinstance(self.root, dict) and "kind" in self.root

    def line_and_column(self, pointer: str, *, key: bool = False) -> tuple[int, int]:
        """Return the line and column of the value at ``pointer``, or of its key.

        A pointer without a value has the position of the nearest enclosing value.
        """
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
        """Return a problem of the value at ``pointer``, or of its key."""
        offset, original = self._offset(pointer, key), self.original_pointer(pointer)
        return self.text.problem(offset, code, message, pointer=original, expected=expected, got=got, hint=hint)

    def _offset(self, pointer: str, key: bool) -> int:
        pointer = self.original_pointer(pointer)
        offsets = self.find_offsets()
        while pointer and pointer not in offsets:
            pointer = json_pointer.parent(pointer)
        return offsets[pointer][0 if key else 1]


def copy_json(value: Json) -> Json:
    """Return a copy of a JSON value that shares no object or array with it."""
    if isinstance(value, dict):
        return {name: copy_json(member) for name, member in value.items()}
    if isinstance(value, list):
        return [copy_json(item) for item in value]
    return value


def describe(value: Json) -> str:
    """Return a short description of a JSON value, for problems."""
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
