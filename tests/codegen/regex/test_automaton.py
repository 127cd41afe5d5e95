"""Automata for patterns that are too slow for backtracking engines."""

from __future__ import annotations

import pytest

from codegen.regex.automaton import Automaton, automaton
from codegen.regex.parser import parse
from codegen.regex.syntax_tree import UnsupportedPattern


def matches(found: Automaton, text: str) -> bool:
    """Return True if an anchored automaton matches ``text``; only for patterns of literals and ranges."""
    assert found.anchored_start and found.anchored_end
    current = set(found.first)
    if not text:
        return found.empty
    for index, character in enumerate(text):
        reached = {
            position
            for position in current
            if any(first <= ord(character) <= last for first, last in found.positions[position].ranges or ())
        }
        if index == len(text) - 1:
            return bool(reached & set(found.last))
        current = {following for position in reached for following in found.follow[position]}
    return False


@pytest.mark.parametrize("pattern", ["^a*$", "^(a|b)+$", "abc", "^a{1,5}b?$", "^[a-z]+-[0-9]+$"])
def test_fast_pattern_has_no_automaton(pattern: str) -> None:
    assert automaton(parse(pattern).tree) is None


@pytest.mark.parametrize(
    ("pattern", "accepted", "rejected"),
    [
        ("^(a+)+$", ["a", "aaa"], ["", "b", "aab"]),
        ("^(a|a)*b$", ["b", "ab", "aaab"], ["", "a", "ba"]),
        ("^(a*)*$", ["", "a", "aa"], ["b", "ab"]),
        ("^(x+x+)+y$", ["xxy", "xxxy"], ["xy", "xx"]),
    ],
)
def test_slow_pattern_has_an_equivalent_automaton(pattern: str, accepted: list[str], rejected: list[str]) -> None:
    found = automaton(parse(pattern).tree)

    assert found is not None
    assert all(matches(found, text) for text in accepted)
    assert not any(matches(found, text) for text in rejected)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"^(a+)+\b(a+)+$", r"exponential time in the client, with \b in the middle"),
        ("^((a{30}){30}(a|a))+$", "too large for the client"),
    ],
)
def test_slow_pattern_without_an_automaton_is_rejected(pattern: str, reason: str) -> None:
    with pytest.raises(UnsupportedPattern) as caught:
        automaton(parse(pattern).tree)

    assert reason == str(caught.value)
