"""Errors in unused definitions of other people's files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ..schema.faulty_definitions import unused
from ..source.diagnostics import Problem
from .bundle import Bundle
from .number_precision import precision_problems
from .reachable_schemas import reachable_schemas
from .regex_support import support_problems
from .schema_index import SchemaIndex

__all__ = ["CheckedBundle", "checked_bundle"]


@dataclass(frozen=True, kw_only=True)
class CheckedBundle:
    """Bundle with the problems of its patterns and numbers."""

    bundle: Bundle
    """Schemas of the endpoint."""
    index: SchemaIndex
    """Index of the same schemas."""
    problems: tuple[Problem, ...]
    """Problems of these schemas."""
    unused: tuple[Problem, ...]
    """Warnings about definitions that the bundle does not contain, because they have errors."""


def checked_bundle(bundle: Bundle, *, bigint: bool) -> CheckedBundle:
    """Check patterns and numbers; if files of others have errors, leave out their unused definitions.

    Args:
        bundle: Schemas of an endpoint.
        bigint: True if the page has integers beyond 2**53 as ``bigint``.
    """
    index = SchemaIndex(bundle.root)
    found = tuple(_problems(bundle, index, bigint=bigint))
    others = {document.text.file for document, _ in bundle.parts.values() if document.is_third_party}
    if not any(problem.file in others for problem in found):
        return CheckedBundle(bundle=bundle, index=index, problems=found, unused=())
    smaller = replace(bundle, root=reachable_schemas(bundle.root, _needed(bundle, index)))
    index = SchemaIndex(smaller.root)
    remaining = tuple(_problems(smaller, index, bigint=bigint))
    left_out = {*found} - {*remaining}
    return CheckedBundle(bundle=smaller, index=index, problems=remaining, unused=tuple(map(unused, left_out)))


def _problems(bundle: Bundle, index: SchemaIndex, *, bigint: bool) -> Iterator[Problem]:
    yield from support_problems(bundle, index)
    yield from precision_problems(bundle, index, bigint=bigint)


def _needed(bundle: Bundle, index: SchemaIndex) -> Iterable[str]:
    """Yield the references of payloads, and the pointers to all schemas in files of the user."""
    yield from (reference["$ref"] for reference in bundle.references.values())
    for visit in index.visits:
        document, _ = bundle.origin(visit.pointer)
        if not document.is_third_party:
            yield visit.pointer
