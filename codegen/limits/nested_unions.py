"""Unions whose values may contain further values of the same union, and alternatives that may both be valid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from tornado_ws.validation.graph_cycles import nodes_in_cycles

from .. import model

__all__ = ["count_judged", "nested_unions"]

MOST_COMPARED = 100
"""Number of alternatives that are compared in pairs; of more, all count."""
Shape: TypeAlias = tuple[set[str], set[str] | None]
"""Required names, and all allowed names; None if any name is."""


def nested_unions(validators: Mapping[str, model.Validator]) -> set[int]:
    """Return the identities of the unions whose values may contain others of the same union.

    Args:
        validators: Targets of calls, by name.
    """
    unions: dict[str, list[tuple[int, set[str]]]] = {name: [] for name in validators}
    calls = {name: _calls(validator, unions[name]) for name, validator in validators.items()}
    cyclic = nodes_in_cycles(calls)
    return {union for name in cyclic for union, inner in unions[name] if not inner.isdisjoint(cyclic)}


def count_judged(alternatives: Sequence[model.Validator], validators: Mapping[str, model.Validator]) -> int:
    """Return the number of alternatives that accept an object together with another one, as far as names tell.

    Args:
        alternatives: Alternatives of a union that accept objects.
        validators: Targets of calls, by name.
    """
    if len(alternatives) > MOST_COMPARED:
        return len(alternatives)
    shapes = [_shape(alternative, validators) for alternative in alternatives]
    return sum(any(one is not other and not _exclude_each_other(one, other) for other in shapes) for one in shapes)


def _calls(part: Any, unions: list[tuple[int, set[str]]]) -> set[str]:  # part: a validator, or a part of one
    """Return the names of the validators that a part calls; add each union in it, with the names that it calls."""
    if isinstance(part, model.Call):
        return {part.name}
    found: set[str] = set()
    for inner in model.parts(part):
        found |= _calls(inner, unions)
    if isinstance(part, model.AnyOf | model.ExactlyOne):
        unions.append((id(part), found))
    return found


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
