"""Texts that match a regular expression."""

from __future__ import annotations

import random

from codegen.regex.parser import parse
from codegen.regex.syntax_tree import (
    Alternation,
    Assertion,
    CharacterClass,
    Lookahead,
    Node,
    Repeat,
    Sequence,
    UnsupportedPattern,
)

__all__ = ["matching_text"]

MOST = 3
"""Repetitions beyond the minimum."""
USUAL = tuple(map(ord, "aZ5_-.:/ "))
"""Characters that a text contains where the expression admits them."""


def matching_text(pattern: str, rng: random.Random) -> str:
    """Return a text that most probably matches a pattern; an assertion inside may reject it."""
    try:
        return _text(parse(pattern).tree, rng)
    except UnsupportedPattern:
        return "a"


def _text(node: Node, rng: random.Random) -> str:
    match node:
        case CharacterClass(ranges=ranges):
            return _character(ranges or (), rng)
        case Assertion() | Lookahead():
            return ""
        case Sequence(parts=parts):
            return "".join(_text(part, rng) for part in parts)
        case Alternation(options=options):
            return _text(rng.choice(options), rng)
        case Repeat(part=part, minimum=minimum, maximum=maximum):
            most = minimum + MOST if maximum is None else min(maximum, minimum + MOST)
            return "".join(_text(part, rng) for _ in range(rng.randint(minimum, most)))


def _character(ranges: tuple[tuple[int, int], ...], rng: random.Random) -> str:
    usual = [code for code in USUAL if any(first <= code <= last for first, last in ranges)]
    if not ranges or (usual and rng.random() < 0.5):
        return chr(rng.choice(usual or USUAL))
    first, last = rng.choice(ranges)
    return chr(rng.randint(first, min(last, first + 40)))
