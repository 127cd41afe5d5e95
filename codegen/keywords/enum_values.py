"""Enumerations that become classes in Python: their values, and the names that a schema states for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .. import model
from .schema_index import SchemaIndex, SchemaNode

__all__ = ["class_values", "enum_labels", "titles", "union_around"]

LABELS = ("x-enum-varnames", "x-enumNames")
"""Keywords of other generators with a name for each value of ``enum``."""
INT64_LIMIT = 2**63
"""Limit of integers in enumerated types, which Pydantic stores in 64 bits."""


def class_values(values: Sequence[model.Json]) -> tuple[model.Json, ...]:
    """Return the values of a class, several strings or several integers, without null; none for other enumerations.

    A single value remains a literal type: it may distinguish the records of a union.
    """
    others = [value for value in values if value is not None]
    if all(isinstance(value, str) for value in others):
        found = tuple(dict.fromkeys(others))
    elif all(map(_is_integer, others)):
        found = tuple(dict.fromkeys(map(int, others)))
    else:
        return ()
    return found if len(found) > 1 else ()


def enum_labels(node: SchemaNode, values: Sequence[model.Json]) -> tuple[str, ...]:
    """Return the names that a schema with ``enum`` states for its values; empty texts for values without a name."""
    stated = (node.keywords[keyword] for keyword in LABELS if isinstance(node.keywords.get(keyword), list))
    return _labels(zip(node.keywords["enum"], next(stated, ()), strict=False), values)


def titles(nodes: Iterable[SchemaNode], values: Sequence[model.Json]) -> tuple[str, ...]:
    """Return the titles of schemas that are constants; texts name themselves."""
    found = ((node.keywords.get("const"), node.keywords.get("title")) for node in nodes)
    return _labels(((value, title) for value, title in found if not isinstance(value, str)), values)


def union_around(index: SchemaIndex, node: SchemaNode) -> str | None:
    """Return the pointer of the schema whose only alternative with ``enum`` is the given one; None for all others."""
    pointer, _, position = node.pointer.rpartition("/")
    owner, _, keyword = pointer.rpartition("/")
    if keyword not in ("anyOf", "oneOf") or not position.isdigit():
        return None
    alternatives = index.node(owner).keywords.get(keyword)
    if not isinstance(alternatives, list) or "title" in node.keywords:
        return None
    listed = [one for one in alternatives if isinstance(one, dict) and "enum" in one]
    return owner if len(listed) == 1 else None


def _labels(pairs: Iterable[tuple[model.Json, model.Json]], values: Sequence[model.Json]) -> tuple[str, ...]:
    names = {value: name for value, name in pairs if isinstance(value, str | int) and isinstance(name, str)}
    found = tuple(names.get(value, "") for value in values)
    return found if any(found) else ()


def _is_integer(value: model.Json) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return value == int(value) and -INT64_LIMIT <= value < INT64_LIMIT
