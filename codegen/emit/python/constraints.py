"""Constraints that msgspec enforces; all others are left to the schema."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ... import model
from .literals import literal
from .python_printer import Node, call, keyword, subscript

__all__ = ["constrained"]

EXACT = 2**53
"""Limit of bounds: a larger float may be the rounded value of an integer on the other side of the bound."""


def constrained(base: Node, limits: model.Limits, *, kind: str = "") -> Node:
    """Return ``base`` with the constraints that msgspec enforces exactly.

    Patterns are omitted: the syntax of Python differs from ECMA-262, and matching may take exponential time.

    Args:
        base: Type without constraints.
        limits: Limits in the model.
        kind: ``integer`` or ``number``; other types have a length.
    """
    bounds = dict(_range(limits, whole=kind == "integer") if kind in ("integer", "number") else _lengths(limits))
    if not bounds:
        return base
    meta = call("msgspec.Meta", *(keyword(name, literal(bound)) for name, bound in bounds.items()))
    return subscript("typing.Annotated", base, meta)


def _lengths(limits: model.Limits) -> Iterator[tuple[str, int]]:
    if limits.min_length is not None and 0 < limits.min_length < EXACT:
        yield "min_length", limits.min_length
    if limits.max_length is not None and limits.max_length < EXACT:
        yield "max_length", limits.max_length


def _range(limits: model.Limits, *, whole: bool) -> Iterator[tuple[str, int | float]]:
    over, least = limits.exclusive_minimum, limits.minimum
    if over is not None and (least is None or over >= least):
        yield from _bound("gt", over, rounded=("ge", math.ceil(over)) if whole else None)
    elif least is not None:
        yield from _bound("ge", least, rounded=("ge", math.ceil(least)) if whole else None)
    under, most = limits.exclusive_maximum, limits.maximum
    if under is not None and (most is None or under <= most):
        yield from _bound("lt", under, rounded=("le", math.floor(under)) if whole else None)
    elif most is not None:
        yield from _bound("le", most, rounded=("le", math.floor(most)) if whole else None)
    divisor = limits.multiple_of
    if whole and divisor is not None and divisor == int(divisor) and 1 < divisor < EXACT:
        yield "multiple_of", int(divisor)


def _bound(name: str, bound: int | float, *, rounded: tuple[str, int] | None) -> Iterator[tuple[str, int | float]]:
    if -EXACT < bound < EXACT:
        if bound == int(bound):
            yield name, int(bound)
        else:
            yield rounded or (name, bound)
