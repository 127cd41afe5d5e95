"""Rules for endpoint documents beyond the meta-schema: names, combinations of keywords, paths and pointers.

Imports: ``source``, ``identifiers``, ``model``, ``keywords``.

Entry points: :func:`check`, :func:`check_folder` and :func:`check_model`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .. import model
from ..source.diagnostics import Problem
from ..source.document import Document
from . import combinations, latest_pointer, names, paths

__all__ = ["check", "check_folder", "check_model"]


def check(document: Document) -> Iterator[Problem]:
    """Yield the problems with an endpoint document that is valid against the meta-schema."""
    yield from names.check(document)
    yield from combinations.check(document)
    yield from paths.check(document)


def check_folder(documents: Sequence[Document]) -> Iterator[Problem]:
    """Yield the problems between the documents of a folder."""
    yield from names.check_folder(documents)
    yield from paths.check_folder(documents)


def check_model(endpoint: model.Endpoint, document: Document) -> Iterator[Problem]:
    """Yield the problems that depend on the types of an endpoint."""
    yield from paths.check_params(endpoint, document)
    yield from latest_pointer.check(endpoint, document)
