"""Bounds of one value, from all schemas that apply to it."""

from __future__ import annotations

from .. import model
from ..source.document import Json
from .conjunction import Conjunction

__all__ = ["lengths", "limits"]


def limits(conjunction: Conjunction, type_: str) -> model.Limits:
    """Return the limits of a string or a number; ``type_`` is its JSON type."""
    if type_ == "string":
        lengths_ = lengths(conjunction, "minLength", "maxLength")
        return model.Limits(
            min_length=lengths_.min_length,
            max_length=lengths_.max_length,
            pattern=_first(conjunction, "pattern"),
            format=_first(conjunction, "format"),
        )
    if type_ in ("integer", "number"):
        return model.Limits(
            minimum=_highest(conjunction, "minimum"),
            maximum=_lowest(conjunction, "maximum"),
            exclusive_minimum=_highest(conjunction, "exclusiveMinimum"),
            exclusive_maximum=_lowest(conjunction, "exclusiveMaximum"),
            multiple_of=_first(conjunction, "multipleOf"),
        )
    return model.Limits()


def lengths(conjunction: Conjunction, minimum: str, maximum: str) -> model.Limits:
    """Return the limits of a length, from the keywords named ``minimum`` and ``maximum``."""
    shortest, longest = _highest(conjunction, minimum), _lowest(conjunction, maximum)
    return model.Limits(
        min_length=None if not shortest else int(shortest),
        max_length=None if longest is None else int(longest),
    )


def _highest(conjunction: Conjunction, keyword: str) -> Json:
    return max((value for _, value in conjunction.each(keyword)), default=None)


def _lowest(conjunction: Conjunction, keyword: str) -> Json:
    return min((value for _, value in conjunction.each(keyword)), default=None)


def _first(conjunction: Conjunction, keyword: str) -> Json:
    return next((value for _, value in conjunction.each(keyword)), None)
