"""Syntax tree of regular expressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = [
    "Alternation",
    "Assertion",
    "CharacterClass",
    "Node",
    "Ranges",
    "Repeat",
    "Sequence",
    "UnsupportedPattern",
]

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""Ranges of code points, first and last included."""


class UnsupportedPattern(ValueError):
    """Raised for a pattern that the two engines cannot match equally."""


@dataclass(frozen=True, kw_only=True)
class CharacterClass:
    """Any character of a set."""

    ranges: Ranges | None
    """Code points of the class; None for a Unicode property, which only the engines resolve."""
    ecma: str
    """Syntax in JavaScript."""
    rust: str
    """Syntax in Rust."""


@dataclass(frozen=True, kw_only=True)
class Assertion:
    """Position between characters."""

    position: Literal["start", "end", "boundary"]
    ecma: str
    rust: str


@dataclass(frozen=True, kw_only=True)
class Sequence:
    """Concatenation."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True)
class Alternation:
    """Alternation or group."""

    options: tuple[Node, ...]
    opening: str = ""
    """Opening of the group, such as ``(?:``; empty without a group."""


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """Repetition."""

    part: Node
    minimum: int
    maximum: int | None
    """None for no upper bound."""
    quantifier: str
    """Syntax of the quantifier, such as ``{2,}``."""


Node: TypeAlias = CharacterClass | Assertion | Sequence | Alternation | Repeat
