"""All that is said about one value: a schema together with what it refers to and what must hold as well."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..source.document import Json
from .schema_index import Index, Node
from .vocabulary import ANNOTATIONS

__all__ = ["STRUCTURE", "Union", "Conjunction", "peel", "reduce", "view"]

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
    | ANNOTATIONS
)
"""Keywords that say nothing that a type could express, or that a view follows."""

FOLLOWED = frozenset({"$dynamicRef", "$ref", "allOf"})

STRUCTURE = frozenset(
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
"""Keywords that the members of a union beside them must be merged with."""


@dataclass(frozen=True, kw_only=True)
class Union:
    """Alternatives, of which one must hold."""

    node: Node
    keyword: str

    @property
    def key(self) -> tuple[str, str]:
        """Tells it from other unions."""
        return self.node.pointer, self.keyword

    def keywords(self, node: Node) -> frozenset[str]:
        """Return what ``node`` states about this union."""
        return frozenset({self.keyword}) if node == self.node else frozenset()


@dataclass(frozen=True, kw_only=True)
class Conjunction:
    """Schemas that must all hold for one value, none of which is a boolean."""

    nodes: tuple[Node, ...]
    never: bool
    """Whether one of them admits nothing."""

    def each(self, keyword: str) -> list[tuple[Node, Json]]:
        """Return the nodes that state ``keyword``, and what they state."""
        return [(node, node.keywords[keyword]) for node in self.nodes if keyword in node.keywords]

    def states(self, *keywords: str) -> bool:
        """Tell whether one of the schemas states one of ``keywords``."""
        return any(keyword in node.keywords for node in self.nodes for keyword in keywords)

    @property
    def kinds(self) -> list[str] | None:
        """The types that are possible, in schema order; None if nothing is said."""
        kinds: list[str] | None = None
        for _, value in self.each("type"):
            listed = [value] if isinstance(value, str) else list(value)
            kinds = listed if kinds is None else _both(kinds, listed)
        return kinds

    @property
    def unions(self) -> list[Union]:
        """The alternatives stated, in schema order."""
        return [
            Union(node=node, keyword=keyword)
            for node in self.nodes
            for keyword in ("oneOf", "anyOf")
            if isinstance(node.keywords.get(keyword), list)
        ]


def view(index: Index, nodes: tuple[Node, ...]) -> Conjunction:
    """Follow references and ``allOf`` from ``nodes``."""
    found: list[Node] = []
    seen: set[Node] = set()
    never = False

    def visit(node: Node) -> None:
        nonlocal never
        if node in seen:
            return
        seen.add(node)
        if not isinstance(node.schema, dict):
            never = never or node.schema is False
            return
        for keyword in ("$ref", "$dynamicRef"):
            if keyword in node.schema:
                visit(index.follow(node, keyword))
        for at in range(len(node.schema.get("allOf", ()))):
            visit(index.child(node, "allOf", at))
        found.append(node)

    for node in nodes:
        visit(node)
    return Conjunction(nodes=tuple(found), never=never)


def peel(index: Index, node: Node) -> tuple[Node, bool]:
    """Follow a schema that says no more than another one.

    Returns:
        The other one, or ``node`` itself; and whether a reference led there.

    """
    referred, seen = False, {node}
    while True:
        said = node.keywords.keys() - (UNTYPED - FOLLOWED)
        if len(said) != 1:
            return node, referred
        (keyword,) = said
        if keyword in ("$ref", "$dynamicRef"):
            node, referred = index.follow(node, keyword), True
        elif keyword == "allOf" and len(needed := reduce(index, index.children(node, "allOf"))) == 1:
            (node,) = needed
        else:
            return node, referred
        if node in seen:
            return node, False
        seen.add(node)


def reduce(index: Index, nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Leave out schemas that say no more than others: those that only name types which others name too."""
    needed = [node for node in dict.fromkeys(nodes) if node.schema is not True]
    for node in list(needed):
        others = tuple(other for other in needed if other is not node)
        said = node.keywords.keys() - UNTYPED
        if isinstance(node.schema, dict) and said <= {"type"} and not node.keywords.keys() & FOLLOWED:
            kinds, wanted = view(index, (node,)).kinds, view(index, others).kinds
            if kinds is None or (wanted is not None and others and wanted == _both(wanted, kinds)):
                needed.remove(node)
    return tuple(needed)


def _both(kinds: list[str], others: list[str]) -> list[str]:
    """Return the types that two lists have in common; every integer is a number."""
    return [kind for one in kinds for kind in _common(one, others)]


def _common(kind: str, others: list[str]) -> list[str]:
    if kind in others:
        return [kind]
    if kind == "integer" and "number" in others:
        return ["integer"]
    return ["integer"] if kind == "number" and "integer" in others else []
