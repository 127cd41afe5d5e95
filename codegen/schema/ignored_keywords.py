"""Detection of keywords that the draft of a schema ignores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Document, Json
from .drafts import Draft, draft_of, keywords, subschemas

__all__ = ["ignored_keywords"]

HARMLESS = frozenset({"contentSchema", "dependencies", "description", "id", "title", "type"})
"""Keywords without a warning: annotations, names that annotations have too, and types, which references repeat."""
ANNOTATIONS = frozenset(
    {"contentEncoding", "contentMediaType", "default", "definitions", "deprecated", "examples", "readOnly", "writeOnly"}
)
"""Keywords that reject no value."""


def ignored_keywords(document: Document, pointer: str, schema: Json, draft: Draft) -> Iterator[Problem]:
    """Yield a warning for each keyword of a schema and its subschemas that its draft ignores.

    Args:
        document: Document of the schema.
        pointer: Pointer to the schema in ``document``.
        schema: Any JSON value; only an object has keywords.
        draft: Draft of the schema, unless its own ``$schema`` declares another.
    """
    if not isinstance(schema, dict):
        return
    draft = draft_of(schema, draft) or draft
    hides_siblings = draft <= Draft.DRAFT7 and "$ref" in schema
    for name in schema:
        reason = _reason(name, draft, hides_siblings=hides_siblings)
        if reason is not None:
            message, hint = reason
            place = json_pointer.join(pointer, name)
            problem = document.problem(place, "ignored_keyword", message, key=True, got=f'"{name}"', hint=hint)
            yield replace(problem, severity="warning")
    for relative, subschema in subschemas(schema):
        yield from ignored_keywords(document, pointer + relative, subschema, draft)


def _reason(name: str, draft: Draft, *, hides_siblings: bool) -> tuple[str, str] | None:
    """Return the message and the hint for an ignored keyword; None for other names."""
    drafts = [other for other in Draft if name in keywords(other)]
    if not drafts or name.startswith("$") or name in HARMLESS:
        return None
    if hides_siblings and name not in ANNOTATIONS:
        return f"{draft.title} ignores keywords beside $ref", 'move the reference to "allOf": [{"$ref": …}]'
    if draft not in drafts:
        other = drafts[0] if draft < drafts[0] else drafts[-1]
        return f"{draft.title} ignores a keyword of {other.title}", f'declare "$schema": "{other.uri}" if you mean it'
    return None
