"""Faults: what a validator found, in terms that a peer may be told.

The checks of generated clients find the same, by the same rules (see ``runtime/checks.ts``): ``keyword`` is the last
one on the way through the schema, of ``false`` the one that it is the value of; ``expected`` is its value, of
``required`` the missing name; ``pointer`` holds no name that the schema does not; the words are the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

import jsonschema_rs

from ..errors import ErrorData
from .json_values import integral

__all__ = ["UNION", "fault", "told"]

UNION = "\0"
"""Begins the name of the definition that stands for a union none of whose members fits; the keyword follows."""

BY_NAME = ("dependentSchemas", "patternProperties", "properties")
BY_PLACE = ("allOf", "anyOf", "oneOf", "prefixItems")
DEEPER = ("items", "prefixItems", "properties", "unevaluatedItems")
OTHER_NAMES = ("additionalProperties", "patternProperties", "unevaluatedProperties")
SINGULAR = {"Length": "character", "Items": "item", "Properties": "property"}
WORDS = {
    "additionalProperties": "no other properties",
    "anyOf": "one of the alternatives",
    "const": "{}",
    "contains": "certain items",
    "dependentRequired": "the property {}",
    "enum": "one of {}",
    "exclusiveMaximum": "less than {}",
    "exclusiveMinimum": "more than {}",
    "format": "text in the format {}",
    "maxContains": "another number of certain items",
    "maximum": "at most {}",
    "minContains": "more of certain items",
    "minimum": "at least {}",
    "multipleOf": "a multiple of {}",
    "oneOf": "exactly one of the alternatives",
    "pattern": "text that matches {}",
    "propertyNames": "other names of properties",
    "required": "the property {}",
    "type": "{}",
    "unevaluatedItems": "no further items",
    "unevaluatedProperties": "no other properties",
    "uniqueItems": "no item twice",
}
TELLING = frozenset(
    {name for name, words in WORDS.items() if "{}" in words}
    | {f"{bound}{size}" for bound in ("min", "max") for size in SINGULAR}
)
"""Keywords whose value is told."""
UNHASHED = (list, dict)


def fault(error: jsonschema_rs.ValidationError, patterns: Mapping[str, str]) -> ErrorData:
    """Return what may be told of an error.

    Args:
        error: the first one that the validator met.
        patterns: how patterns are spelled in the schema of the user, where the validator has another spelling.
    """
    where = error.schema_path
    keyword, known = _way(tuple(error.evaluation_path), where[-1] if where else "")
    stated: Any = error.kind.value if keyword in TELLING else None
    return told(keyword, stated, tuple(error.instance_path[:known]), patterns)


def told(keyword: str, stated: Any, steps: tuple[str | int, ...], patterns: Mapping[str, str]) -> ErrorData:
    """Return what may be told of a keyword.

    Args:
        keyword: that refuses something.
        stated: its value, of which one name of those that are required.
        steps: where, by names that the schema knows.
        patterns: see :func:`fault`.
    """
    expected = stated if keyword in TELLING else None
    if keyword == "type" and isinstance(stated, list):
        expected = stated[0] if len(stated) == 1 else sorted(stated)
    elif keyword == "pattern":
        expected = patterns.get(stated, stated)
    tell = _error.__wrapped__ if isinstance(expected, UNHASHED) else _error
    return tell(keyword, expected, steps)


@lru_cache(maxsize=4096, typed=True)
def _error(keyword: str, expected: Any, steps: tuple[str | int, ...]) -> ErrorData:
    """Return the error at a place all of whose names the schema knows; most of those that are met were met before."""
    pointer = "".join(
        [f"/{step.replace('~', '~0').replace('/', '~1') if isinstance(step, str) else step}" for step in steps]
    )
    return ErrorData(
        code="invalid_message",
        message=_words(keyword, expected),
        pointer=pointer,
        keyword=keyword,
        expected=expected,
    )


@lru_cache(maxsize=4096)
def _way(evaluation: tuple[str | int, ...], last: str | int) -> tuple[str, int | None]:
    """Return the last keyword on a way through schemas, and how many steps into the value have names of the schema.

    The latter is None if all have. Recursive schemas have ways without end, so that not all are remembered.

    Args:
        evaluation: the way.
        last: the end of the way when references are not followed; it may stand for a union.
    """
    keyword, known, depth, at = "$ref", None, 0, 0
    while at < len(evaluation):
        keyword = str(evaluation[at])
        at += 1 + (keyword in BY_NAME or keyword in BY_PLACE)
        if keyword == "propertyNames":
            break
        if keyword in OTHER_NAMES and known is None:
            known = depth
        depth += keyword in DEEPER or keyword in OTHER_NAMES
    return (last.removeprefix(UNION) if isinstance(last, str) and last.startswith(UNION) else keyword), known


def _words(keyword: str, expected: Any) -> str:
    if keyword[:3] in ("min", "max") and keyword[3:] in SINGULAR:
        one = SINGULAR[keyword[3:]]
        many = f"{one.removesuffix('y')}ies" if one.endswith("y") else f"{one}s"
        bound = "least" if keyword.startswith("min") else "most"
        return f"expected at {bound} {_number(expected)} {one if expected == 1 else many}"
    shown = " or ".join(expected) if keyword == "type" and isinstance(expected, list) else _shown(expected)
    return "expected " + WORDS.get(keyword, f"what {keyword} says").format(shown)


def _shown(expected: Any) -> str:
    if isinstance(expected, list):
        return ", ".join(map(_shown, expected))
    if isinstance(expected, str):
        return expected
    if isinstance(expected, int | float) and not isinstance(expected, bool):
        return _number(expected)
    return json.dumps(integral(expected), ensure_ascii=False, separators=(",", ":"))


def _number(number: float) -> str:
    """Return a number as ECMAScript writes it: without an exponent from 1e-6 up to 1e21."""
    if isinstance(number, int) and abs(number) <= 2**53:
        return str(number)
    digits = Decimal(repr(float(number)))
    if not number or 1e-6 <= abs(number) < 1e21:
        text = f"{digits:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, _, exponent = f"{digits.normalize():e}".partition("e")
    return f"{mantissa}e{int(exponent):+d}"
