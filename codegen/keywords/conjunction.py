"""Conjunction of all schemas that apply to one value, including schemas reached by references and ``allOf``."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from ..schema.drafts import Draft, keywords
from ..source.document import Json
from .schema_index import SchemaIndex, SchemaNode
from .vocabulary import NON_VALIDATING, REFERENCES

__all__ = ["STRUCTURAL", "Conjunction", "SchemaUnion", "conjoin", "dereference", "without_redundant"]

UNTYPED = frozenset(
    {
        "$dynamicRef",
        "$ref",
        "allOf",
        "contains",
        "dependentRequired",
        "dependentSchemas",
        "else",
        "if",
        "maxContains",
        "minContains",
        "not",
        "then",
        "uniqueItems",
    }
    | NON_VALIDATING
)
"""Keywords that no type can express, and keywords that a conjunction follows."""

TYPED = keywords(Draft.DRAFT202012) - UNTYPED
"""Keywords that a type may express. Unknown keywords are annotations."""

FOLLOWED = frozenset({"$dynamicRef", "$ref", "allOf"})

DISTINCT = FOLLOWED | {"x-python"}
"""Keywords that type nothing, but make a schema differ from the one that it refers to."""

STRUCTURAL = frozenset(
    {
        "additionalProperties",
        "anyOf",
        "const",
        "enum",
        "items",
        "oneOf",
        "patternProperties",
        "prefixItems",
        "properties",
        "required",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
"""Keywords that are merged into the alternatives of a union in the same schema."""


class SchemaUnion(Struct, frozen=True, kw_only=True):
    """Keyword ``anyOf`` or ``oneOf`` of a schema."""

    node: SchemaNode
    keyword: str

    @property
    def key(self) -> tuple[str, str]:
        """Pointer and keyword."""
        return self.node.pointer, self.keyword

    def keywords(self, node: SchemaNode) -> frozenset[str]:
        """Return the keywords of ``node`` that belong to this union."""
        return frozenset({self.keyword}) if node == self.node else frozenset()


class Conjunction(Struct, frozen=True, kw_only=True):
    """Schemas that all apply to one value, without boolean schemas."""

    nodes: tuple[SchemaNode, ...]
    rejects_all: bool
    """True if one of the schemas is ``false``."""

    def occurrences(self, keyword: str) -> list[tuple[SchemaNode, Json]]:
        """Return each node that has ``keyword``, with the value of the keyword."""
        return [(node, node.keywords[keyword]) for node in self.nodes if keyword in node.keywords]

    def has_keyword(self, *keywords: str) -> bool:
        """Return True if one of the schemas contains one of ``keywords``."""
        return any(keyword in node.keywords for node in self.nodes for keyword in keywords)

    @property
    def types(self) -> list[str] | None:
        """JSON types that all schemas accept, in schema order; None if no schema contains ``type``."""
        types: list[str] | None = None
        for _, value in self.occurrences("type"):
            declared = [value] if isinstance(value, str) else list(value)
            types = declared if types is None else _common_types(types, declared)
        return types

    @property
    def unions(self) -> list[SchemaUnion]:
        """Unions of the schemas, in schema order."""
        return [
            SchemaUnion(node=node, keyword=keyword)
            for node in self.nodes
            for keyword in ("oneOf", "anyOf")
            if isinstance(node.keywords.get(keyword), list)
        ]


def conjoin(index: SchemaIndex, nodes: tuple[SchemaNode, ...]) -> Conjunction:
    """Return the conjunction of ``nodes`` with all schemas that they reach by references and ``allOf``."""
    found: list[SchemaNode] = []
    visited: set[SchemaNode] = set()
    rejects_all = False

    def visit(node: SchemaNode) -> None:
        nonlocal rejects_all
        if node in visited:
            return
        visited.add(node)
        if not isinstance(node.schema, dict):
            rejects_all = rejects_all or node.schema is False
            return
        for keyword in REFERENCES:
            if keyword in node.schema:
                visit(index.follow(node, keyword))
        for child in index.children(node, "allOf"):
            visit(child)
        found.append(node)

    for node in nodes:
        visit(node)
    return Conjunction(nodes=tuple(found), rejects_all=rejects_all)


def dereference(index: SchemaIndex, node: SchemaNode) -> tuple[SchemaNode, tuple[SchemaNode, ...]]:
    """Return the schema that ``node`` is equivalent to, by a reference or by ``allOf`` with one member.

    Returns:
        The equivalent schema, or ``node`` itself; and the targets of the references that lead to it, in order.
    """
    referenced: list[SchemaNode] = []
    visited = {node}
    while True:
        relevant = node.keywords.keys() & (TYPED | DISTINCT)
        if "type" in relevant and _is_type_implied(index, node):
            relevant -= {"type"}
        if len(relevant) != 1:
            return node, (*referenced,)
        (keyword,) = relevant
        if keyword in REFERENCES:
            node = index.follow(node, keyword)
            referenced.append(node)
        elif keyword == "allOf" and len(needed := without_redundant(index, index.children(node, "allOf"))) == 1:
            (node,) = needed
        else:
            return node, (*referenced,)
        if node in visited:
            return node, ()
        visited.add(node)


def without_redundant(index: SchemaIndex, nodes: Iterable[SchemaNode]) -> tuple[SchemaNode, ...]:
    """Return ``nodes`` without schemas that only repeat the types of others."""
    needed = [node for node in dict.fromkeys(nodes) if node.schema is not True]
    for node in list(needed):
        others = tuple(other for other in needed if other is not node)
        relevant = node.keywords.keys() & TYPED
        if isinstance(node.schema, dict) and relevant <= {"type"} and not node.keywords.keys() & FOLLOWED:
            own, remaining = conjoin(index, (node,)).types, conjoin(index, others).types
            if own is None or (remaining is not None and others and remaining == _common_types(remaining, own)):
                needed.remove(node)
    return tuple(needed)


def _is_type_implied(index: SchemaIndex, node: SchemaNode) -> bool:
    """Return True if references and ``allOf`` in a schema accept no other types than the schema itself."""
    targets = [index.follow(node, keyword) for keyword in REFERENCES if keyword in node.keywords]
    types = conjoin(index, (*targets, *index.children(node, "allOf"))).types
    return types is not None and types == conjoin(index, (node,)).types


def _common_types(types: list[str], others: list[str]) -> list[str]:
    """Return the JSON types in both lists; every integer is a number."""
    return [common for type_ in types for common in _narrowed(type_, others)]


def _narrowed(type_: str, others: list[str]) -> list[str]:
    if type_ in others:
        return [type_]
    if type_ == "integer" and "number" in others:
        return ["integer"]
    return ["integer"] if type_ == "number" and "integer" in others else []
