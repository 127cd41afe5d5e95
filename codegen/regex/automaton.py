"""Automata for patterns that may take more than quadratic time in a backtracking engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .syntax_tree import (
    Alternation,
    Assertion,
    CharacterClass,
    Lookahead,
    Node,
    Repeat,
    Sequence,
    UnsupportedPattern,
    lookaheads,
    without_lookaheads,
)

__all__ = ["Automaton", "automaton"]

MAX_POSITIONS = 1000
"""Maximum size of an automaton, in characters of the expanded pattern."""
MAX_DEGREE = 2
"""Highest degree in the text length for which backtracking is fast enough."""
FEW_REPETITIONS = 5
"""Upper bound of a quantifier that adds few paths."""


@dataclass(frozen=True, kw_only=True)
class Automaton:
    """Position automaton (Glushkov 1961): each position reads one character."""

    positions: tuple[CharacterClass, ...]
    follow: tuple[tuple[int, ...], ...]
    """Positions that may follow each position."""
    first: tuple[int, ...]
    """Positions that may start a match."""
    last: tuple[int, ...]
    """Positions that may end a match."""
    empty: bool
    """True if a match may be empty."""
    anchored_start: bool
    """True if a match must start at the start of the text."""
    anchored_end: bool
    """True if a match must end at the end of the text."""


def automaton(tree: Node) -> Automaton | None:
    """Return the automaton of a pattern that is too slow for a backtracking engine; None for other patterns.

    Backtracking is fast enough if the number of paths grows at most quadratically with the text. The estimate is
    conservative: None is never wrong, and an unnecessary automaton only costs speed.

    Raises:
        UnsupportedPattern: If the automaton is too large, or the pattern has ``^``, ``$`` or ``\\b`` in the middle, or
            lookaheads.
    """
    if conditions := list(lookaheads(tree)):
        anchored = (_anchored(without_lookaheads(condition.inside)) for condition in conditions)
        if any(automaton(part) is not None for part in (without_lookaheads(tree), *anchored)):
            raise UnsupportedPattern("exponential time in the client, with a lookahead")
        return None
    explodes = any(_Builder().is_ambiguous(part) for part in _repeated(tree))
    try:
        found = _automaton(tree)
    except UnsupportedPattern:
        if explodes:
            raise
        return None
    return found if explodes or _degree(found, tree) > MAX_DEGREE else None


def _anchored(node: Node) -> Node:
    start = Assertion(position="start", ecma="^", rust="^")
    return Sequence(parts=(start, *(node.parts if isinstance(node, Sequence) else (node,))))


def _automaton(tree: Node) -> Automaton:
    parts = list(tree.parts) if isinstance(tree, Sequence) else [tree]
    anchored_start = bool(parts) and isinstance(parts[0], Assertion) and parts[0].position == "start"
    anchored_end = len(parts) > anchored_start and isinstance(parts[-1], Assertion) and parts[-1].position == "end"
    builder = _Builder()
    fragment = builder.build(Sequence(parts=tuple(parts[anchored_start : len(parts) - anchored_end])))
    return Automaton(
        positions=tuple(builder.positions),
        follow=tuple(tuple(sorted(set(following))) for following in builder.follow),
        first=tuple(fragment.first),
        last=tuple(fragment.last),
        empty=fragment.empty,
        anchored_start=anchored_start,
        anchored_end=anchored_end,
    )


def _degree(found: Automaton, tree: Node) -> int:
    """Return an upper bound of the degree: the number of paths is at most the text length to this power."""
    ambiguous = sum(
        position in follow and _has_overlap([found.positions[following] for following in follow])
        for position, follow in enumerate(found.follow)
    )
    unbounded = any(isinstance(part, Repeat) and part.maximum is None for part in _repeated(tree))
    return ambiguous + (unbounded and not found.anchored_start)


def _repeated(node: Node) -> Iterator[Node]:
    """Yield the repetitions with many paths."""
    match node:
        case Sequence(parts=parts) | Alternation(options=parts):
            for part in parts:
                yield from _repeated(part)
        case Repeat(part=part, maximum=maximum):
            if maximum is None or maximum > FEW_REPETITIONS:
                yield node
            yield from _repeated(part)


@dataclass(kw_only=True)
class _Fragment:
    """Part of an automaton under construction."""

    empty: bool
    first: list[int]
    last: list[int]


class _Builder:
    """Glushkov construction."""

    def __init__(self) -> None:
        self.positions: list[CharacterClass] = []
        self.follow: list[list[int]] = []

    def is_ambiguous(self, repeated: Node) -> bool:
        """Return True if a repetition can match a text along more than one path."""
        assert isinstance(repeated, Repeat)
        if isinstance(repeated.part, CharacterClass):
            return False
        try:
            fragment = self.build(repeated.part)
        except UnsupportedPattern:
            return True
        if fragment.empty:
            return True
        self._connect(fragment.last, fragment.first)
        return any(
            _has_overlap([self.positions[position] for position in following])
            for following in (fragment.first, *self.follow)
        )

    def build(self, node: Node) -> _Fragment:
        match node:
            case CharacterClass():
                if len(self.positions) >= MAX_POSITIONS:
                    raise UnsupportedPattern("too large for the client")
                self.positions.append(node)
                self.follow.append([])
                return _Fragment(empty=False, first=[len(self.positions) - 1], last=[len(self.positions) - 1])
            case Lookahead():
                raise UnsupportedPattern("a lookahead is no part of an automaton")
            case Assertion(ecma=text):
                raise UnsupportedPattern(f"exponential time in the client, with {text} in the middle")
            case Sequence(parts=parts):
                joined = _Fragment(empty=True, first=[], last=[])
                for part in parts:
                    joined = self._join(joined, self.build(part))
                return joined
            case Alternation(options=options):
                found = [self.build(option) for option in options]
                return _Fragment(
                    empty=any(fragment.empty for fragment in found),
                    first=[position for fragment in found for position in fragment.first],
                    last=[position for fragment in found for position in fragment.last],
                )
            case Repeat(part=part, minimum=minimum, maximum=maximum):
                return self._repeat(part, minimum, maximum)

    def _repeat(self, part: Node, minimum: int, maximum: int | None) -> _Fragment:
        joined = _Fragment(empty=True, first=[], last=[])
        for count in range(minimum if maximum is None else maximum):
            copy = self.build(part)
            copy.empty = copy.empty or count >= minimum
            joined = self._join(joined, copy)
        if maximum is None:
            loop = self.build(part)
            self._connect(loop.last, loop.first)
            loop.empty = True
            joined = self._join(joined, loop)
        return joined

    def _join(self, left: _Fragment, right: _Fragment) -> _Fragment:
        self._connect(left.last, right.first)
        return _Fragment(
            empty=left.empty and right.empty,
            first=left.first + (right.first if left.empty else []),
            last=right.last + (left.last if right.empty else []),
        )

    def _connect(self, before: list[int], after: list[int]) -> None:
        for position in before:
            self.follow[position] += after


def _has_overlap(classes: list[CharacterClass]) -> bool:
    """Return True if a character may be in two of the classes."""
    return any(_overlap(left, right) for index, left in enumerate(classes) for right in classes[:index])


def _overlap(left: CharacterClass, right: CharacterClass) -> bool:
    """Return True if a character may be in both classes."""
    if left.ranges is None or right.ranges is None:
        return True
    return any(a <= d and c <= b for a, b in left.ranges for c, d in right.ranges)
