"""Breaks long expressions into lines, as Prettier would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ..templates import Code

__all__ = ["Group", "Part", "lay_out"]

WIDTH = 120
TAB = 4


@dataclass(frozen=True, kw_only=True)
class Group:
    """Parts between brackets."""

    opening: str
    """What stands before the parts, such as ``all(`` or ``{``."""
    parts: tuple[Part, ...]
    closing: str
    spaced: bool = False
    """Whether blanks stand inside the brackets."""


Part: TypeAlias = Code | Group


def lay_out(part: Part, *, indent: int = 0, before: int = 0, after: int = 1) -> Code:
    """Return ``part`` on one line if that is short enough, else on several.

    Args:
        part: What to write.
        indent: How far the line is indented.
        before: How many characters stand before it on its line, without the indentation.
        after: How many stand behind it.

    """
    flat = _flat(part)
    if isinstance(part, Code) or not part.parts or indent * TAB + before + len(flat) + after <= WIDTH:
        return flat
    return Code("\n".join(_broken(part, indent)))


def _flat(part: Part) -> Code:
    if isinstance(part, Code):
        return part
    inside = ", ".join(map(_flat, part.parts))
    blank = " " if part.spaced and inside else ""
    return Code(f"{part.opening}{blank}{inside}{blank}{part.closing}")


def _broken(group: Group, indent: int) -> Iterator[str]:
    yield group.opening
    for part in group.parts:
        yield "\t" * (indent + 1) + lay_out(part, indent=indent + 1) + ","
    yield "\t" * indent + group.closing
