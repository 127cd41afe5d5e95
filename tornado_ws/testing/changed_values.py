"""Hypothesis strategies for JSON values that differ from another value in one place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from hypothesis import strategies as st

__all__ = ["ANYTHING", "CHARACTERS", "changed"]

Json: TypeAlias = Any
Strategy: TypeAlias = st.SearchStrategy[Json]

CHARACTERS = st.characters(codec="utf-8")
"""Strategy for the characters of texts."""
ANYTHING: Strategy = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(CHARACTERS),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(CHARACTERS), inner),
    max_leaves=5,
)
"""Strategy for any JSON value."""


def changed(value: Json) -> Strategy:
    """Return the strategy for a value with a change in one place."""
    return st.sampled_from([*_places(value)]).flatmap(lambda place: _replaced(value, place))


def _places(value: Json) -> Iterator[tuple[str | int, ...]]:
    yield ()
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from ((key, *rest) for rest in _places(member))


def _replaced(value: Json, place: tuple[str | int, ...]) -> Strategy:
    if not place:
        return _similar(value)
    key, *rest = place

    def put(member: Json) -> Json:
        if isinstance(value, list):
            return [member if position == key else one for position, one in enumerate(value)]
        return {**value, key: member}

    replaced = _replaced(value[key], tuple(rest)).map(put)
    if rest:
        return replaced
    if isinstance(value, list):
        return replaced | st.just([one for position, one in enumerate(value) if position != key])
    return replaced | st.just({name: one for name, one in value.items() if name != key})


def _similar(value: Json) -> Strategy:
    """Return the strategy for values that resemble a value, and for those of other types."""
    match value:
        case bool() | None:
            return ANYTHING
        case int() | float():
            return st.sampled_from([value + 1, value - 1, -value, value + 0.5, value * 1000, str(value)]) | ANYTHING
        case str():
            return st.sampled_from([f"{value} ", value[:-1], "", value * 2, "x" * 1000]) | ANYTHING
        case list():
            return st.sampled_from([[*value, None], [*value, *value], []]) | ANYTHING
        case _:
            return st.sampled_from([{**value, "undeclared": 1}, {}, [value]]) | ANYTHING
