"""Gathers the bounds that schemas set for one value."""

from __future__ import annotations

from .. import model
from ..source.document import Json
from .conjunction import Conjunction

__all__ = ["lengths", "limits"]


def limits(view: Conjunction, kind: str) -> model.Limits:
    """Return what is said about a string or a number."""
    if kind == "string":
        lengths_ = lengths(view, "minLength", "maxLength")
        return model.Limits(
            min_length=lengths_.min_length,
            max_length=lengths_.max_length,
            pattern=_first(view, "pattern"),
            format=_first(view, "format"),
        )
    if kind in ("integer", "number"):
        return model.Limits(
            minimum=_most(view, "minimum"),
            maximum=_least(view, "maximum"),
            exclusive_minimum=_most(view, "exclusiveMinimum"),
            exclusive_maximum=_least(view, "exclusiveMaximum"),
            multiple_of=_first(view, "multipleOf"),
        )
    return model.Limits()


def lengths(view: Conjunction, least: str, most: str) -> model.Limits:
    """Return what two keywords say about a length."""
    minimum, maximum = _most(view, least), _least(view, most)
    return model.Limits(
        min_length=None if not minimum else int(minimum),
        max_length=None if maximum is None else int(maximum),
    )


def _most(view: Conjunction, keyword: str) -> Json:
    return max((value for _, value in view.each(keyword)), default=None)


def _least(view: Conjunction, keyword: str) -> Json:
    return min((value for _, value in view.each(keyword)), default=None)


def _first(view: Conjunction, keyword: str) -> Json:
    return next((value for _, value in view.each(keyword)), None)
