"""Unions whose values may contain further values of the same union, and alternatives that may both be valid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from typing import TypeAlias

from .. import model

__all__ = ["count_judged", "nested_unions"]

Shape: TypeAlias = tuple[set[str], set[str] | None]
"""Required names, and all allowed names; None if any name is."""


def nested_unions(validators: Mapping[str, model.Validator]) -> set[int]:
    """Return the identities of the unions whose values may contain others of the same union.

    Args:
        validators: Targets of calls, by name.
    """
    calls = {name: {*_calls(validator)} for name, validator in validators.items()}
    cyclic = _without_ends(calls)
    callers = {name: {caller for caller in cyclic if name in calls[caller]} for name in cyclic}
    cyclic &= _without_ends(callers)
    return {
        id(union)
        for name in cyclic
        for union in model.walk(validators[name])
        if isinstance(union, model.AnyOf | model.ExactlyOne)
        if not cyclic.isdisjoint(_calls(union))
    }


def count_judged(alternatives: Sequence[model.Validator], validators: Mapping[str, model.Validator]) -> int:
    """Return the number of alternatives that accept an object together with another one, as far as names tell.

    Args:
        alternatives: Alternatives of a union that accept objects.
        validators: Targets of calls, by name.
    """
    shapes = [_shape(alternative, validators) for alternative in alternatives]
    return sum(any(one is not other and not _exclude_each_other(one, other) for other in shapes) for one in shapes)


def _without_ends(graph: Mapping[str, set[str]]) -> set[str]:
    """Return the nodes of a graph from which a path leads to a cycle."""
    sorter = TopologicalSorter(graph)
    with suppress(CycleError):  # all nodes outside of cycles are still sorted
        sorter.prepare()
    left = {*graph}
    while ready := sorter.get_ready():
        left.difference_update(ready)
        sorter.done(*ready)
    return left


def _calls(validator: model.Validator) -> Iterator[str]:
    """Yield the names of the validators that a validator calls, for any part of the value."""
    return (part.name for part in model.walk(validator) if isinstance(part, model.Call))


def _shape(validator: model.Validator, validators: Mapping[str, model.Validator]) -> Shape:
    required: set[str] = set()
    allowed: set[str] | None = None
    stack, visited = [validator], set[str]()
    while stack:
        match stack.pop():
            case model.Call(name=name) if name not in visited:
                visited.add(name)
                stack.append(validators[name])
            case model.All(validators=parts):
                stack += parts
            case model.Required(names=names):
                required.update(names)
            case model.Properties(named=named, patterns=(), rest=model.Always(verdict=False)):
                declared = {name for name, _ in named}
                allowed = declared if allowed is None else allowed & declared
    return required, allowed


def _exclude_each_other(one: Shape, other: Shape) -> bool:
    """Return True if one alternative requires a property that the other rejects."""
    return any(
        allowed is not None and not required <= allowed
        for required, allowed in ((one[0], other[1]), (other[0], one[1]))
    )
