"""Finds schemas in a bundle: below others, and by reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from ..source import json_pointer
from ..source.document import Json
from .vocabulary import join, walk

__all__ = ["Index", "Node", "NowhereError"]


class NowhereError(LookupError):
    """A reference leads to nothing."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A schema in a bundle, as one meets it on a way that began at a slot."""

    pointer: str
    scope: tuple[tuple[str, str], ...]
    """Where ``$dynamicRef`` leads from here: dynamic anchors, with their places in the outermost resource met."""
    schema: Json = field(compare=False, repr=False)

    @property
    def keywords(self) -> dict[str, Json]:
        """What the schema states; nothing if it is a boolean."""
        return self.schema if isinstance(self.schema, dict) else {}


@dataclass(kw_only=True)
class _Resource:
    pointer: str
    anchors: dict[str, str] = field(default_factory=dict)
    dynamic: dict[str, str] = field(default_factory=dict)


class Index:
    """The schema resources and anchors of a bundle."""

    def __init__(self, root: Mapping[str, Json]) -> None:
        self._root = root
        self._resources: dict[str, _Resource] = {}
        self._bases: dict[str, str] = {}
        """Address of the resource that begins at a pointer."""
        self._wanted: set[str] = set()
        """Dynamic anchors that somebody asks for."""
        for visit in walk(root, root["$id"]):
            reference = visit.schema.get("$dynamicRef")
            if isinstance(reference, str):
                self._wanted.add(join("", reference)[1])
            if not visit.known:
                continue
            if visit.base not in self._resources:
                self._resources[visit.base] = _Resource(pointer=visit.pointer)
                self._bases[visit.pointer] = visit.base
            resource = self._resources[visit.base]
            for keyword, anchors in (("$anchor", resource.anchors), ("$dynamicAnchor", resource.dynamic)):
                name = visit.schema.get(keyword)
                if isinstance(name, str):
                    anchors.setdefault(name, visit.pointer)

    def node(self, pointer: str) -> Node:
        """Return the schema at ``pointer`` as the begin of a way."""
        return self._enter(pointer, self._enter("", ()).scope)

    def child(self, node: Node, *way: str | int) -> Node:
        """Return a schema below ``node``."""
        return self._enter(json_pointer.join(node.pointer, *way), node.scope)

    def children(self, node: Node, keyword: str) -> tuple[Node, ...]:
        """Return the schemas in the list that ``keyword`` of ``node`` is; none if it is not stated."""
        return tuple(self.child(node, keyword, at) for at in range(len(node.keywords.get(keyword, ()))))

    def address(self, node: Node) -> str:
        """Return a reference to ``node`` from anywhere."""
        return f"{self._root['$id']}#{quote(node.pointer)}"

    def follow(self, node: Node, keyword: str) -> Node:
        """Return what the reference ``keyword`` of ``node`` leads to.

        Raises:
            NowhereError: If there is nothing.

        """
        reference = node.keywords[keyword]
        uri, fragment = join(self._base(node.pointer), reference)
        resource = self._resources.get(uri)
        if resource is None:
            raise NowhereError(reference)
        if not fragment or fragment.startswith("/"):
            return self._enter(resource.pointer + fragment, node.scope)
        anchored = resource.dynamic if keyword == "$dynamicRef" and fragment in resource.dynamic else None
        if anchored is not None:
            return self._enter(dict(node.scope).get(fragment, anchored[fragment]), node.scope)
        target = resource.anchors.get(fragment, resource.dynamic.get(fragment))
        if target is None:
            raise NowhereError(reference)
        return self._enter(target, node.scope)

    def _enter(self, pointer: str, scope: tuple[tuple[str, str], ...]) -> Node:
        schema = self._at(pointer)
        if self._wanted:
            scope = self._extend(scope, self._resources[self._base(pointer)])
        return Node(pointer=pointer, scope=scope, schema=schema)

    def _extend(self, scope: tuple[tuple[str, str], ...], resource: _Resource) -> tuple[tuple[str, str], ...]:
        known = {anchor for anchor, _ in scope}
        found = ((anchor, at) for anchor, at in resource.dynamic.items() if anchor in self._wanted - known)
        return tuple(sorted((*scope, *found)))

    def _base(self, pointer: str) -> str:
        while pointer not in self._bases:
            pointer = json_pointer.parent(pointer)
        return self._bases[pointer]

    def _at(self, pointer: str) -> Json:
        try:
            return json_pointer.resolve(self._root, pointer)
        except LookupError:
            raise NowhereError(pointer) from None
