"""Subschemas for the properties of an object and the items of an array."""

from __future__ import annotations

from msgspec import Struct

from .conjunction import Conjunction
from .schema_index import SchemaIndex, SchemaNode

__all__ = ["PropertySchemas", "has_no_more_items", "is_closed", "items", "names", "property_schemas", "rest_schemas"]


class PropertySchemas(Struct, frozen=True, kw_only=True):
    """Schemas of one property."""

    own: tuple[SchemaNode, ...]
    """From ``properties``."""
    additional: tuple[SchemaNode, ...]
    """From ``additionalProperties``."""


def names(conjunction: Conjunction) -> tuple[list[str], set[str]]:
    """Return the names in ``properties`` and ``required``, and the required ones among them."""
    declared = dict.fromkeys(name for _, properties in conjunction.occurrences("properties") for name in properties)
    required = dict.fromkeys(name for _, listed in conjunction.occurrences("required") for name in listed)
    return list(declared | required), set(required)


def is_closed(conjunction: Conjunction) -> bool:
    """Return True if ``additionalProperties`` rejects all other properties."""
    rejected = any(value is False for _, value in conjunction.occurrences("additionalProperties"))
    return rejected and not conjunction.has_keyword("patternProperties")


def has_no_more_items(conjunction: Conjunction) -> bool:
    """Return True if ``unevaluatedItems`` rejects all items after the prefix."""
    values = [value for _, value in conjunction.occurrences("unevaluatedItems")]
    elsewhere = ("anyOf", "contains", "dependentSchemas", "if", "items", "not", "oneOf")
    return bool(values) and all(value is False for value in values) and not conjunction.has_keyword(*elsewhere)


def property_schemas(index: SchemaIndex, conjunction: Conjunction, name: str) -> PropertySchemas:
    """Return the schemas of a property, without those from ``patternProperties``."""
    own: list[SchemaNode] = []
    additional: list[SchemaNode] = []
    for node in conjunction.nodes:
        if name in node.keywords.get("properties", ()):
            own.append(index.child(node, "properties", name))
        elif node.keywords.get("additionalProperties", True) is not True and "patternProperties" not in node.keywords:
            additional.append(index.child(node, "additionalProperties"))
    return PropertySchemas(own=tuple(own), additional=tuple(additional))


def rest_schemas(index: SchemaIndex, conjunction: Conjunction) -> list[tuple[SchemaNode | None, ...]]:
    """Return the alternative schemas of properties with unknown names, for each schema that restricts some of them.

    Without ``additionalProperties``, properties that match no pattern may have any value: an alternative is None.
    """
    found: list[tuple[SchemaNode | None, ...]] = []
    for node in conjunction.nodes:
        rest = node.keywords.get("additionalProperties", True)
        patterns = [index.child(node, "patternProperties", name) for name in node.keywords.get("patternProperties", ())]
        if patterns or rest is not True:
            found.append((*patterns, None if rest is True else index.child(node, "additionalProperties")))
    return found


def items(index: SchemaIndex, conjunction: Conjunction, position: int | None) -> tuple[SchemaNode, ...]:
    """Return the schemas of the item at ``position``, or of the items after all prefixes if it is None."""
    found: list[SchemaNode] = []
    for node in conjunction.nodes:
        if position is not None and position < len(node.keywords.get("prefixItems", ())):
            found.append(index.child(node, "prefixItems", position))
        elif node.keywords.get("items", True) is not True:
            found.append(index.child(node, "items"))
    return tuple(found)
