"""Patterns for Rust's engine itself, in which shorthands such as ``\\d`` mean other characters than in ECMA-262."""

from __future__ import annotations

import itertools

from .parser import parse
from .syntax_tree import Alternation, Assertion, CharacterClass, Lookahead, Node, Ranges, Repeat, Sequence

__all__ = ["rust_pattern"]

LAST_CODE_POINT = 0x10FFFF
MAX_CHARACTERS = 500
"""Maximum number of characters in a pattern whose repetitions are written out; a matcher grows with it."""
SPECIAL = frozenset("\\.+*?()|[]{}^$")
SPECIAL_IN_SET = frozenset("\\[]^-&~")
CONTROLS = {9: r"\t", 10: r"\n", 13: r"\r"}


def rust_pattern(source: str) -> str | None:
    """Return a pattern with the meaning of ``source`` for Rust's ``regex``; None if it is large or has no such form.

    Lookaheads are not supported, and properties of Unicode characters depend on the version of each library.

    Args:
        source: Pattern of JSON Schema that :func:`.parse` accepts.
    """
    tree = parse(source).tree
    return _written(tree) if _size(tree) <= MAX_CHARACTERS else None


def _written(node: Node) -> str | None:
    match node:
        case CharacterClass(ranges=ranges):
            return _class(ranges) if ranges else None  # no pattern of an empty class, which Rust cannot write as []
        case Assertion(rust=rust):
            return rust
        case Lookahead():
            return None
        case Sequence(parts=parts):
            return _joined("", parts)
        case Alternation(options=options, opening=opening):
            text = _joined("|", options)
            return f"(?:{text})" if opening and text is not None else text
        case Repeat(part=part, quantifier=quantifier):
            text = _written(part)
            return None if text is None else f"{text}{quantifier}"


def _joined(separator: str, nodes: tuple[Node, ...]) -> str | None:
    texts = [_written(node) for node in nodes]
    known = [text for text in texts if text is not None]
    return separator.join(known) if len(known) == len(texts) else None


def _class(ranges: Ranges) -> str:
    merged = _merged(ranges)
    if len(merged) == 1 and merged[0][0] == merged[0][1]:
        return _character(merged[0][0], SPECIAL)
    is_negated = bool(merged) and merged[0][0] == 0 and merged[-1][1] == LAST_CODE_POINT and len(merged) > 1
    if is_negated:
        merged = [(last + 1, first - 1) for (_, last), (first, _) in itertools.pairwise(merged)]
    bounds = [dict.fromkeys(_character(code, SPECIAL_IN_SET) for code in pair) for pair in merged]
    members = ("-".join(pair) for pair in bounds)
    return f"[{'^' if is_negated else ''}{''.join(members)}]"


def _merged(ranges: Ranges) -> list[tuple[int, int]]:
    """Return ranges without overlaps, in order."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(merged[-1][1], last)
        else:
            merged.append((first, last))
    return merged


def _character(code: int, special: frozenset[str]) -> str:
    character = chr(code)
    if character in special:
        return f"\\{character}"
    return character if character.isprintable() else CONTROLS.get(code, f"\\u{{{code:x}}}")


def _size(node: Node) -> int:
    match node:
        case Sequence(parts=parts) | Alternation(options=parts):
            return sum(map(_size, parts))
        case Repeat(part=part, minimum=minimum, maximum=maximum):
            return _size(part) * max(minimum, maximum or 0, 1)
        case Lookahead(inside=inside):
            return _size(inside)
        case _:
            return 1
