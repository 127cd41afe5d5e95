"""Walk through the schemas of a document."""

from __future__ import annotations

from collections.abc import Iterator

from ..keywords.payloads import payload_schemas
from ..keywords.vocabulary import walk
from ..source import json_pointer
from ..source.document import Document
from .finding import Schema

__all__ = ["schemas_of"]


def schemas_of(document: Document) -> Iterator[tuple[str, Schema]]:
    """Yield the pointer and the keywords of each schema of a document in 2020-12."""
    if not document.is_endpoint:
        roots = [("", document.root)]
    else:
        definitions = document.root.get("$defs", {}).items()
        roots = [(json_pointer.join("/$defs", name), schema) for name, schema in definitions]
        roots += [(payload.pointer, payload.schema) for payload in payload_schemas(document)]
    for pointer, root in roots:
        yield from ((visit.pointer, visit.schema) for visit in walk(root, "", pointer))
