"""Puts together what never refuses the same value, so that nobody can tell which part was looked at first."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

__all__ = ["together"]

KINDS = {
    "array": {"minItems", "maxItems", "uniqueItems", "prefixItems", "items", "contains"},
    "boolean": set(),
    "null": set(),
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
    "object": {"minProperties", "maxProperties", "required", "dependentRequired", "dependentSchemas"}
    | {"properties", "patternProperties", "additionalProperties", "propertyNames"},
    "string": {"minLength", "maxLength", "pattern", "format"},
}
"""Keywords that refuse only values of one kind."""
REFUSED = {keyword: {kind} for kind, keywords in KINDS.items() for keyword in keywords}
LOWER = {
    "exclusiveMaximum": "exclusiveMinimum",
    "maxItems": "minItems",
    "maxLength": "minLength",
    "maxProperties": "minProperties",
    "maximum": "minimum",
}
"""Upper bounds, and what refuses nothing of what they refuse if it is less."""


def together(branches: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return branches in the same order, as few as can be.

    Args:
        branches: each begins with its keyword; companions follow.
    """
    found: list[dict[str, Any]] = []
    refused: Set[str] = frozenset()
    for branch in branches:
        keyword, value = next(iter(branch.items()))
        more = _refused(keyword, value)
        if found and (not refused & more or _above(keyword, value, found[-1])):
            found[-1] |= branch
            refused = refused | more
        else:
            found.append(dict(branch))
            refused = more
    return found


def _refused(keyword: str, value: Any) -> Set[str]:
    """Return the kinds of values of which a keyword may refuse some."""
    if keyword == "type":
        return KINDS.keys() - (value if isinstance(value, list) else [value])
    return REFUSED.get(keyword, KINDS.keys())


def _above(keyword: str, value: Any, others: dict[str, Any]) -> bool:
    """Tell whether a keyword is an upper bound, and the lower one that belongs to it is among ``others``."""
    return LOWER.get(keyword) in others and others[LOWER[keyword]] < value
