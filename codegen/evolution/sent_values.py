"""Parts of the values that a sender may send, each with all schemas that apply to it."""

from __future__ import annotations

from collections.abc import Iterator

from tornado_ws.validation.schema_validator import pattern_predicate

from ..keywords.conjunction import Conjunction
from ..keywords.schema_index import SchemaIndex, SchemaNode

__all__ = ["SentArray", "SentObject", "matches"]

CONDITIONAL = ("dependentSchemas", "if")
"""Keywords whose schemas may evaluate properties of some values only."""


def matches(pattern: str, name: str) -> bool:
    """Return True if a regular expression matches a name, also if it is not certain."""
    try:
        return pattern_predicate(pattern)(name)
    except ValueError:
        return True


class SentObject:
    """Objects that a sender may send."""

    def __init__(self, index: SchemaIndex, conjunction: Conjunction) -> None:
        """Collect the declared properties.

        Args:
            index: Index of the sender's document.
            conjunction: All schemas of the object, without unions.
        """
        self._index = index
        self._nodes = conjunction.nodes
        self.names = tuple(dict.fromkeys(name for node in self._nodes for name in node.keywords.get("properties", ())))
        """Names of the declared properties."""
        self.patterns = {
            pattern: (index.child(node, "patternProperties", pattern),)
            for node in self._nodes
            for pattern in node.keywords.get("patternProperties", ())
        }
        """Schemas of undeclared properties whose names match a regular expression."""
        evaluates = any(conjunction.has_keyword(keyword) for keyword in CONDITIONAL)
        self._is_closed = not evaluates and any(
            value is False for _, value in conjunction.occurrences("unevaluatedProperties")
        )

    def schemas_of(self, name: str) -> tuple[SchemaNode, ...] | None:
        """Return the schemas of a property; None if no object has it."""
        found = tuple(schema for node in self._nodes for schema in self._schemas(node, name))
        is_declared = any(name in node.keywords.get("properties", ()) for node in self._nodes)
        is_declared = is_declared or any(matches(pattern, name) for pattern in self.patterns)
        if (self._is_closed and not is_declared) or any(node.schema is False for node in found):
            return None
        return found

    @property
    def others(self) -> tuple[SchemaNode, ...] | None:
        """Schemas of properties that neither a name nor a pattern declares; None if there are none."""
        found = [
            self._index.child(node, "additionalProperties")
            for node in self._nodes
            if "additionalProperties" in node.keywords
        ]
        return None if self._is_closed or any(node.schema is False for node in found) else tuple(found)

    def _schemas(self, node: SchemaNode, name: str) -> Iterator[SchemaNode]:
        is_known = name in node.keywords.get("properties", ())
        if is_known:
            yield self._index.child(node, "properties", name)
        for pattern in node.keywords.get("patternProperties", ()):
            if matches(pattern, name):
                is_known = True
                yield self._index.child(node, "patternProperties", pattern)
        if not is_known and "additionalProperties" in node.keywords:
            yield self._index.child(node, "additionalProperties")


class SentArray:
    """Arrays that a sender may send."""

    def __init__(self, index: SchemaIndex, conjunction: Conjunction) -> None:
        self._index = index
        self._nodes = conjunction.nodes
        self.positions = max((len(node.keywords.get("prefixItems", ())) for node in self._nodes), default=0)
        """Number of items with schemas of their own."""
        self._most = min((int(value) for _, value in conjunction.occurrences("maxItems")), default=None)

    def item(self, position: int) -> tuple[SchemaNode, ...] | None:
        """Return the schemas of an item; None if no array has it."""
        if self._most is not None and position >= self._most:
            return None
        found = tuple(schema for node in self._nodes for schema in self._schemas(node, position))
        return None if any(node.schema is False for node in found) else found

    def _schemas(self, node: SchemaNode, position: int) -> Iterator[SchemaNode]:
        if position < len(node.keywords.get("prefixItems", ())):
            yield self._index.child(node, "prefixItems", position)
        elif "items" in node.keywords:
            yield self._index.child(node, "items")
