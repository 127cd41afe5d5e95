"""Constraints on one value, from all schemas that apply to it."""

from __future__ import annotations

from .. import model
from ..source.document import Json
from .conjunction import Conjunction

__all__ = ["constraints", "length_constraints"]


def constraints(conjunction: Conjunction, type_: str) -> model.Constraints:
    """Return the constraints on a string or a number; ``type_`` is its JSON type."""
    if type_ == "string":
        lengths = length_constraints(conjunction, "minLength", "maxLength")
        return model.Constraints(
            min_length=lengths.min_length,
            max_length=lengths.max_length,
            pattern=_first(conjunction, "pattern"),
            format=_first(conjunction, "format"),
        )
    if type_ in ("integer", "number"):
        return model.Constraints(
            minimum=_highest(conjunction, "minimum"),
            maximum=_lowest(conjunction, "maximum"),
            exclusive_minimum=_highest(conjunction, "exclusiveMinimum"),
            exclusive_maximum=_lowest(conjunction, "exclusiveMaximum"),
            multiple_of=_first(conjunction, "multipleOf"),
        )
    return model.Constraints()


def length_constraints(conjunction: Conjunction, minimum: str, maximum: str) -> model.Constraints:
    """Return the constraints on a length, from the keywords named ``minimum`` and ``maximum``."""
    shortest, longest = _highest(conjunction, minimum), _lowest(conjunction, maximum)
    return model.Constraints(
        min_length=int(shortest) if shortest else None,
        max_length=None if longest is None else int(longest),
    )


def _highest(conjunction: Conjunction, keyword: str) -> Json:
    return max((value for _, value in conjunction.occurrences(keyword)), default=None)


def _lowest(conjunction: Conjunction, keyword: str) -> Json:
    return min((value for _, value in conjunction.occurrences(keyword)), default=None)


def _first(conjunction: Conjunction, keyword: str) -> Json:
    return next((value for _, value in conjunction.occurrences(keyword)), None)
