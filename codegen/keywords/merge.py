"""Merges of the schemas that apply to one value, and unions of types."""

from __future__ import annotations

from typing import NamedTuple

from .. import model
from .schema_index import SchemaNode

__all__ = ["Merge", "union_of"]


class Merge(NamedTuple):
    """Schemas that all apply to one value; the last ones are the alternatives of the chosen unions."""

    nodes: tuple[SchemaNode, ...]
    chosen: frozenset[tuple[str, str]] = frozenset()
    """Unions that are represented by one of their alternatives."""
    suffix: str = ""
    """Suffix of the name."""

    @property
    def alternatives(self) -> tuple[SchemaNode, ...]:
        """Alternatives that represent the chosen unions."""
        return self.nodes[len(self.nodes) - len(self.chosen) :]

    @property
    def owner(self) -> SchemaNode:
        """Schema that determines the name of the type, with the alternatives."""
        return self.nodes[-1 - len(self.chosen)]

    @property
    def key(self) -> object:
        """Identity of the definition that the merge becomes."""
        return self.nodes[0] if len(self.nodes) == 1 and not self.chosen and not self.suffix else self


def union_of(types: list[model.Type]) -> model.Type:
    """Return the union of ``types``, which are compared by their text, since 1 equals true in Python."""
    flat: dict[str, model.Type] = {}
    for type_ in types:
        for member in type_.members if isinstance(type_, model.Union) else (type_,):
            if isinstance(member, model.Anything):
                return member
            if not isinstance(member, model.Nothing):
                flat.setdefault(repr(member), member)
    members = tuple(flat.values())
    if not members:
        return model.Nothing()
    return members[0] if len(members) == 1 else model.Union(members=members)
