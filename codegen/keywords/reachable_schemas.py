"""Bundle without the definitions of other files that no type and no payload needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from ..schema.drafts import CONTAINERS
from ..source import json_pointer
from ..source.document import Json
from .name_parts import is_file
from .schema_index import SchemaIndex, SchemaNode, UnresolvedReference
from .vocabulary import REFERENCES, Visit, resolve_reference

__all__ = ["reachable_schemas"]

IDENTITY = frozenset({"$anchor", "$dynamicAnchor", "$id", "$schema", "$vocabulary", *CONTAINERS})
"""Keywords of a schema that remain if only definitions inside it are needed."""


def reachable_schemas(bundle: Mapping[str, Json], pointers: Iterable[str]) -> dict[str, Json]:
    """Return a bundle without definitions of other files that no reference reaches.

    Every pointer, identifier and anchor that remains leads to the same schema. The definitions of the endpoint's own
    file remain, too.

    Args:
        bundle: Document with all schemas of an endpoint; it is not changed.
        pointers: Pointers or references to the schemas of payloads and types.
    """
    files = (name for name in bundle.get("$defs", ()) if is_file(json_pointer.join("/$defs", name)))
    return _Reachability(bundle).pruned(pointers) if any(files) else dict(bundle)


class _Reachability:
    def __init__(self, bundle: Mapping[str, Json]) -> None:
        self._bundle = bundle
        self._index = SchemaIndex(bundle)
        self._owners = {"": ""}
        """Pointer to the definition that contains a schema, by the pointer to the schema.

        Definitions inside other keywords of a schema are parts of it.
        """
        self._visits: dict[str, list[Visit]] = {}
        """Schemas that a definition contains, without those in its own definitions."""
        self._anchors: dict[str, list[str]] = {}
        """Pointers to the schemas with a dynamic anchor, by its name."""
        for visit in self._index.visits:
            owner = self._owner(visit.pointer)
            container = json_pointer.parent(visit.pointer)
            if container in (f"{owner}/{keyword}" for keyword in CONTAINERS):
                owner = visit.pointer
            self._owners[visit.pointer] = owner
            self._visits.setdefault(owner, []).append(visit)
            if isinstance(name := visit.schema.get("$dynamicAnchor"), str):
                self._anchors.setdefault(name, []).append(visit.pointer)

    def pruned(self, pointers: Iterable[str]) -> dict[str, Json]:
        own = (pointer for pointer in self._visits if json_pointer.prefix(pointer, 2) == pointer)
        reached = {"", *(self._owner(self._target(pointer)) for pointer in pointers)}
        reached.update(pointer for pointer in own if not is_file(pointer))
        queue = [*reached]
        while queue:
            for visit in self._visits.get(queue.pop(), ()):
                new = {self._owner(target) for target in self._targets(visit)} - reached
                reached |= new
                queue += new
        needed = set(reached)
        for pointer in reached:
            while pointer and (pointer := self._owner(json_pointer.parent(pointer))) not in needed:
                needed.add(pointer)
        return self._copy("", self._bundle, reached, needed)

    def _copy(self, pointer: str, schema: Mapping[str, Json], reached: set[str], needed: set[str]) -> dict[str, Json]:
        """Return a copy of the schema of a definition."""
        copy = {name: value for name, value in schema.items() if pointer in reached or name in IDENTITY}
        for keyword in CONTAINERS:
            if isinstance(members := copy.get(keyword), dict):
                copy[keyword] = dict(self._members(json_pointer.join(pointer, keyword), members, reached, needed))
        return copy

    def _members(
        self, pointer: str, members: Mapping[str, Json], reached: set[str], needed: set[str]
    ) -> Iterator[tuple[str, Json]]:
        for name, member in members.items():
            here = json_pointer.join(pointer, name)
            if not isinstance(member, dict):
                yield name, member
            elif here in needed:
                yield name, self._copy(here, member, reached, needed)

    def _owner(self, pointer: str) -> str:
        while pointer not in self._owners:
            pointer = json_pointer.parent(pointer)
        return self._owners[pointer]

    def _target(self, reference: str) -> str:
        """Return the pointer to a schema; types in the file of another endpoint have a reference instead."""
        if not reference or reference.startswith("/"):
            return reference
        return self._index.follow(SchemaNode(pointer="", scope=(), schema={"$ref": reference}), "$ref").pointer

    def _targets(self, visit: Visit) -> Iterator[str]:
        """Yield pointers to the schemas to which a schema refers."""
        for keyword in REFERENCES:
            if isinstance(reference := visit.schema.get(keyword), str):
                with suppress(UnresolvedReference):  # in a value that only looks like a schema
                    node = SchemaNode(pointer=visit.pointer, scope=(), schema=visit.schema)
                    yield self._index.follow(node, keyword).pointer
                if keyword == "$dynamicRef":
                    yield from self._anchors.get(resolve_reference("", reference)[1], ())
