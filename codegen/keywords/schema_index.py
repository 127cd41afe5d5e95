"""Index of the schemas in a bundle, by pointer and by reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import quote

from msgspec import Struct

from ..source import json_pointer
from ..source.document import Json
from .vocabulary import resolve_reference, walk

__all__ = ["SchemaIndex", "SchemaNode", "UnresolvedReference"]


class UnresolvedReference(LookupError):
    """Raised for a reference without a target."""


class SchemaNode(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """Schema in a bundle, reached from the schema of a payload.

    An index has one node for each pointer and scope; nodes are therefore compared by identity.
    """

    pointer: str
    scope: tuple[tuple[str, str], ...]
    """Dynamic scope: for each dynamic anchor, its target in the outermost resource on the path."""
    schema: Json

    @cached_property
    def keywords(self) -> dict[str, Json]:
        """Keywords of the schema; empty for a boolean."""
        return self.schema if isinstance(self.schema, dict) else {}


@dataclass(kw_only=True)
class _Resource:
    pointer: str
    anchors: dict[str, str] = field(default_factory=dict)
    dynamic: dict[str, str] = field(default_factory=dict)


class SchemaIndex:
    """Index of the schema resources and anchors of a bundle."""

    def __init__(self, root: Mapping[str, Json]) -> None:
        self._root = root
        self._resources: dict[str, _Resource] = {}
        self._bases: dict[str, str] = {}
        """URI of the resource that starts at a pointer."""
        self._referenced: set[str] = set()
        """Names of dynamic anchors that a reference uses."""
        self._nodes: dict[tuple[str, tuple[tuple[str, str], ...]], SchemaNode] = {}
        """Known results of :meth:`_enter`."""
        self._targets: dict[tuple[SchemaNode, str, str], SchemaNode] = {}
        """Known results of :meth:`follow`, by node, keyword and reference."""
        self.visits = tuple(walk(root, root["$id"]))
        """All schemas of the bundle that are objects, each one before its parts."""
        for visit in self.visits:
            reference = visit.schema.get("$dynamicRef")
            if isinstance(reference, str):
                self._referenced.add(resolve_reference("", reference)[1])
            if visit.base not in self._resources:
                self._resources[visit.base] = _Resource(pointer=visit.pointer)
                self._bases[visit.pointer] = visit.base
            resource = self._resources[visit.base]
            for keyword, anchors in (("$anchor", resource.anchors), ("$dynamicAnchor", resource.dynamic)):
                name = visit.schema.get(keyword)
                if isinstance(name, str):
                    anchors.setdefault(name, visit.pointer)

    @cached_property
    def pointers(self) -> frozenset[str]:
        """Pointers to all schemas of the bundle that are objects."""
        return frozenset(visit.pointer for visit in self.visits)

    def node(self, pointer: str) -> SchemaNode:
        """Return the schema at ``pointer``, reached directly from the root."""
        return self._enter(pointer, self._enter("", ()).scope)

    def child(self, node: SchemaNode, *path: str | int) -> SchemaNode:
        """Return the subschema of ``node`` at a path of unescaped tokens."""
        pointer = json_pointer.join(node.pointer, *path)
        known = self._nodes.get((pointer, node.scope))
        if known is None:
            schema = node.schema
            for token in path:
                schema = schema[token]
            known = self._nodes[pointer, node.scope] = self._node(pointer, node.scope, schema)
        return known

    def children(self, node: SchemaNode, keyword: str) -> tuple[SchemaNode, ...]:
        """Return the subschemas in the list of ``keyword``; none if it is absent."""
        if keyword not in node.keywords:
            return ()
        return tuple([self.child(node, keyword, position) for position in range(len(node.keywords[keyword]))])

    def address(self, node: SchemaNode) -> str:
        """Return an absolute reference to ``node``."""
        return f"{self._root['$id']}#{quote(node.pointer)}"

    def follow(self, node: SchemaNode, keyword: str) -> SchemaNode:
        """Return the target of the reference ``keyword`` of ``node``.

        Raises:
            UnresolvedReference: If the reference has no target.
        """
        key = node, keyword, node.keywords[keyword]
        if key not in self._targets:
            self._targets[key] = self._follow(*key)
        return self._targets[key]

    def _follow(self, node: SchemaNode, keyword: str, reference: str) -> SchemaNode:
        uri, fragment = resolve_reference(self._base(node.pointer), reference)
        resource = self._resources.get(uri)
        if resource is None:
            raise UnresolvedReference(reference)
        if not fragment or fragment.startswith("/"):
            return self._enter(resource.pointer + fragment, node.scope)
        anchored = resource.dynamic if keyword == "$dynamicRef" and fragment in resource.dynamic else None
        if anchored is not None:
            return self._enter(dict(node.scope).get(fragment, anchored[fragment]), node.scope)
        target = resource.anchors.get(fragment, resource.dynamic.get(fragment))
        if target is None:
            raise UnresolvedReference(reference)
        return self._enter(target, node.scope)

    def target(self, node: SchemaNode) -> SchemaNode:
        """Return the schema at the end of references without other keywords, which accepts the same values."""
        seen: set[SchemaNode] = set()
        while node.keywords.keys() == {"$ref"} and node not in seen:
            seen.add(node)
            node = self.follow(node, "$ref")
        return node

    def _enter(self, pointer: str, scope: tuple[tuple[str, str], ...]) -> SchemaNode:
        if (pointer, scope) not in self._nodes:
            self._nodes[pointer, scope] = self._node(pointer, scope, self._at(pointer))
        return self._nodes[pointer, scope]

    def _node(self, pointer: str, scope: tuple[tuple[str, str], ...], schema: Json) -> SchemaNode:
        if self._referenced:
            scope = self._extend(scope, self._resources[self._base(pointer)])
        key = pointer, scope  # other scopes may become the same one
        if key not in self._nodes:
            self._nodes[key] = SchemaNode(pointer=pointer, scope=scope, schema=schema)
        return self._nodes[key]

    def _extend(self, scope: tuple[tuple[str, str], ...], resource: _Resource) -> tuple[tuple[str, str], ...]:
        known = {anchor for anchor, _ in scope}
        found = ((anchor, target) for anchor, target in resource.dynamic.items() if anchor in self._referenced - known)
        return tuple(sorted((*scope, *found)))

    def _base(self, pointer: str) -> str:
        while pointer not in self._bases:
            pointer = json_pointer.parent(pointer)
        return self._bases[pointer]

    def _at(self, pointer: str) -> Json:
        try:
            return json_pointer.resolve(self._root, pointer)
        except LookupError:
            raise UnresolvedReference(pointer) from None
