"""Patterns as automata that read a text once, for engines that might try every way through a pattern."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .parser import Assertion, Choice, Class, Node, Repeat, Sequence, UnsupportedPattern

__all__ = ["Automaton", "automaton"]

MOST_PLACES = 1000
MOST_DEGREE = 2
FEW = 5
"""What is repeated so often at most has few ways."""


@dataclass(frozen=True, kw_only=True)
class Automaton:
    """Places that read a character each (after V. M. Glushkov)."""

    places: tuple[Class, ...]
    follow: tuple[tuple[int, ...], ...]
    """For each place, those after it."""
    first: tuple[int, ...]
    """The places that a match can begin with."""
    last: tuple[int, ...]
    """The places that a match can end with."""
    empty: bool
    """Whether a match can be empty."""
    start: bool
    """Whether a match must begin where the text does."""
    end: bool
    """Whether a match must end where the text does."""


def automaton(tree: Node) -> Automaton | None:
    """Return the automaton of a pattern that an engine which tries one way after the other is too slow for; else None.

    Such an engine is fast enough where there is one way only, or where the ways are at most as many as pairs of
    characters. The answer is never wrongly None; where it wrongly is none, only speed is lost.

    Raises:
        UnsupportedPattern: If there is none: the pattern is too large, or has ``^``, ``$`` or ``\\b`` in its midst.

    """
    explodes = any(_Builder().is_ambiguous(part) for part in _repeated(tree))
    try:
        found = _automaton(tree)
    except UnsupportedPattern:
        if explodes:
            raise
        return None
    return found if explodes or _degree(found, tree) > MOST_DEGREE else None


def _automaton(tree: Node) -> Automaton:
    parts = list(tree.parts) if isinstance(tree, Sequence) else [tree]
    start = bool(parts) and isinstance(parts[0], Assertion) and parts[0].kind == "start"
    end = len(parts) > start and isinstance(parts[-1], Assertion) and parts[-1].kind == "end"
    builder = _Builder()
    fragment = builder.build(Sequence(parts=tuple(parts[start : len(parts) - end])))
    return Automaton(
        places=tuple(builder.places),
        follow=tuple(tuple(sorted(set(places))) for places in builder.follow),
        first=tuple(fragment.first),
        last=tuple(fragment.last),
        empty=fragment.empty,
        start=start,
        end=end,
    )


def _degree(found: Automaton, tree: Node) -> int:
    """Return an upper bound of the exponent of the length of a text in the number of ways through it."""
    undecided = sum(
        place in follow and _has_overlap([found.places[one] for one in follow])
        for place, follow in enumerate(found.follow)
    )
    endless = any(isinstance(part, Repeat) and part.most is None for part in _repeated(tree))
    return undecided + (endless and not found.start)


def _repeated(node: Node) -> Iterator[Node]:
    """Yield what is repeated often."""
    match node:
        case Sequence(parts=parts) | Choice(options=parts):
            for part in parts:
                yield from _repeated(part)
        case Repeat(part=part, most=most):
            if most is None or most > FEW:
                yield node
            yield from _repeated(part)


@dataclass(kw_only=True)
class _Fragment:
    empty: bool
    first: list[int]
    last: list[int]


class _Builder:
    def __init__(self) -> None:
        self.places: list[Class] = []
        self.follow: list[list[int]] = []

    def is_ambiguous(self, repeated: Node) -> bool:
        """Tell whether a text can be read in more than one way by something repeated."""
        assert isinstance(repeated, Repeat)
        if isinstance(repeated.part, Class):
            return False
        try:
            fragment = self.build(repeated.part)
        except UnsupportedPattern:
            return True
        if fragment.empty:
            return True
        self._connect(fragment.last, fragment.first)
        return any(_has_overlap([self.places[place] for place in places]) for places in (fragment.first, *self.follow))

    def build(self, node: Node) -> _Fragment:
        match node:
            case Class():
                if len(self.places) >= MOST_PLACES:
                    raise UnsupportedPattern("it is too large for a browser")
                self.places.append(node)
                self.follow.append([])
                return _Fragment(empty=False, first=[len(self.places) - 1], last=[len(self.places) - 1])
            case Assertion(text=text):
                raise UnsupportedPattern(f"a browser could need exponential time, and {text} stands in its midst")
            case Sequence(parts=parts):
                whole = _Fragment(empty=True, first=[], last=[])
                for part in parts:
                    whole = self._join(whole, self.build(part))
                return whole
            case Choice(options=options):
                found = [self.build(option) for option in options]
                return _Fragment(
                    empty=any(one.empty for one in found),
                    first=[place for one in found for place in one.first],
                    last=[place for one in found for place in one.last],
                )
            case Repeat(part=part, least=least, most=most):
                return self._repeat(part, least, most)

    def _repeat(self, part: Node, least: int, most: int | None) -> _Fragment:
        whole = _Fragment(empty=True, first=[], last=[])
        for time in range(least if most is None else most):
            one = self.build(part)
            one.empty = one.empty or time >= least
            whole = self._join(whole, one)
        if most is None:
            again = self.build(part)
            self._connect(again.last, again.first)
            again.empty = True
            whole = self._join(whole, again)
        return whole

    def _join(self, one: _Fragment, other: _Fragment) -> _Fragment:
        self._connect(one.last, other.first)
        return _Fragment(
            empty=one.empty and other.empty,
            first=one.first + (other.first if one.empty else []),
            last=other.last + (one.last if other.empty else []),
        )

    def _connect(self, before: list[int], after: list[int]) -> None:
        for place in before:
            self.follow[place] += after


def _has_overlap(classes: list[Class]) -> bool:
    """Tell whether a character may be in two of the sets."""
    return any(_overlap(one, other) for at, one in enumerate(classes) for other in classes[:at])


def _overlap(one: Class, other: Class) -> bool:
    """Tell whether a character may be in both sets."""
    if one.ranges is None or other.ranges is None:
        return True
    return any(a <= d and c <= b for a, b in one.ranges for c, d in other.ranges)
