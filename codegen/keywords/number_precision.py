"""Finds numbers that a page, where all numbers are doubles, cannot tell from others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Json, describe
from .bundle import Bundle
from .vocabulary import walk

__all__ = ["inexact"]

LARGEST: Final = 2**53 - 1
"""Up to here every integer is a double, and no other integer is rounded to it."""
BOUNDS: Final = {"minimum": -1, "maximum": 1, "exclusiveMinimum": 1, "exclusiveMaximum": -1}
"""Where the nearest integer is of which the verdict is another than that of the bound."""
RANGE: Final = f"from -{LARGEST} to {LARGEST}"
ROUNDED: Final = "JavaScript rounds integers beyond that"


def inexact(bundle: Bundle) -> Iterator[Problem]:
    """Yield a problem for each number by which pages would judge differently than servers, or that they cannot state.

    A server compares integers as they are; a page gets them rounded, and so are the numbers that its code states. As
    rounding keeps the order, a bound is judged differently exactly if the bound and its neighbour across it are
    rounded to the same double. No fraction is affected: below 2**53 rounding keeps integers and bounds apart, and
    beyond there are no fractions. Lengths never become so large. What cannot be known from the schema remains: a page
    takes an integer beyond 2**53 for the double next to it, also where that is a multiple, or a constant.
    """
    for visit in walk(bundle.root, ""):
        if not visit.known:
            continue
        for keyword, step in BOUNDS.items():
            bound = visit.schema.get(keyword)
            if bound is not None and (not _is_double(bound) or _is_crossed(bound, step)):
                hint = f"{ROUNDED}: set that bound, or none, or let the number be a string"
                yield _problem(bundle, f"{visit.pointer}/{keyword}", bound, f"a bound {RANGE}", hint)
        divisor = visit.schema.get("multipleOf", 0)
        if divisor > LARGEST:
            hint = f"{ROUNDED}, and with them all multiples of the number: leave it out, or let the number be a string"
            yield _problem(bundle, f"{visit.pointer}/multipleOf", divisor, f"a number up to {LARGEST}", hint)
        for keyword in ("const", "enum"):
            for pointer, number in _numbers(visit.schema.get(keyword), f"{visit.pointer}/{keyword}"):
                if not _is_double(number):
                    yield _problem(bundle, pointer, number, f"a number {RANGE}", f"{ROUNDED}: use a string")


def _is_double(number: int | float) -> bool:
    return float(number) == number


def _is_crossed(bound: int | float, step: int) -> bool:
    """Tell whether the integer next to a bound is rounded to it."""
    return int(bound) == bound and float(int(bound) + step) == bound


def _numbers(value: Json, pointer: str) -> Iterator[tuple[str, int | float]]:
    """Yield the numbers in a value, and where they are."""
    if isinstance(value, int | float):
        yield pointer, value
    for name, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _numbers(part, json_pointer.join(pointer, name))


def _problem(bundle: Bundle, pointer: str, number: int | float, expected: str, hint: str) -> Problem:
    document, at = bundle.origin(pointer)
    message = "pages cannot tell the number from others"
    return document.problem(at, "inexact_number", message, expected=expected, got=describe(number), hint=hint)
