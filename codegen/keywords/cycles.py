"""Cycles of references that never reach a part of the value, so that validation would not end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from .. import model

__all__ = ["names_in_cycles"]


def names_in_cycles(validators: Mapping[str, model.Validator]) -> Iterator[str]:
    """Yield the names of the validators that call themselves with the same value."""
    calls = {name: set(_calls(validator)) for name, validator in validators.items()}
    if _is_acyclic(calls):
        return
    for name, called in calls.items():
        reached, queue = set[str](), list(called)
        while queue:
            target = queue.pop()
            if target not in reached:
                reached.add(target)
                queue += calls[target]
        if name in reached:
            yield name


def _is_acyclic(calls: Mapping[str, Iterable[str]]) -> bool:
    """Return True, in linear time, if there is no cycle, as in almost all schemas."""
    try:
        TopologicalSorter(calls).prepare()
    except CycleError:
        return False
    return True


def _calls(validator: model.Validator) -> Iterator[str]:
    """Yield the names of the validators that a validator calls with its own value."""
    match validator:
        case model.Call(name=name):
            yield name
        case (
            model.All(validators=validators)
            | model.AnyOf(validators=validators)
            | model.ExactlyOne(validators=validators)
        ):
            for inner in validators:
                yield from _calls(inner)
        case model.Not(validator=inner) | model.Dependent(validator=inner):
            yield from _calls(inner)
        case model.Conditional(condition=condition, then=then, otherwise=otherwise):
            for inner in (condition, then, otherwise):
                yield from _calls(inner)
