"""Finds schemas that refer to themselves without going deeper into the value: no verdict could ever be given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .. import model

__all__ = ["circles"]


def circles(checks: Mapping[str, model.Check]) -> Iterator[str]:
    """Yield the names of the checks that come back to themselves on the same value."""
    ways = {name: set(_calls(check)) for name, check in checks.items()}
    for name, called in ways.items():
        reached, ahead = set[str](), list(called)
        while ahead:
            one = ahead.pop()
            if one not in reached:
                reached.add(one)
                ahead += ways[one]
        if name in reached:
            yield name


def _calls(check: model.Check) -> Iterator[str]:
    """Yield the names of the checks that a check asks about its own value."""
    match check:
        case model.Call(name=name):
            yield name
        case model.All(checks=checks) | model.AnyOf(checks=checks) | model.ExactlyOne(checks=checks):
            for inner in checks:
                yield from _calls(inner)
        case model.Not(check=inner) | model.Dependent(check=inner):
            yield from _calls(inner)
        case model.Branch(condition=condition, then=then, otherwise=otherwise):
            for inner in (condition, then, otherwise):
                yield from _calls(inner)
