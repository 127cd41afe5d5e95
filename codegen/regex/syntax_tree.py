"""Syntax tree of regular expressions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

__all__ = [
    "Alternation",
    "Assertion",
    "CharacterClass",
    "Lookahead",
    "Node",
    "Ranges",
    "Repeat",
    "Sequence",
    "UnsupportedPattern",
    "has_boundary",
    "lookaheads",
    "without_lookaheads",
]

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""Ranges of code points, first and last included."""


class UnsupportedPattern(ValueError):
    """Raised for a pattern that the two engines cannot match equally."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint
        """Suggested fix, if one is known."""


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
class Lookahead:
    """Condition on the text after a position, without reading it."""

    inside: Node
    is_negative: bool


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


Node: TypeAlias = CharacterClass | Assertion | Lookahead | Sequence | Alternation | Repeat


def lookaheads(node: Node) -> Iterator[Lookahead]:
    """Yield all lookaheads in a tree."""
    match node:
        case Lookahead(inside=inside):
            yield node
            yield from lookaheads(inside)
        case Sequence(parts=parts) | Alternation(options=parts):
            for part in parts:
                yield from lookaheads(part)
        case Repeat(part=part):
            yield from lookaheads(part)


def has_boundary(node: Node) -> bool:
    """Return True if a tree contains ``\\b`` or ``\\B``, which the engine with lookaheads does not limit to ASCII."""
    match node:
        case Assertion(position=position):
            return position == "boundary"
        case Sequence(parts=parts) | Alternation(options=parts):
            return any(map(has_boundary, parts))
        case Lookahead(inside=part) | Repeat(part=part):
            return has_boundary(part)
        case _:
            return False


def without_lookaheads(node: Node) -> Node:
    """Return a tree in which each lookahead matches at any position."""
    match node:
        case Lookahead():
            return Sequence(parts=())
        case Sequence(parts=parts):
            return replace(node, parts=tuple(map(without_lookaheads, parts)))
        case Alternation(options=options):
            return replace(node, options=tuple(map(without_lookaheads, options)))
        case Repeat(part=part):
            return replace(node, part=without_lookaheads(part))
        case _:
            return node
