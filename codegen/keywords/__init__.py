"""JSON Schema keywords as the model: types, validators, names, and one schema document for each endpoint.

No other part of codegen depends on the meaning of a JSON Schema keyword.

Imports: ``source``, ``identifiers``, ``regex``, ``model``, ``schema``.

Entry points: :func:`build`, :func:`read` and :func:`share`.
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import model
from ..source.document import Document
from .endpoint_reader import ReadEndpoint, read
from .sharing import share

__all__ = ["ReadEndpoint", "build", "read", "share"]

DEFAULT_OPTIONS = model.Options()


def build(
    document: Document, documents: Sequence[Document], options: model.Options = DEFAULT_OPTIONS
) -> model.Endpoint:
    """Build the model of the endpoint that ``document`` describes.

    Args:
        document: Valid endpoint document.
        documents: All files of its folder.
        options: Options of the project.

    Raises:
        SchemaProblems: If the schemas have problems; it contains all of them.
    """
    return read(document, documents, options).model
