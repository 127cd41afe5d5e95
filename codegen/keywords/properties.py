"""Finds what schemas say about the members of an object or an array."""

from __future__ import annotations

from dataclasses import dataclass

from .conjunction import Conjunction
from .schema_index import Index, Node

__all__ = ["Members", "has_no_more_items", "is_closed", "items", "names", "property_schemas", "rest_schemas"]


@dataclass(frozen=True, kw_only=True)
class Members:
    """What is said about a property."""

    own: tuple[Node, ...]
    """By name."""
    others: tuple[Node, ...]
    """As one of the additional properties."""


def names(seen: Conjunction) -> tuple[list[str], set[str]]:
    """Return the names of properties that are mentioned, and which of them are required."""
    known = dict.fromkeys(name for _, properties in seen.each("properties") for name in properties)
    required = dict.fromkeys(name for _, listed in seen.each("required") for name in listed)
    return list(known | required), set(required)


def is_closed(seen: Conjunction) -> bool:
    """Tell whether ``additionalProperties`` refuses properties that are not mentioned by name."""
    refused = any(value is False for _, value in seen.each("additionalProperties"))
    return refused and not seen.states("patternProperties")


def has_no_more_items(seen: Conjunction) -> bool:
    """Tell whether ``unevaluatedItems`` refuses all items that are not mentioned."""
    stated = [value for _, value in seen.each("unevaluatedItems")]
    elsewhere = ("anyOf", "contains", "dependentSchemas", "if", "items", "not", "oneOf")
    return bool(stated) and all(value is False for value in stated) and not seen.states(*elsewhere)


def property_schemas(index: Index, seen: Conjunction, name: str) -> Members:
    """Return what is said about a property, but for what patterns say."""
    own: list[Node] = []
    others: list[Node] = []
    for node in seen.nodes:
        if name in node.keywords.get("properties", ()):
            own.append(index.child(node, "properties", name))
        elif node.keywords.get("additionalProperties", True) is not True and "patternProperties" not in node.keywords:
            others.append(index.child(node, "additionalProperties"))
    return Members(own=tuple(own), others=tuple(others))


def rest_schemas(index: Index, seen: Conjunction) -> list[tuple[Node, ...]]:
    """Return what is said about properties that are not known by name: alternatives, for each schema that does.

    Without ``additionalProperties`` a schema says nothing about those that match none of its patterns.
    """
    found: list[tuple[Node, ...]] = []
    for node in seen.nodes:
        if node.keywords.get("additionalProperties", True) is not True:
            patterns = [
                index.child(node, "patternProperties", name) for name in node.keywords.get("patternProperties", ())
            ]
            found.append((*patterns, index.child(node, "additionalProperties")))
    return found


def items(index: Index, seen: Conjunction, at: int | None) -> tuple[Node, ...]:
    """Return what is said about the item at a place, or about those after all prefixes."""
    found: list[Node] = []
    for node in seen.nodes:
        if at is not None and at < len(node.keywords.get("prefixItems", ())):
            found.append(index.child(node, "prefixItems", at))
        elif node.keywords.get("items", True) is not True:
            found.append(index.child(node, "items"))
    return tuple(found)
