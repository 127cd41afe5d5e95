"""Printer for TypeScript expressions, with the line breaks of Prettier."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from msgspec import Struct

from ..templates import Code

__all__ = ["LINE_WIDTH", "TAB_WIDTH", "Group", "Part", "format_part"]

LINE_WIDTH = 120
TAB_WIDTH = 4


class Group(Struct, frozen=True, kw_only=True):
    """Comma-separated parts in brackets."""

    opening: str
    """Text before the parts, such as ``all(`` or ``{``."""
    parts: tuple[Part, ...]
    closing: str
    spaced: bool = False
    """True if spaces separate the brackets from the parts, as in ``{ a }``."""


Part: TypeAlias = Code | Group


def format_part(part: Part, *, indent: int = 0, before: int = 0, after: int = 1) -> Code:
    """Return the code of ``part``, on one line if it fits, otherwise on one line for each of its parts.

    Args:
        part: Expression to format.
        indent: Indentation of the line, in tabs.
        before: Columns taken before the part on its line, without the indentation.
        after: Columns reserved after the part.
    """
    line = _single_line(part)
    if isinstance(part, Code) or not part.parts or indent * TAB_WIDTH + before + len(line) + after <= LINE_WIDTH:
        return line
    return Code("\n".join(_multiple_lines(part, indent)))


def _single_line(part: Part) -> Code:
    if isinstance(part, Code):
        return part
    inside = ", ".join(map(_single_line, part.parts))
    space = " " if part.spaced and inside else ""
    return Code(f"{part.opening}{space}{inside}{space}{part.closing}")


def _multiple_lines(group: Group, indent: int) -> Iterator[str]:
    yield group.opening
    for part in group.parts:
        yield "\t" * (indent + 1) + format_part(part, indent=indent + 1) + ","
    yield "\t" * indent + group.closing
