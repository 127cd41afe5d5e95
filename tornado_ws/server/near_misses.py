"""Detection of misspelled names."""

from __future__ import annotations

from typing import Final

__all__ = ["is_near_miss"]

SHORT: Final = 3
"""Length up to which every difference makes another word."""
LONG: Final = 8
"""Length above which a misspelled word may differ by two edits."""


def is_near_miss(word: str, intended: str) -> bool:
    """Return True if a word is another one, or that with one edit; with two edits, if that is long.

    An edit inserts, deletes or replaces a letter, or swaps two that are adjacent.
    """
    edits = 0 if len(intended) <= SHORT else 1 if len(intended) <= LONG else 2
    words = {word}
    for _ in range(edits):
        words |= {shorter for one in words for shorter in _step(one, intended)}
    return intended in words


def _step(word: str, intended: str) -> set[str]:
    """Return the words after one edit at the first difference."""
    at = next((index for index, pair in enumerate(zip(word, intended, strict=False)) if pair[0] != pair[1]), None)
    if at is None:
        at = min(len(word), len(intended))
    head, tail, letter = word[:at], word[at:], intended[at : at + 1]
    return {head + tail[1:], head + letter + tail, head + letter + tail[1:], head + tail[1:2] + tail[:1] + tail[2:]}
