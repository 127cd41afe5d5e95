"""Proofs that a generated msgspec type guarantees its schema, and residual checks for everything unproven.

Imports: ``source``, ``model``, ``keywords``.

Entry points: :func:`prover`, :func:`compilation_problems`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from msgspec import inspect

from tornado_ws.endpoint import InlineSchema, JsonCheck, Payload, ResidualCheck
from tornado_ws.validation.references import REFERENCE, has_references
from tornado_ws.validation.residual_checks import ResidualChecks
from tornado_ws.validation.schema_validator import SchemaValidator
from tornado_ws.validation.untagged_unions import UntaggedUnion

from ..keywords.schema_index import SchemaIndex
from ..source.document import Json
from .compilation import compilation_problems
from .object_rules import object_check
from .proof import Proof
from .sandbox import temporary_module
from .type_info import without_metadata
from .unproven import Unproven

__all__ = ["Prover", "Unproven", "compilation_problems", "prover"]

NO_NAMES: Mapping[str, object] = {}


MAX_REFERRING = 16
"""Maximum number of checks of schemas with references; each compiles the definitions that it reaches once more."""


class Prover:
    """Proofs about the types of one module."""

    def __init__(self, names: Mapping[str, object], schema: dict[str, Json], *, formats: bool) -> None:
        """Prepare the proofs.

        Args:
            names: Names of the module, for annotations.
            schema: Schema document; all pointers refer to it.
            formats: True if ``format`` is asserted.
        """
        self._names = names
        self._types: dict[str, inspect.Type] = {}
        """Known results of :meth:`_info`."""
        self._index = SchemaIndex(schema)
        self._validator = SchemaValidator(json.dumps(schema), formats=formats)
        self._proof = Proof(self._index, self._validator, formats=formats)

    def unproven(self, annotation: str, pointer: str) -> list[Unproven]:
        """Return the keywords that a type does not guarantee.

        Args:
            annotation: Type, as code of the module.
            pointer: JSON Pointer to the schema.
        """
        return self._proof.unproven(self._index.node(pointer), self._info(annotation))

    def residual_checks(self, annotation: str, pointer: str) -> tuple[ResidualCheck, ...]:
        """Return the checks that remain after msgspec has accepted a value.

        Either all of them check the decoded value, or all check its JSON; otherwise, one check covers the whole value
        as JSON.

        Args:
            annotation: Type, as code of the module.
            pointer: JSON Pointer to the schema.
        """
        type_ = self._info(annotation)
        unproven = self._proof.unproven(self._index.node(pointer), type_)
        decoded = [
            found.decoded_check or object_check(self._proof, found, without_metadata(type_)) for found in unproven
        ]
        checks = _distinct(decoded)
        if checks is None:
            checks = _distinct([found.json_check for found in unproven])
        too_many = checks is not None and sum(map(self._refers, checks)) > MAX_REFERRING
        found = (JsonCheck(pointer),) if checks is None or too_many else checks
        payload = Payload(type=self._evaluate(annotation), schema=pointer, residual_checks=found)
        ResidualChecks(payload, self._validator)  # compiles them, as the server does at start-up
        return found

    def proved_alternatives(self) -> Iterator[tuple[str, str]]:
        """Yield the name of an untagged union and a pointer, for each alternative that guarantees its schema."""
        for name, union in self._names.items():
            if isinstance(union, UntaggedUnion):
                positions: dict[str, list[int]] = {}
                for position, (_, pointer) in enumerate(union.alternatives):
                    positions.setdefault(pointer, []).append(position)
                for pointer, found in positions.items():
                    if pointer and all(self._proof.proves_alternative(union, position) for position in found):
                        yield name, pointer

    def _refers(self, check: ResidualCheck) -> bool:
        """Return True if a check covers a schema with references, which are compiled with it."""
        schema = check.schema
        if isinstance(schema, InlineSchema):
            return REFERENCE.search(schema.text) is not None
        return has_references(self._index.node(schema).schema)

    def _info(self, annotation: str) -> inspect.Type:
        if annotation not in self._types:
            self._types[annotation] = inspect.type_info(self._evaluate(annotation))
        return self._types[annotation]

    def _evaluate(self, annotation: str) -> Any:  # a type
        return eval(annotation, dict(self._names))


def _distinct(checks: Sequence[ResidualCheck | None]) -> tuple[ResidualCheck, ...] | None:
    """Return each check once; None if one of them is None."""
    found = [check for check in checks if check is not None]
    return tuple(dict.fromkeys(found)) if len(found) == len(checks) else None


@contextmanager
def prover(
    source: str, schema: dict[str, Json], *, formats: bool, names: Mapping[str, object] = NO_NAMES
) -> Iterator[Prover]:
    """Provide the prover for the types in ``source``, which is generated code.

    Args:
        source: Code of the types.
        schema: Schema document.
        formats: True if ``format`` is asserted.
        names: Types of other modules that the code refers to, by name.
    """
    with temporary_module(source, names) as module:
        yield Prover(vars(module), schema, formats=formats)
