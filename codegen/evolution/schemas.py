"""Schema document of one version, with the canonical forms of its parts by jsonschema-rs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import quote

import jsonschema_rs
from jsonschema_rs import CanonicalSchema, ValidationError
from jsonschema_rs.canonical import CanonicalizationError, IncompatibleOperands, UnsupportedOperand, UnsupportedResult

from ..keywords.reachable_schemas import reachable_schemas
from ..keywords.schema_index import SchemaIndex, SchemaNode
from ..keywords.undeclared_properties import reject_undeclared_properties
from ..keywords.vocabulary import DIALECT
from ..source.document import Json, copy_json

__all__ = ["Containment", "Schemas", "covers", "excludes", "intersection"]

Containment: TypeAlias = Literal["yes", "no", "unknown"]

UNSUPPORTED: Final = (IncompatibleOperands, UnsupportedOperand, UnsupportedResult)
"""Errors for schemas whose canonical forms cannot be combined."""
MOST_SCHEMAS: Final = 400
"""Number of subschemas up to which a schema is made canonical as a whole; beyond, the time could grow without bound."""


class Schemas:
    """Schemas of one version of an endpoint."""

    def __init__(self, document: Mapping[str, Json], *, formats: bool) -> None:
        """Index a document.

        Args:
            document: JSON Schema 2020-12 document; it is not changed.
            formats: True if ``format`` is asserted.
        """
        self.document = document
        """JSON Schema 2020-12 document."""
        self._formats = formats
        self.index = SchemaIndex(document)

    def closed(self, references: Iterable[str]) -> Schemas:
        """Return the schemas of senders, which do not send properties that their schema does not declare.

        Args:
            references: Pointers or references to the schemas of what they send.
        """
        root: dict[str, Any] = copy_json(dict(self.document))
        root.setdefault("$defs", {})
        reject_undeclared_properties(root, [{"$ref": self._address(one)} for one in references])
        return Schemas(root, formats=self._formats)

    def node(self, reference: str) -> SchemaNode:
        """Return the schema at a pointer or a reference."""
        start = SchemaNode(pointer="", scope=(), schema={"$ref": self._address(reference)})
        return self.index.follow(start, "$ref")

    def canonical(self, nodes: Sequence[SchemaNode]) -> CanonicalSchema | None:
        """Return the canonical form of the conjunction of some schemas; None if it is too large or not supported."""
        if any(node.scope for node in nodes):
            return None
        references = [self.index.address(node) for node in nodes]
        document = reachable_schemas(self.document, [node.pointer for node in nodes])
        if len(SchemaIndex(document).visits) > MOST_SCHEMAS:
            return None
        return self.canonical_form({**document, "allOf": [{"$ref": reference} for reference in references]})

    def canonical_form(self, schema: Mapping[str, Json]) -> CanonicalSchema | None:
        """Return the canonical form of a schema without references to others; None if it is not supported."""
        try:
            return jsonschema_rs.canonicalize(
                {"$schema": DIALECT, **schema}, validate_formats=self._formats, offline=True
            )
        except (CanonicalizationError, ValidationError, ValueError):
            return None

    def _address(self, reference: str) -> str:
        return f"{self.document['$id']}#{quote(reference)}" if reference.startswith("/") else reference


def covers(outer: CanonicalSchema | None, inner: CanonicalSchema | None) -> Containment:
    """Return ``yes`` if ``outer`` accepts all values of ``inner``, and ``unknown`` if one of them is None."""
    if outer is None or inner is None:
        return "unknown"
    try:
        found = str(outer.covers(inner))
    except UNSUPPORTED:
        return "unknown"
    return "yes" if found == "yes" else "no" if found == "no" else "unknown"


def intersection(one: CanonicalSchema | None, other: CanonicalSchema | None) -> CanonicalSchema | None:
    """Return the canonical form of the values that both schemas accept; None if it is not supported."""
    try:
        return None if one is None or other is None else one.intersect(other)
    except UNSUPPORTED:
        return None


def excludes(one: CanonicalSchema | None, other: CanonicalSchema | None) -> bool:
    """Return True if it is certain that no value is valid for both schemas."""
    both = intersection(one, other)
    return both is not None and str(both.satisfiability()) == "no"
