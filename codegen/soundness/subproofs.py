"""Protocol of a proof, for modules that each analyze one type of value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from msgspec import inspect

from tornado_ws.validation.schema_validator import SchemaValidator

from ..keywords.schema_index import SchemaIndex, SchemaNode
from ..source.document import Json
from .unproven import Location, Unproven

__all__ = ["Subproofs"]


class Subproofs(Protocol):
    """Proofs about the parts of a value, and about the subschemas that apply to it; see :class:`~.proof.Proof`."""

    @property
    def index(self) -> SchemaIndex:
        """Index of the schema document."""
        ...

    @property
    def validator(self) -> SchemaValidator:
        """Validator of the same document."""
        ...

    def unproven_in_child(self, node: SchemaNode, type_: inspect.Type, location: Location) -> Iterable[Unproven]:
        """Return the unproven keywords of an item or a property.

        Args:
            node: Schema of the item or property.
            type_: Type that msgspec decodes it as.
            location: Location of the item or property.
        """
        ...

    def unproven_in_place(
        self, node: SchemaNode, type_: inspect.Type, location: Location, *, tagged: bool = False
    ) -> Iterable[Unproven]:
        """Yield the unproven keywords of a subschema that applies to the same value.

        Args:
            node: Subschema of the value.
            type_: Type of the value.
            location: Location of the value.
            tagged: True for one of several structs in a union, which always has its tag.
        """
        ...

    def accepts_constant(self, node: SchemaNode, value: Json) -> bool:
        """Return True if ``node`` certainly accepts ``value``."""
        ...

    def unproven_constant(self, node: SchemaNode, value: Json, location: Location) -> list[Unproven]:
        """Return an unproven keyword if ``node`` rejects ``value``, which the type accepts."""
        ...

    def guarantees(self, node: SchemaNode, type_: inspect.Type, *, tagged: bool = False) -> bool:
        """Return True if all values of ``type_`` are valid for ``node``."""
        ...

    def excludes(self, node: SchemaNode, type_: inspect.Type, *, tagged: bool = False) -> bool:
        """Return True if no value of ``type_`` is valid for ``node``."""
        ...
