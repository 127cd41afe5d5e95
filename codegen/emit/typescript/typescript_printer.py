"""Printer for TypeScript expressions, with the line breaks of Prettier."""

from __future__ import annotations

import math
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
    if isinstance(part, Code):
        return part
    pieces: list[str] = []
    room = LINE_WIDTH - indent * TAB_WIDTH - before - after
    if _add_pieces(pieces, part, room if part.parts else math.inf) >= 0:
        return Code("".join(pieces))
    return Code("\n".join(_multiple_lines(part, indent)))


def _add_pieces(pieces: list[str], part: Part, room: float) -> float:
    """Add the code of a part on one line, and return the remaining room; stop when it is negative.

    The time is therefore linear in the room, and not in the size of the part, which each group around it tries, too.
    """
    if isinstance(part, Code):
        pieces.append(part)
        return room - len(part)
    space = " " if part.spaced and part.parts else ""
    room -= len(part.opening) + len(part.closing) + 2 * len(space)
    pieces.append(part.opening + space)
    for position, inner in enumerate(part.parts):
        if position:
            pieces.append(", ")
            room -= len(", ")
        room = _add_pieces(pieces, inner, room)
        if room < 0:
            return room
    pieces.append(space + part.closing)
    return room


def _multiple_lines(group: Group, indent: int) -> Iterator[str]:
    yield group.opening
    for part in group.parts:
        yield "\t" * (indent + 1) + format_part(part, indent=indent + 1) + ","
    yield "\t" * indent + group.closing
