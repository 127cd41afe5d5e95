"""Constraints that msgspec enforces; the schema enforces all others."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ... import model
from .literals import literal
from .python_printer import Node, call, keyword, subscript

__all__ = ["constrained", "may_be_large_integer"]

EXACT = 2**53
"""Integers up to this one are exact as floats; a larger float may be rounded across a bound."""


def constrained(
    base: Node,
    constraints: model.Constraints,
    *,
    json_type: str = "",
    head: str = "msgspec.Meta",
    pattern: str | None = None,
) -> Node:
    """Return ``base`` with the constraints that msgspec enforces exactly.

    The pattern of a schema is omitted: the syntax of Python differs from ECMA-262, and matching may take exponential
    time.

    Args:
        base: Type without constraints.
        constraints: Constraints in the model.
        json_type: ``integer`` or ``number``; other types have a length.
        head: Class of the constraints, as code.
        pattern: Pattern for the regular expression engine of this class.
    """
    arguments: dict[str, int | float | str]
    if json_type in ("integer", "number"):
        arguments = dict(_range(constraints, is_integer=json_type == "integer"))
    else:
        arguments = dict(_lengths(constraints))
    if pattern is not None:
        arguments["pattern"] = pattern
    if not arguments:
        return base
    meta = call(head, *(keyword(name, literal(bound)) for name, bound in arguments.items()))
    return subscript("typing.Annotated", base, meta)


def may_be_large_integer(constraints: model.Constraints) -> bool:
    """Return True if a number may be an integer that a float would round."""
    lower = (constraints.minimum, constraints.exclusive_minimum)
    upper = (constraints.maximum, constraints.exclusive_maximum)
    is_bounded = any(bound is not None and bound >= -EXACT for bound in lower) and any(
        bound is not None and bound <= EXACT for bound in upper
    )
    return not is_bounded


def _lengths(constraints: model.Constraints) -> Iterator[tuple[str, int]]:
    if constraints.min_length is not None and 0 < constraints.min_length < EXACT:
        yield "min_length", constraints.min_length
    if constraints.max_length is not None and constraints.max_length < EXACT:
        yield "max_length", constraints.max_length


def _range(constraints: model.Constraints, *, is_integer: bool) -> Iterator[tuple[str, int | float]]:
    exclusive_minimum, minimum = constraints.exclusive_minimum, constraints.minimum
    if exclusive_minimum is not None and (minimum is None or exclusive_minimum >= minimum):
        rounded = ("ge", math.ceil(exclusive_minimum)) if is_integer else None
        yield from _bound("gt", exclusive_minimum, rounded=rounded)
    elif minimum is not None:
        yield from _bound("ge", minimum, rounded=("ge", math.ceil(minimum)) if is_integer else None)
    exclusive_maximum, maximum = constraints.exclusive_maximum, constraints.maximum
    if exclusive_maximum is not None and (maximum is None or exclusive_maximum <= maximum):
        rounded = ("le", math.floor(exclusive_maximum)) if is_integer else None
        yield from _bound("lt", exclusive_maximum, rounded=rounded)
    elif maximum is not None:
        yield from _bound("le", maximum, rounded=("le", math.floor(maximum)) if is_integer else None)
    divisor = constraints.multiple_of
    if is_integer and divisor is not None and divisor == int(divisor) and 1 < divisor < EXACT:
        yield "multiple_of", int(divisor)


def _bound(name: str, bound: int | float, *, rounded: tuple[str, int] | None) -> Iterator[tuple[str, int | float]]:
    if -EXACT < bound < EXACT:
        if bound == int(bound):
            yield name, int(bound)
        else:
            yield rounded or (name, bound)
