"""Texts that match a regular expression."""

from __future__ import annotations

from .parser import parse
from .syntax_tree import Alternation, CharacterClass, Node, Repeat, Sequence, UnsupportedPattern

__all__ = ["matching_texts"]

USUAL = "aA0-_. "
"""Characters that a text contains where the expression admits them."""
MORE = (0, 1, 7)
"""Repetitions beyond the minimum."""
CHOICES = 3
"""Number of alternatives and of characters that are tried."""


def matching_texts(pattern: str) -> list[str]:
    """Return a few texts that probably match a pattern, which a lookahead or a boundary inside may reject."""
    try:
        tree = parse(pattern).tree
    except UnsupportedPattern:
        return []
    return list(dict.fromkeys(_text(tree, more, choice) for more in MORE for choice in range(CHOICES)))


def _text(node: Node, more: int, choice: int) -> str:
    match node:
        case CharacterClass(ranges=ranges):
            return _character(ranges, choice)
        case Sequence(parts=parts):
            return "".join(_text(part, more, choice) for part in parts)
        case Alternation(options=options):
            return _text(options[choice % len(options)], more, choice)
        case Repeat(part=part, minimum=minimum, maximum=maximum):
            count = minimum + more if maximum is None else min(maximum, minimum + more)
            return _text(part, more, choice) * count
        case _:
            return ""


def _character(ranges: tuple[tuple[int, int], ...] | None, choice: int) -> str:
    usual = [one for one in USUAL if ranges is None or any(first <= ord(one) <= last for first, last in ranges)]
    usual = usual or [chr(first) for first, _ in ranges or ()] or [USUAL[0]]
    return usual[choice % len(usual)]
