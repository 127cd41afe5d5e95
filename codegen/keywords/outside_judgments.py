"""Objects whose undeclared properties decide if a value around them is valid, such as by ``not`` or ``contains``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TypeAlias

from ..source import json_pointer
from ..source.document import Json
from .conjunction import conjoin
from .kept_properties import COUNTING, EXPLICIT, VALUES, applied_schemas, mentioned_names
from .schema_index import SchemaIndex, SchemaNode
from .union_tags import declared_tag

__all__ = ["judged_from_outside"]

TESTING = ("allOf", "anyOf", "contains", "dependentSchemas", "if", "not", "oneOf")
"""Keywords with further schemas for a value or its items."""
PLACES = frozenset(
    {
        *("additionalProperties", "contains", "items", "patternProperties", "prefixItems", "properties"),
        *("unevaluatedItems", "unevaluatedProperties"),
    }
)
"""Keywords with schemas for parts of a value."""
REST = ("additionalProperties", "unevaluatedProperties")
IN_PLACE = ("allOf", "anyOf", "oneOf")
CONDITIONAL = ("else", "if", "not", "then")
MAX_READ = 10
"""Number of schemas to read for each schema of the bundle, which bounds the time; further parts are not judged."""
Schemas: TypeAlias = tuple[SchemaNode, ...]
Chosen: TypeAlias = Collection[tuple[str, str]]


def judged_from_outside(index: SchemaIndex) -> frozenset[str]:
    """Return pointers to the schemas of objects that need their undeclared properties.

    The schemas of a value describe its parts. Another schema, which a valid value need not match, may judge the same
    parts; so a part must keep the properties that this one reads.
    """
    if not any(keyword in visit.schema for visit in index.visits for keyword in TESTING):
        return frozenset()
    return frozenset(_Search(index).pointers())


class _Search:
    def __init__(self, index: SchemaIndex) -> None:
        self._index = index
        self._visited: set[tuple[frozenset[SchemaNode], frozenset[SchemaNode]]] = set()
        self._left = MAX_READ * len(index.visits)
        """Number of schemas that may still be read."""
        self._queue: list[tuple[Schemas, Schemas]] = []
        """Schemas of a part, and the schemas that judge it."""

    def pointers(self) -> Iterator[str]:
        inside = {pointer for visit in self._index.visits for pointer in _in_place(visit.pointer, visit.schema)}
        for visit in self._index.visits:
            if visit.pointer not in inside and self._left > 0:
                self._start(self._index.node(visit.pointer))
        while self._queue and self._left > 0:
            described, judging = self._queue.pop()
            key = frozenset(described), frozenset(judging)
            if key in self._visited:
                continue
            self._visited.add(key)
            conjunction = conjoin(self._index, described)
            self._left -= len(conjunction.nodes)
            unions = [
                schema
                for union in conjunction.unions
                for alternative in self._index.children(union.node, union.keyword)
                for schema in conjoin(self._index, (alternative,)).nodes
            ]
            own = (*conjunction.nodes, *unions)
            declared = {name for node in own for name in node.keywords.get("properties", ())}
            tests = tuple(node for node in self._applied(judging, ()) if node not in own)
            together = conjunction.nodes if len(described) > 1 else ()  # some of which may have no type
            if any(_reads_others(node, declared) for node in (*tests, *together)):
                yield from (node.pointer for node in own)
            self._add_parts(conjunction.nodes, tests)

    def _start(self, node: SchemaNode) -> None:
        """Add the parts of a value to which a schema applies, alone and with each alternative of its unions."""
        conjunction = conjoin(self._index, (node,))
        self._add_parts(conjunction.nodes, self._applied((node,), ()))
        for union in conjunction.unions:
            chosen = {union.key} if declared_tag(union.node, union.keyword) is not None else ()
            for alternative in self._index.children(union.node, union.keyword):
                if self._left <= 0:
                    return
                members = (node, alternative)
                self._add_parts(conjoin(self._index, members).nodes, self._applied(members, chosen))

    def _applied(self, nodes: Schemas, chosen: Chosen) -> Schemas:
        """Return all schemas of a value, also those that it need not match; not the alternatives of tagged unions."""
        tagged = {
            (node.pointer, keyword)
            for node in applied_schemas(self._index, conjoin(self._index, nodes), ())
            for keyword in ("anyOf", "oneOf")
            if declared_tag(node, keyword) is not None
        }
        found = tuple(applied_schemas(self._index, conjoin(self._index, nodes), {*chosen, *tagged}))
        self._left -= len(found)
        return found

    def _add_parts(self, described: Sequence[SchemaNode], applied: Sequence[SchemaNode]) -> None:
        """Add the properties and items that ``described`` describe, with the schemas that judge them."""
        self._left -= len(described) + len(applied)
        tests = [node for node in applied if node not in described and not PLACES.isdisjoint(node.keywords)]
        own, other = (_Properties(self._index, nodes) for nodes in (described, tests))
        for name in own.named:
            self._add(own.schemas(name), other.schemas(name))
        if own.rest:
            judging = [schema for name in other.named for schema in other.schemas(name)]
            self._add(own.others(), (*judging, *other.others()))
        contained = (self._index.child(node, "contains") for node in described if "contains" in node.keywords)
        self._add(self._items(described), (*self._items(tests, "contains"), *contained))

    def _add(self, described: Schemas, judging: Schemas) -> None:
        judging = tuple(node for node in judging if node not in described)
        if described and (judging or len(described) > 1):
            self._queue.append((described, judging))

    def _items(self, nodes: Sequence[SchemaNode], *more: str) -> Schemas:
        keywords = ("items", "unevaluatedItems", *more)
        single = [
            self._index.child(node, keyword) for node in nodes for keyword in keywords if keyword in node.keywords
        ]
        return _objects([*single, *(item for node in nodes for item in self._index.children(node, "prefixItems"))])


class _Properties:
    """Schemas of the properties of a value."""

    def __init__(self, index: SchemaIndex, nodes: Sequence[SchemaNode]) -> None:
        self.named: dict[str, list[SchemaNode]] = {}
        self.rest: list[tuple[Collection[str], Schemas]] = []
        """Schemas of further properties, with the names to which they do not apply."""
        for node in nodes:
            keywords = node.keywords
            own = keywords.get("properties", {})
            for name in own:
                self.named.setdefault(name, []).append(index.child(node, "properties", name))
            others = [index.child(node, "patternProperties", one) for one in keywords.get("patternProperties", ())]
            others += [index.child(node, keyword) for keyword in REST if keyword in keywords]
            if others:
                self.rest.append((own, tuple(others)))

    def schemas(self, name: str) -> Schemas:
        """Return the schemas that may apply to a property."""
        others = (schema for names, schemas in self.rest if name not in names for schema in schemas)
        return _objects([*self.named.get(name, ()), *others])

    def others(self) -> Schemas:
        """Return the schemas that may apply to properties without a name."""
        return _objects([schema for _, schemas in self.rest for schema in schemas])


def _in_place(pointer: str, schema: Json) -> Iterator[str]:
    """Yield pointers to the subschemas of a schema that apply to the same value."""
    for keyword in IN_PLACE:
        yield from (f"{pointer}/{keyword}/{position}" for position in range(len(schema.get(keyword, ()))))
    yield from (f"{pointer}/{keyword}" for keyword in CONDITIONAL if keyword in schema)
    yield from (json_pointer.join(f"{pointer}/dependentSchemas", name) for name in schema.get("dependentSchemas", ()))


def _objects(nodes: Sequence[SchemaNode]) -> Schemas:
    return tuple(node for node in nodes if node.keywords)


def _reads_others(node: SchemaNode, declared: Collection[str]) -> bool:
    """Return True if a schema may judge an object by properties beside the declared ones."""
    keywords = node.keywords
    if any(not _is_open(keywords.get(keyword, True)) for keyword in EXPLICIT if keyword != "patternProperties"):
        return True
    if "patternProperties" in keywords or any(keyword in keywords for keyword in COUNTING):
        return True
    return not mentioned_names(node) <= {*declared} or any(_has_object(keywords.get(keyword)) for keyword in VALUES)


def _is_open(schema: Json) -> bool:
    return schema is True or schema == {}


def _has_object(value: Json) -> bool:
    """Return True for an object, and for a list that contains one."""
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict) for one in value))
