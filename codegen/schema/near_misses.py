"""Detection of misspelled keywords of JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Document, Json, describe
from .drafts import Draft, draft_of, keywords, subschemas

__all__ = ["intended_keyword", "misspelled_keywords"]

ANNOTATIONS = frozenset(
    {
        *("comment", "cost", "definition", "descriptor", "multiple", "tile", "titles", "typed"),
        *("anchor", "schema", "vocabulary"),  # without $, unrelated to the keywords with it
        "example",  # of OpenAPI
        "propertyName",  # of OpenAPI's discriminators
        "requires",  # of draft-02
    }
)
"""Common names of annotations that resemble a keyword."""

SHORT = 6
"""Length up to which an unrelated word may resemble a keyword by chance."""

ALL_KEYWORDS = frozenset().union(*map(keywords, Draft))
"""Keywords of any draft; other drafts ignore them, but they are not misspelled."""


def misspelled_keywords(
    document: Document, pointer: str, schema: Json, draft: Draft = Draft.DRAFT202012
) -> Iterator[Problem]:
    """Yield a problem for each misspelled keyword of a schema and its subschemas.

    Args:
        document: Document of the schema.
        pointer: Pointer to the schema in ``document``.
        schema: Any value; only an object has keywords.
        draft: Draft of the schema, unless its own ``$schema`` states another.
    """
    if not isinstance(schema, dict):
        return
    draft = draft_of(schema, draft) or draft
    for name in schema:
        keyword = intended_keyword(name, draft)
        if keyword:
            yield document.problem(
                json_pointer.join(pointer, name),
                "misspelled_keyword",
                "misspelled keyword",
                key=True,
                expected=f"a keyword of {draft.title} or a name with the prefix x-",
                got=describe(name),
                hint=f"did you mean {keyword}?",
            )
    for relative, subschema in subschemas(schema):
        yield from misspelled_keywords(document, pointer + relative, subschema, draft)


@cache
def intended_keyword(name: str, draft: Draft) -> str | None:
    """Return the keyword of a draft that ``name`` misspells; None for an annotation.

    Any name can be an annotation, so few differences count as a misspelling: case, underscores, hyphens, a missing
    ``$``; or one letter, two in keywords of more than 8 letters, none in keywords of 3. Keywords of up to 6 letters
    resemble many words: their first letter must match, and no letter may be replaced (``dtype`` is not ``type``,
    ``when`` is not ``then``).
    """
    if name in ANNOTATIONS | ALL_KEYWORDS or not re.match(r"(?!x-)[a-z$]", name, re.IGNORECASE):
        return None
    candidates = [(_distance(name, keyword), keyword) for keyword in keywords(draft) if _is_similar(name, keyword)]
    return min(candidates)[1] if candidates else None


def _is_similar(name: str, keyword: str) -> bool:
    found, wanted = _letters(name), _letters(keyword)
    if found == wanted.removeprefix("$"):
        return True
    allowed = 0 if len(wanted) <= 3 else 1 if len(wanted) <= 8 else 2
    if found.startswith("$") is not wanted.startswith("$") or abs(len(found) - len(wanted)) > allowed:
        return False
    return (len(wanted) > SHORT or found[0] == wanted[0]) and _distance(name, keyword) <= allowed


def _distance(name: str, keyword: str) -> int:
    """Return the number of edits: insertions, deletions, replacements, transpositions (optimal string alignment)."""
    found, wanted = _letters(name), _letters(keyword)
    wrong = 2 if len(wanted) <= SHORT else 1
    before: list[int] = []
    row = list(range(len(wanted) + 1))
    for at, letter in enumerate(found):
        last, before, row = before, row, [at + 1]
        for to, other in enumerate(wanted):
            cost = min(before[to + 1] + 1, row[to] + 1, before[to] + wrong * (letter != other))
            if at and to and letter == wanted[to - 1] and other == found[at - 1]:
                cost = min(cost, last[to - 1] + 1)
            row.append(cost)
    return row[-1]


def _letters(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")
