"""Implications between schemas, by their references and combinations."""

from __future__ import annotations

from ..keywords.schema_index import SchemaIndex, SchemaNode
from ..keywords.vocabulary import NON_VALIDATING

__all__ = ["Implications"]


class Implications:
    """Implications between the schemas of one document."""

    def __init__(self, index: SchemaIndex) -> None:
        self._index = index
        self._known: dict[tuple[str, str], bool] = {}
        """Results of :meth:`implies`, by both pointers; False while one is incomplete."""

    def pointer(self, schema: str) -> str:
        """Return the pointer of a schema that is given by its pointer or its URI."""
        if schema.startswith("/"):
            return schema
        return self._index.follow(SchemaNode(pointer="", scope=(), schema={"$ref": schema}), "$ref").pointer

    def implies(self, pointer: str, node: SchemaNode) -> bool:
        """Return True if each value that is valid for the schema at ``pointer`` is valid for ``node`` too."""
        if node.scope or node.pointer == pointer:
            return not node.scope
        key = pointer, node.pointer
        if key not in self._known:
            self._known[key] = False
            validating = node.keywords.keys() - NON_VALIDATING
            self._known[key] = bool(validating) and all(
                self._implies_keyword(pointer, node, keyword) for keyword in validating
            )
        return self._known[key]

    def _implies_keyword(self, pointer: str, node: SchemaNode, keyword: str) -> bool:
        if keyword == "$ref":
            return self.implies(pointer, self._index.follow(node, "$ref"))
        if keyword not in ("allOf", "anyOf"):
            return False
        needed = all if keyword == "allOf" else any
        return needed(self.implies(pointer, child) for child in self._index.children(node, keyword))
