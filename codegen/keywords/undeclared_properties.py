"""Rejection of undeclared properties in schemas that do not state whether objects are open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from ..source import json_pointer
from ..source.document import Json
from .described_parts import described_parts
from .kept_properties import EXPLICIT
from .schema_index import SchemaIndex, SchemaNode

__all__ = ["reject_undeclared_properties"]

LISTS = ("allOf", "anyOf", "oneOf")
CONDITIONAL = ("if", "then", "else")
REFERENCES = ("$ref", "$dynamicRef")
VALUES = ("additionalProperties", "items", "unevaluatedItems", "unevaluatedProperties")
"""Keywords with the schema of a part of the value."""
VALUE_MAPS = ("patternProperties", "properties")
TESTS = ("contains", "not")
APPLICATORS = frozenset((*LISTS, *CONDITIONAL, *REFERENCES, *VALUES, *VALUE_MAPS, "dependentSchemas"))
"""Keywords that declare properties, or apply schemas to the same value."""


def reject_undeclared_properties(root: dict[str, Json], payloads: Iterable[Json]) -> None:
    """Close each object that declares properties, by ``additionalProperties`` or ``unevaluatedProperties``.

    An object remains open if one of its schemas states that, or if it declares no properties. Schemas under ``not``,
    ``if`` and ``contains`` do not change, because they only test a value.

    Args:
        root: Bundle; it is changed.
        payloads: Schemas of the payloads: parts of the bundle, or references to them.
    """
    _Closing(root).close(payloads)


class _Closing:
    def __init__(self, root: dict[str, Json]) -> None:
        self._root = root
        self._index = SchemaIndex(root)
        self._composed = self._composed_schemas()
        """Pointers to schemas that another schema extends or uses as a test, so that they cannot be closed."""
        self._visited: set[str] = set()
        self._together: dict[frozenset[str], Json] = {}
        """References to the schemas that close a part with several schemas, by the pointers of these schemas."""
        self._repeated: set[frozenset[str]] = set()
        """Keys of :attr:`_together` that were looked up, also by a schema that contains itself."""
        self._waiting: list[SchemaNode] = []
        """Schemas of parts inside parts with several schemas."""

    def close(self, payloads: Iterable[Json]) -> None:
        """Close all objects in the values of payloads."""
        queue = [SchemaNode(pointer="", scope=self._index.node("").scope, schema=payload) for payload in payloads]
        while queue:
            queue += self._entered(queue.pop())
            queue += self._waiting
            self._waiting.clear()

    def _entered(self, node: SchemaNode) -> Iterator[SchemaNode]:
        """Close the objects that a schema describes on its own, and yield the schemas of their parts."""
        if node.pointer in self._visited or not isinstance(node.schema, dict):
            return
        if node.pointer:
            self._visited.add(node.pointer)
        match sorted(node.keywords.keys() & APPLICATORS):
            case [("$ref" | "$dynamicRef") as keyword]:
                yield from self._referred(node, keyword)
            case [("anyOf" | "oneOf") as keyword]:
                yield from self._index.children(node, keyword)
            case ["allOf"] if len(node.keywords["allOf"]) == 1:
                yield from self._index.children(node, "allOf")
            case _:
                yield from self._object(node)

    def _referred(self, node: SchemaNode, keyword: str) -> Iterator[SchemaNode]:
        target = self._index.follow(node, keyword)
        if target.pointer not in self._composed:
            yield target
            return
        closure = self._closure(target)
        parts, single = self._parts(closure)
        closed = ({"unevaluatedProperties": False} if self._is_closable(closure) else {}) | parts
        if closed:
            del node.keywords[keyword]
            name = f"{json_pointer.parse(target.pointer)[-1]}Closed"
            node.keywords["$ref"] = self._define(name, {"$ref": self._index.address(target), **closed})
        yield from single

    def _define(self, name: str, schema: Json) -> str:
        """Return a reference to a new definition, or to an equal one."""
        definitions: dict[str, Any] = self._root["$defs"]
        while definitions.get(name, schema) != schema:
            name += "_"
        definitions[name] = schema
        return f"{self._root['$id']}#{quote(json_pointer.join('/$defs', name))}"

    def _object(self, node: SchemaNode) -> Iterator[SchemaNode]:
        closure = self._closure(node)
        parts, single = self._parts(closure)
        if node.pointer not in self._composed:
            if self._is_closable(closure):
                alone = len(closure) == 1
                node.keywords["additionalProperties" if alone else "unevaluatedProperties"] = False
            if parts:
                node.keywords["allOf"] = [*node.keywords.get("allOf", ()), parts]
        yield from single

    def _is_closable(self, closure: list[SchemaNode]) -> bool:
        """Return True if schemas of one value declare properties, and do not state whether there may be others."""
        declares = any(node.keywords.get("properties") for node in closure)
        return declares and not any(keyword in node.keywords for node in closure for keyword in EXPLICIT)

    def _parts(self, closure: list[SchemaNode]) -> tuple[dict[str, Json], list[SchemaNode]]:
        """Return keywords that close the parts with several schemas, and the schemas of all other parts."""
        keywords: dict[str, Json] = {}
        single: list[SchemaNode] = []
        for part in described_parts(self._index, closure):
            if len(part.schemas) == 1:
                single += part.schemas
            elif (closed := self._closed_together(part.schemas)) is not None:
                keyword, *names = part.path
                if names:
                    keywords.setdefault(keyword, {})[names[0]] = closed
                else:
                    keywords[keyword] = closed
        return keywords, single

    def _closed_together(self, schemas: tuple[SchemaNode, ...]) -> Json:
        """Return a reference to a schema that rejects the properties that none of several schemas declares.

        None if they leave nothing to close.
        """
        key = frozenset(schema.pointer for schema in schemas)
        if key in self._together:
            self._repeated.add(key)
            return self._together[key]
        name = f"{json_pointer.parse(schemas[0].pointer)[-1]}Together"
        while name in self._root["$defs"]:
            name += "_"
        self._root["$defs"][name] = {}
        reference = {"$ref": f"{self._root['$id']}#{quote(json_pointer.join('/$defs', name))}"}
        self._together[key] = reference
        closure = list({node.pointer: node for schema in schemas for node in self._closure(schema)}.values())
        keywords, single = self._parts(closure)
        self._waiting += single
        if self._is_closable(closure):
            names = dict.fromkeys((name for node in closure for name in node.keywords.get("properties", ())), True)
            keywords["properties"] = names | keywords.get("properties", {})
            keywords["additionalProperties"] = False
        if not keywords and key not in self._repeated:
            del self._root["$defs"][name]
            self._together[key] = None
        else:
            self._root["$defs"][name] = keywords
        return self._together[key]

    def _closure(self, node: SchemaNode) -> list[SchemaNode]:
        """Return all schemas that may apply to the value of a schema, except tests."""
        found, queue = {node.pointer: node}, [node]
        while queue:
            for inner in self._in_place(queue.pop()):
                if inner.pointer not in found:
                    found[inner.pointer] = inner
                    queue.append(inner)
        return list(found.values())

    def _in_place(self, node: SchemaNode) -> Iterator[SchemaNode]:
        keywords = node.keywords
        yield from (self._index.follow(node, keyword) for keyword in REFERENCES if keyword in keywords)
        for keyword in LISTS:
            yield from self._index.children(node, keyword)
        yield from (self._index.child(node, keyword) for keyword in CONDITIONAL if keyword in keywords)
        yield from (self._index.child(node, "dependentSchemas", name) for name in keywords.get("dependentSchemas", ()))

    def _composed_schemas(self) -> set[str]:
        found: set[str] = set()
        queue: list[SchemaNode] = []
        for visit in self._index.visits:
            if not visit.pointer:
                continue
            node = self._index.node(visit.pointer)
            match sorted(node.keywords.keys() & APPLICATORS):
                case ["$ref" | "$dynamicRef" | "anyOf" | "oneOf"]:
                    continue
                case ["allOf"] if len(node.keywords["allOf"]) == 1:
                    continue
                case _:
                    queue += self._in_place(node)
                    queue += [self._index.child(node, keyword) for keyword in TESTS if keyword in node.keywords]
        while queue:
            node = queue.pop()
            if node.pointer not in found:
                found.add(node.pointer)
                queue += self._in_place(node)
        return found
