"""JSON Schema keywords to the model: types, exact checks, names, and one compound document for each endpoint.

Nothing else in codegen names a keyword of JSON Schema.

Imports: ``source``, ``identifiers``, ``regex``, ``model``.

Entry point: :func:`build`.
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import model
from ..source.document import Document
from .endpoint_reader import read

__all__ = ["build"]


def build(document: Document, documents: Sequence[Document], *, format_assertion: bool = False) -> model.Endpoint:
    """Return the endpoint that ``document`` describes.

    Args:
        document: A valid endpoint document.
        documents: All files of its folder.
        format_assertion: Whether ``format`` refuses values; else it is an annotation.

    Raises:
        SchemaProblems: With all that is wrong.

    """
    return read(document, documents, formats=format_assertion)
