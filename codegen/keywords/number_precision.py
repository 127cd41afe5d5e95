"""Numbers in schemas that JavaScript cannot distinguish from others, because all its numbers are doubles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Json, describe
from .bundle import Bundle
from .vocabulary import walk

__all__ = ["precision_problems"]

LARGEST: Final = 2**53 - 1
"""Largest integer that is exact as a double and is not the rounded value of another integer."""
BOUNDS: Final = {"minimum": -1, "maximum": 1, "exclusiveMinimum": 1, "exclusiveMaximum": -1}
"""Offset from a bound to the nearest integer on its other side."""
RANGE: Final = f"from -{LARGEST} to {LARGEST}"
ROUNDED: Final = "JavaScript rounds integers outside this range"


def precision_problems(bundle: Bundle) -> Iterator[Problem]:
    """Yield a problem for each number that makes the client accept other values than the server.

    The server compares exact integers; the client compares doubles. Rounding keeps the order, so a bound differs only
    if the bound and its neighbor on the other side are rounded to the same double. Fractions are not affected: below
    2**53, rounding separates them from bounds; beyond, there are none. Lengths are never that large. One difference
    does not depend on the schema: the client rounds integers beyond 2**53 in messages, and may therefore accept a
    multiple or a constant that the server rejects.
    """
    for visit in walk(bundle.root, ""):
        if not visit.is_schema:
            continue
        for keyword, step in BOUNDS.items():
            bound = visit.schema.get(keyword)
            if bound is not None and (not _is_double(bound) or _is_crossed(bound, step)):
                hint = f"{ROUNDED}: use a bound in this range, no bound, or a string"
                yield _problem(bundle, f"{visit.pointer}/{keyword}", bound, f"a bound {RANGE}", hint)
        divisor = visit.schema.get("multipleOf", 0)
        if divisor > LARGEST:
            hint = f"{ROUNDED}, and all multiples of the number: remove it, or use a string"
            yield _problem(bundle, f"{visit.pointer}/multipleOf", divisor, f"a number up to {LARGEST}", hint)
        for keyword in ("const", "enum"):
            for pointer, number in _numbers(visit.schema.get(keyword), f"{visit.pointer}/{keyword}"):
                if not _is_double(number):
                    yield _problem(bundle, pointer, number, f"a number {RANGE}", f"{ROUNDED}: use a string")


def _is_double(number: int | float) -> bool:
    return float(number) == number


def _is_crossed(bound: int | float, step: int) -> bool:
    """Return True if the integer on the other side of a bound is rounded to the bound."""
    return int(bound) == bound and float(int(bound) + step) == bound


def _numbers(value: Json, pointer: str) -> Iterator[tuple[str, int | float]]:
    """Yield the pointer to each number in a value, and the number."""
    if isinstance(value, int | float):
        yield pointer, value
    for name, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _numbers(part, json_pointer.join(pointer, name))


def _problem(bundle: Bundle, pointer: str, number: int | float, expected: str, hint: str) -> Problem:
    document, original = bundle.origin(pointer)
    message = "JavaScript cannot distinguish the number from others"
    return document.problem(original, "inexact_number", message, expected=expected, got=describe(number), hint=hint)
