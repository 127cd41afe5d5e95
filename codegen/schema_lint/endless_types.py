"""Rule for schemas without a finite value, because each value contains another one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from ..keywords.schema_index import SchemaIndex, SchemaNode
from .finding import Finding

__all__ = ["endless_schemas", "endless_type"]

Clause: TypeAlias = Sequence[SchemaNode]
"""Alternatives: at least one of the schemas must have a finite value."""


def endless_schemas(index: SchemaIndex, nodes: Sequence[SchemaNode]) -> Iterator[tuple[SchemaNode, SchemaNode]]:
    """Yield one schema of each cycle of required parts, with the part of it that continues the cycle.

    A schema has a finite value if each clause contains a schema with one. Every clause is counted down once, so the
    time is linear in the number of schemas and references.

    Args:
        index: Index of the bundle.
        nodes: Schemas to start with; each cycle contains one with a reference.
    """
    clauses = _all_clauses(index, nodes)
    endless = _without_finite_value(clauses)
    visited: set[SchemaNode] = set()
    for start in nodes:
        path: dict[SchemaNode, None] = {}
        node = start
        while node in endless and node not in visited:
            visited.add(node)
            path[node] = None
            node = next(clause[0] for clause in clauses[node] if endless.issuperset(clause))
        if node in path:
            cycle = [*path][[*path].index(node) :]
            shortest = min(range(len(cycle)), key=lambda at: (len(cycle[at].pointer), cycle[at].pointer))
            yield cycle[shortest], cycle[(shortest + 1) % len(cycle)]


def endless_type(schema: SchemaNode, part: SchemaNode) -> Finding:
    """Return the finding for a schema of a cycle, and the required part of it that continues the cycle."""
    return Finding(
        pointer=part.pointer.removeprefix(schema.pointer) if part.pointer.startswith(f"{schema.pointer}/") else "",
        code="endless_type",
        message="no finite value is valid: the schema requires itself",
        hint="make a property on the way optional, or accept null or an empty array",
    )


def _all_clauses(index: SchemaIndex, nodes: Sequence[SchemaNode]) -> dict[SchemaNode, list[Clause]]:
    clauses: dict[SchemaNode, list[Clause]] = {}
    queue = list(nodes)
    while queue:
        node = queue.pop()
        if node not in clauses:
            clauses[node] = list(_clauses(index, node))
            queue += [member for clause in clauses[node] for member in clause]
    return clauses


def _without_finite_value(clauses: dict[SchemaNode, list[Clause]]) -> set[SchemaNode]:
    waiting: dict[SchemaNode, list[tuple[SchemaNode, int]]] = defaultdict(list)
    for node, found in clauses.items():
        for position, clause in enumerate(found):
            for member in clause:
                waiting[member].append((node, position))
    open_clauses = {node: set(range(len(found))) for node, found in clauses.items()}
    queue = [node for node, found in open_clauses.items() if not found]
    while queue:
        for node, position in waiting[queue.pop()]:
            if position in open_clauses[node]:
                open_clauses[node].remove(position)
                if not open_clauses[node]:
                    queue.append(node)
    return {node for node, found in open_clauses.items() if found}


def _clauses(index: SchemaIndex, node: SchemaNode) -> Iterator[Clause]:
    schema = node.keywords
    if schema.keys() & {"const", "enum"}:
        return  # all values are known
    yield from ([index.follow(node, keyword)] for keyword in ("$ref", "$dynamicRef") if keyword in schema)
    yield from ([child] for child in index.children(node, "allOf"))
    yield from (index.children(node, keyword) for keyword in ("anyOf", "oneOf") if keyword in schema)
    if schema.get("type") in ("object", ["object"]):
        yield from _properties(index, node)
    if schema.get("type") in ("array", ["array"]):
        yield from _items(index, node)


def _properties(index: SchemaIndex, node: SchemaNode) -> Iterator[Clause]:
    schema = node.keywords
    for name in schema.get("required", ()):
        if name in schema.get("properties", ()):
            yield [index.child(node, "properties", name)]
        elif "additionalProperties" in schema and "patternProperties" not in schema:
            yield [index.child(node, "additionalProperties")]


def _items(index: SchemaIndex, node: SchemaNode) -> Iterator[Clause]:
    schema = node.keywords
    required, places = int(schema.get("minItems", 0)), len(schema.get("prefixItems", ()))
    yield from ([index.child(node, "prefixItems", position)] for position in range(min(required, places)))
    if "items" in schema and required > places:
        yield [index.child(node, "items")]
    if "contains" in schema and schema.get("minContains", 1) > 0:
        yield [index.child(node, "contains")]
