"""References within a schema document (JSON Schema core, section 8): ``$ref``, ``$dynamicRef``, ``$id``, anchors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urljoin

from . import json_pointer

__all__ = ["FRAGMENT", "HOME", "REFERS", "References", "Scope", "has_references"]

HOME = "https://tornado-ws.invalid/endpoint"
"""Base URI of documents without an ``$id``. Nothing is ever fetched from it."""
FRAGMENT = "!$&'()*+,/:;=?@~"
"""Characters that stand for themselves in the fragment of a URI (RFC 3986), beside letters and digits."""
REFERS = re.compile(r'"\$(ref|dynamicRef|id)"')
"""Found in the text of schemas that depend on their place in the document."""
ONE = frozenset({"additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames"})
ONE |= {"then", "unevaluatedItems", "unevaluatedProperties"}
MANY = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
NAMED = frozenset({"$defs", "definitions", "dependentSchemas", "patternProperties", "properties"})


class Scope(NamedTuple):
    """Schema resource of a schema, and the resources on the way to it."""

    base: str
    """URI of the resource."""
    dynamic: tuple[str, ...]
    """URIs of the resources that were entered, the outermost first (the dynamic scope)."""


class References:
    """Index of the resources and anchors of a schema document."""

    def __init__(self, document: Any, home: str) -> None:  # a JSON Schema
        """Build the index.

        Args:
            document: A JSON Schema (2020-12) with all that it refers to.
            home: Its base URI.
        """
        self._document = document
        self._home = home
        self._roots: dict[str, Any] = {home: document}
        self._bases: dict[int, str] = {id(document): home}
        """URIs of resources, by the identity of their schema."""
        self._anchors: dict[tuple[str, str], Any] = {}
        self._dynamic_anchors: dict[tuple[str, str], Any] = {}
        self._schemas: dict[str, tuple[Any, Scope]] = {}
        """Results of :meth:`at`: a few for each payload."""
        self.has_dynamic = False
        """True if a reference may lead to different schemas, depending on the way to it."""
        waiting: list[tuple[Any, str]] = [(document, home)]
        while waiting:
            schema, base = waiting.pop()
            if isinstance(schema, dict):
                base = self._add(schema, base)
                waiting += [(below, base) for below in _subschemas(schema)]

    def _add(self, schema: dict[str, Any], base: str) -> str:
        own = schema.get("$id")
        if isinstance(own, str):
            base = urljoin(base, own).partition("#")[0]
            self._roots.setdefault(base, schema)
            self._bases[id(schema)] = base
        for keyword, anchors in (("$anchor", self._anchors), ("$dynamicAnchor", self._dynamic_anchors)):
            if isinstance(name := schema.get(keyword), str):
                anchors.setdefault((base, name), schema)
        self.has_dynamic = self.has_dynamic or "$dynamicRef" in schema
        return base

    def at(self, pointer: str) -> tuple[Any, Scope]:
        """Return the schema at a pointer into the document; raise :exc:`LookupError` if there is none."""
        if pointer not in self._schemas:
            self._schemas[pointer] = self._at(self._home, pointer, Scope(self._home, (self._home,)))
        return self._schemas[pointer]

    def enter(self, schema: dict[str, Any], scope: Scope) -> Scope:
        """Return the scope inside a schema with an ``$id``."""
        return _entered(scope, self._bases.get(id(schema), scope.base))

    def follow(self, reference: str, scope: Scope, *, dynamic: bool = False) -> tuple[Any, Scope]:
        """Return the schema that a reference leads to.

        Args:
            reference: The value of the keyword.
            scope: That of the schema with the reference.
            dynamic: True for ``$dynamicRef``.

        Raises:
            LookupError: The document has no such schema.
        """
        address, _, fragment = reference.partition("#")
        base = urljoin(scope.base, address) if address else scope.base
        fragment = unquote(fragment)
        if not fragment or fragment.startswith("/"):
            return self._at(base, fragment, scope)
        if (base, fragment) not in self._dynamic_anchors:
            return self._anchors[base, fragment], _entered(scope, base)
        if dynamic:
            base = next((one for one in scope.dynamic if (one, fragment) in self._dynamic_anchors), base)
        return self._dynamic_anchors[base, fragment], _entered(scope, base)

    def _at(self, base: str, pointer: str, scope: Scope) -> tuple[Any, Scope]:
        schema = self._roots[base]
        for token in json_pointer.parse(pointer):
            schema = schema[int(token)] if isinstance(schema, list) else schema[token]
            base = self._bases.get(id(schema), base)
        return schema, _entered(scope, base)

    def uri(self, schema: Any) -> str:
        """Return the URI of an object of the document, found by its identity."""
        waiting: list[tuple[Any, str]] = [(self._document, "")]
        while waiting:
            value, pointer = waiting.pop()
            if value is schema:
                return f"{self._home}#{quote(pointer, safe=FRAGMENT)}"
            if isinstance(value, dict):
                waiting += [(below, f"{pointer}/{json_pointer.escape(name)}") for name, below in value.items()]
            elif isinstance(value, list):
                waiting += [(below, f"{pointer}/{at}") for at, below in enumerate(value)]
        raise LookupError("a schema of another document")


def has_references(schema: Any) -> bool:  # JSON
    """Return True if a schema depends on its place in the document, by a reference or a base URI of its own."""
    return REFERS.search(json.dumps(schema)) is not None


def _entered(scope: Scope, base: str) -> Scope:
    if base == scope.base:
        return scope
    return Scope(base, scope.dynamic if base in scope.dynamic else (*scope.dynamic, base))


def _subschemas(schema: dict[str, Any]) -> Iterator[Any]:
    for keyword, value in schema.items():
        if keyword in ONE:
            yield value
        elif keyword in MANY and isinstance(value, list):
            yield from value
        elif keyword in NAMED and isinstance(value, dict):
            yield from value.values()
