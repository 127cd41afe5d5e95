"""References within a schema document (JSON Schema core, section 8): ``$ref``, ``$dynamicRef``, ``$id``, anchors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urljoin

from . import json_pointer

__all__ = ["DEFAULT_BASE_URI", "FRAGMENT", "REFERENCE", "References", "Scope", "has_references"]

DEFAULT_BASE_URI = "https://tornado-ws.invalid/endpoint"
"""Base URI of documents without ``$id``. Nothing is fetched from it."""
FRAGMENT = "!$&'()*+,/:;=?@~"
"""Characters other than letters and digits that are not percent-encoded in the fragment of a URI (RFC 3986)."""
REFERENCE = re.compile(r'"\$(ref|dynamicRef|id)"')
"""Pattern in the JSON text of schemas that depend on their place in the document."""
SINGLE = frozenset(
    {
        *("additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames"),
        *("then", "unevaluatedItems", "unevaluatedProperties"),
    }
)
"""Keywords with one subschema."""
LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
"""Keywords with an array of subschemas."""
MAPS = frozenset({"$defs", "definitions", "dependentSchemas", "patternProperties", "properties"})
"""Keywords with an object of subschemas."""


class Scope(NamedTuple):
    """Resource of a schema, and the dynamic scope (JSON Schema core, section 7.1)."""

    base: str
    """URI of the resource."""
    dynamic: tuple[str, ...]
    """URIs of the entered resources, outermost first."""


class References:
    """Index of the resources and anchors of a schema document."""

    def __init__(self, document: Any, base_uri: str) -> None:  # a JSON Schema
        """Build the index.

        Args:
            document: JSON Schema (2020-12) with all schemas that it refers to.
            base_uri: Base URI of the document.
        """
        self._document = document
        self._base_uri = base_uri
        self._roots: dict[str, Any] = {base_uri: document}
        self._bases: dict[int, str] = {id(document): base_uri}
        """URIs of resources, by the identity of their schema."""
        self._anchors: dict[tuple[str, str], Any] = {}
        self._dynamic_anchors: dict[tuple[str, str], Any] = {}
        self._schemas: dict[str, tuple[Any, Scope]] = {}
        """Cached results of :meth:`at`."""
        self._static: dict[int, bool] = {}
        """Results of :meth:`is_static`, by the identity of the schema."""
        self._has_dynamic = False
        """True if the document contains ``$dynamicRef``, which may resolve to different schemas."""
        stack: list[tuple[Any, str]] = [(document, base_uri)]
        while stack:
            schema, base = stack.pop()
            if isinstance(schema, dict):
                base = self._add(schema, base)
                stack += [(subschema, base) for subschema in _subschemas(schema)]

    def _add(self, schema: dict[str, Any], base: str) -> str:
        uri = schema.get("$id")
        if isinstance(uri, str):
            base = urljoin(base, uri).partition("#")[0]
            self._roots.setdefault(base, schema)
            self._bases[id(schema)] = base
        for keyword, anchors in (("$anchor", self._anchors), ("$dynamicAnchor", self._dynamic_anchors)):
            if isinstance(name := schema.get(keyword), str):
                anchors.setdefault((base, name), schema)
        self._has_dynamic = self._has_dynamic or "$dynamicRef" in schema
        return base

    def at(self, pointer: str) -> tuple[Any, Scope]:
        """Return the schema at a JSON Pointer into the document, or with a URI, and its scope.

        Raises:
            LookupError: If the document has no such schema.
        """
        if pointer not in self._schemas:
            scope = Scope(self._base_uri, (self._base_uri,))
            is_uri = pointer != "" and not pointer.startswith("/")
            found = self.follow(pointer, scope) if is_uri else self._at(self._base_uri, pointer, scope)
            self._schemas[pointer] = found
        return self._schemas[pointer]

    def enter(self, schema: dict[str, Any], scope: Scope) -> Scope:
        """Return the scope inside a schema with an ``$id``."""
        return _entered(scope, self._bases.get(id(schema), scope.base))

    def follow(self, reference: str, scope: Scope, *, dynamic: bool = False) -> tuple[Any, Scope]:
        """Return the schema to which a reference resolves, and its scope.

        Args:
            reference: Value of the keyword, a URI reference.
            scope: Scope of the schema that contains the reference.
            dynamic: True for ``$dynamicRef``.

        Raises:
            LookupError: If the document has no such schema.
        """
        address, _, fragment = reference.partition("#")
        base = urljoin(scope.base, address) if address else scope.base
        fragment = unquote(fragment)
        if not fragment or fragment.startswith("/"):
            return self._at(base, fragment, scope)
        if (base, fragment) not in self._dynamic_anchors:
            return self._anchors[base, fragment], _entered(scope, base)
        if dynamic:
            base = next((uri for uri in scope.dynamic if (uri, fragment) in self._dynamic_anchors), base)
        return self._dynamic_anchors[base, fragment], _entered(scope, base)

    def _at(self, base: str, pointer: str, scope: Scope) -> tuple[Any, Scope]:
        schema = self._roots[base]
        for token in json_pointer.parse(pointer):
            schema = schema[int(token)] if isinstance(schema, list) else schema[token]
            base = self._bases.get(id(schema), base)
        return schema, _entered(scope, base)

    def is_static(self, schema: dict[str, Any], scope: Scope) -> bool:
        """Return True if a schema leads to no ``$dynamicRef``, so that the dynamic scope does not matter."""
        if not self._has_dynamic:
            return True
        if id(schema) not in self._static:
            self._static[id(schema)] = self._leads_to_no_dynamic(schema, scope)
        return self._static[id(schema)]

    def _leads_to_no_dynamic(self, schema: dict[str, Any], scope: Scope) -> bool:
        try:
            return not any("$dynamicRef" in found for found in self.reachable(schema, scope))
        except (LookupError, AttributeError, ValueError):
            return False

    def reachable(self, schema: Any, scope: Scope) -> Iterator[dict[str, Any]]:
        """Yield a schema, its subschemas, and all schemas that ``$ref`` leads to from there, if they are objects.

        Raises:
            LookupError: If a reference has no target.
        """
        waiting: list[tuple[Any, Scope]] = [(schema, scope)]
        visited: set[int] = set()
        while waiting:
            current, around = waiting.pop()
            if not isinstance(current, dict) or id(current) in visited:
                continue
            visited.add(id(current))
            yield current
            inside = self.enter(current, around) if "$id" in current else around
            if "$ref" in current:
                waiting.append(self.follow(current["$ref"], inside))
            waiting += [(subschema, inside) for subschema in _subschemas(current)]

    def uri(self, schema: Any) -> str:
        """Return the URI of an object in the document; it is searched by identity.

        Raises:
            LookupError: If the object is not in the document.
        """
        stack: list[tuple[Any, str]] = [(self._document, "")]
        while stack:
            value, pointer = stack.pop()
            if value is schema:
                return f"{self._base_uri}#{quote(pointer, safe=FRAGMENT)}"
            if isinstance(value, dict):
                stack += [(member, f"{pointer}/{json_pointer.escape(name)}") for name, member in value.items()]
            elif isinstance(value, list):
                stack += [(item, f"{pointer}/{index}") for index, item in enumerate(value)]
        raise LookupError("expected a schema of the document")


def has_references(schema: Any) -> bool:  # JSON
    """Return True if a schema depends on its place in the document: it contains a reference or an ``$id``."""
    return REFERENCE.search(json.dumps(schema)) is not None


def _entered(scope: Scope, base: str) -> Scope:
    if base == scope.base:
        return scope
    return Scope(base, scope.dynamic if base in scope.dynamic else (*scope.dynamic, base))


def _subschemas(schema: dict[str, Any]) -> Iterator[Any]:
    for keyword, value in schema.items():
        if keyword in SINGLE:
            yield value
        elif keyword in LISTS and isinstance(value, list):
            yield from value
        elif keyword in MAPS and isinstance(value, dict):
            yield from value.values()
