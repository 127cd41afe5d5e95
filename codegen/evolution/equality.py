"""Equality of keywords in two documents, through their references."""

from __future__ import annotations

from typing import Any

from ..keywords.schema_index import SchemaNode
from ..keywords.vocabulary import ANNOTATIONS, REFERENCES
from ..source.document import Json
from .schemas import Schemas

__all__ = ["Equality"]


class Equality:
    """Equality between the schemas of two documents."""

    def __init__(self, first: Schemas, second: Schemas) -> None:
        self._schemas = first, second
        self._first = first.index
        self._second = second.index
        self._assumed: set[tuple[SchemaNode, SchemaNode]] = set()
        """Targets of references that are equal, or are being compared."""

    def of(self, first: str, second: str) -> bool:
        """Return True if the schemas at two pointers or references are equal, apart from annotations."""
        one, other = (
            schemas.node(reference) for schemas, reference in zip(self._schemas, (first, second), strict=True)
        )
        return self._values(one, one.schema, other, other.schema)

    def of_keywords(self, first: SchemaNode, second: SchemaNode, keywords: tuple[str, ...]) -> bool:
        """Return True if both schemas have equal values of some keywords."""
        return all(
            (keyword in first.keywords) == (keyword in second.keywords)
            and self._values(first, first.keywords.get(keyword), second, second.keywords.get(keyword))
            for keyword in keywords
        )

    def _values(self, first: SchemaNode, one: Json, second: SchemaNode, other: Json) -> bool:
        """Compare parts of two schemas, which give the base of references."""
        if isinstance(one, dict) and isinstance(other, dict):
            known = {name for name in {**one, **other} if name not in ANNOTATIONS}
            return all(
                name in one and name in other and self._member(first, one, second, other, name) for name in known
            )
        if isinstance(one, list) and isinstance(other, list):
            pairs = zip(one, other, strict=False)
            return len(one) == len(other) and all(self._values(first, a, second, b) for a, b in pairs)
        return type(one) is type(other) and bool(one == other)

    def _member(
        self, first: SchemaNode, one: dict[str, Any], second: SchemaNode, other: dict[str, Any], name: str
    ) -> bool:
        if name not in REFERENCES or not isinstance(one[name], str) or not isinstance(other[name], str):
            return self._values(first, one[name], second, other[name])
        pair = (
            self._first.follow(SchemaNode(pointer=first.pointer, scope=first.scope, schema={name: one[name]}), name),
            self._second.follow(
                SchemaNode(pointer=second.pointer, scope=second.scope, schema={name: other[name]}), name
            ),
        )
        if pair in self._assumed:
            return True
        self._assumed.add(pair)
        equal = self._values(pair[0], pair[0].schema, pair[1], pair[1].schema)
        if not equal:
            self._assumed.clear()  # others may depend on it
        return equal
