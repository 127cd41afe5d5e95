"""Search for the name that the author probably meant."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable
from difflib import get_close_matches

__all__ = ["SimilarNames", "closest"]

CUTOFF = 0.7
"""Smallest similarity of a suggestion, from 0 to 1."""
FEW = 64
"""Number of names up to which all are compared; one comparison takes about 0.1 ms."""
NEIGHBORS = 16
"""Number of names on each side, in alphabetical order, that are considered in a longer list."""
COMPARED = 4
"""Number of considered names that are compared."""


def closest(text: str, known: Iterable[str]) -> str | None:
    """Return the most similar word in ``known``, or else one with the prefix ``text``, or else None."""
    return SimilarNames(known).closest(text)


class SimilarNames:
    """Names for many searches; the time of each one hardly depends on their number."""

    def __init__(self, known: Iterable[str]) -> None:
        self._names = {word.lower(): word for word in known}
        self._sorted = sorted(self._names)
        self._reversed = sorted(name[::-1] for name in self._names) if len(self._names) > FEW else []

    def closest(self, text: str) -> str | None:
        """Return the most similar name, or else the first one with the prefix ``text``, or else None."""
        prefix = text.lower()
        name = prefix.replace("_", "")
        matches = get_close_matches(name, self._candidates(name), n=1, cutoff=CUTOFF)
        if matches:
            return self._names[matches[0]]
        at = bisect_left(self._sorted, prefix)
        after = self._sorted[at : at + 1] if len(prefix) >= 3 else []
        return next((self._names[word] for word in after if word.startswith(prefix)), None)

    def _candidates(self, name: str) -> Collection[str]:
        """Return the names with the longest start and end in common with ``name``, if there are many names.

        A name with one mistake has its first or its second half in common with the right one.
        """
        if not self._reversed:
            return self._names
        ending = name[::-1]
        found = {*_neighbors(self._sorted, name), *(one[::-1] for one in _neighbors(self._reversed, ending))}
        return sorted(found, key=lambda one: (-_shared(one, name) - _shared(one[::-1], ending), one))[:COMPARED]


def _neighbors(words: list[str], word: str) -> list[str]:
    at = bisect_left(words, word)
    return words[max(0, at - NEIGHBORS) : at + NEIGHBORS]


def _shared(name: str, other: str) -> int:
    """Return the number of equal characters at the start."""
    pairs = enumerate(zip(name, other, strict=False))
    return next((at for at, (one, two) in pairs if one != two), min(len(name), len(other)))
