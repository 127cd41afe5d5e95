"""Proves, for each slot, what a generated msgspec type guarantees of its schema; only then is no second pass needed.

Imports: ``source``, ``keywords``.

Entry point: :func:`prover`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from msgspec import inspect

from tornado_ws.validation.schema_validator import SchemaValidator

from ..keywords.schema_index import Index
from ..source.document import Json
from .object_rules import ruled
from .proof import Proof
from .sandbox import scratch
from .type_info import stripped
from .unproven import Check, Unproven, merged

__all__ = ["Check", "Unproven", "Prover", "prover"]


class Prover:
    """Proves what the types of one module guarantee."""

    def __init__(self, names: Mapping[str, object], schema: dict[str, Json], *, formats: bool) -> None:
        """Prepare.

        Args:
            names: what annotations refer to: the names of a module.
            schema: the document that every pointer points into.
            formats: whether ``format`` refuses values.
        """
        self._names = names
        self._index = Index(schema)
        self._proof = Proof(self._index, SchemaValidator(json.dumps(schema), formats=formats), formats=formats)

    def gaps(self, annotation: str, pointer: str) -> list[Unproven]:
        """Return what a type, given as generated code, does not guarantee of the schema at a JSON Pointer."""
        return self._proof.gaps(self._index.node(pointer), self._info(annotation))

    def unproved(self, annotation: str, pointer: str) -> tuple[Check, ...]:
        """Return what the second pass has to judge; see :attr:`tornado_ws.Payload.unproved`."""
        type_ = self._info(annotation)
        gaps = self._proof.gaps(self._index.node(pointer), type_)
        typed = merged(gap.typed_check or ruled(self._proof, gap, stripped(type_)) for gap in gaps)
        return merged(gap.plain_check for gap in gaps) if "" in typed else typed

    def _info(self, annotation: str) -> inspect.Type:
        return inspect.type_info(eval(annotation, dict(self._names)))


@contextmanager
def prover(source: str, schema: dict[str, Json], *, formats: bool) -> Iterator[Prover]:
    """Return the prover of the types in ``source``, which is generated code."""
    with scratch(source) as module:
        yield Prover(vars(module), schema, formats=formats)
