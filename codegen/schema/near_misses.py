"""Detection of misspelled keywords of JSON Schema."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import cache

from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Document, Json, describe
from .drafts import Draft, draft_of, keywords, subschemas

__all__ = ["intended_keyword", "misspelled_keywords", "resembles"]

ANNOTATIONS = frozenset(
    {
        *("comment", "cost", "definition", "descriptor", "multiple", "tile", "titles", "typed"),
        *("anchor", "schema", "vocabulary"),  # unrelated to the keywords with $
        "example",  # OpenAPI
        "propertyName",  # discriminators of OpenAPI
        "requires",  # draft-02
    }
)
"""Common names of annotations that resemble a keyword."""

SHORT = 6
"""Length up to which an unrelated word may resemble a keyword by chance."""

ALL_KEYWORDS = frozenset().union(*map(keywords, Draft))
"""Keywords of any draft; other drafts ignore them, but they are not misspelled."""


def misspelled_keywords(
    document: Document,
    pointer: str,
    schema: Json,
    accept: Collection[str] = (),
    draft: Draft = Draft.DRAFT202012,
) -> Iterator[Problem]:
    """Yield a problem for each misspelled keyword of a schema and its subschemas.

    Args:
        document: Document of the schema.
        pointer: Pointer to the schema in ``document``.
        schema: Any JSON value; only an object has keywords.
        accept: Names of annotations that resemble a keyword.
        draft: Draft of the schema, unless its own ``$schema`` declares another.
    """
    if not isinstance(schema, dict):
        return
    draft = draft_of(schema, draft) or draft
    for name in schema:
        keyword = intended_keyword(name, draft)
        if keyword and name not in accept:
            problem = document.problem(
                json_pointer.join(pointer, name),
                "misspelled_keyword",
                "misspelled keyword",
                key=True,
                expected=f"a keyword of {draft.title} or a name with the prefix x-",
                got=describe(name),
                hint=f"did you mean {keyword}? if not: accept = [{json.dumps(name)}]",
            )
            yield replace(problem, severity="warning" if document.is_third_party else "error")
    for relative, subschema in subschemas(schema):
        yield from misspelled_keywords(document, pointer + relative, subschema, accept, draft)


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
    candidates = [(_distance(name, keyword), keyword) for keyword in keywords(draft) if resembles(name, keyword)]
    return min(candidates)[1] if candidates else None


def resembles(name: str, keyword: str) -> bool:
    """Return True if ``name`` is probably a misspelling of ``keyword``: see :func:`intended_keyword`."""
    actual, expected = _letters(name), _letters(keyword)
    if actual == expected.removeprefix("$"):
        return True
    allowed = 0 if len(expected) <= 3 else 1 if len(expected) <= 8 else 2
    if actual.startswith("$") is not expected.startswith("$") or abs(len(actual) - len(expected)) > allowed:
        return False
    return (len(expected) > SHORT or actual[0] == expected[0]) and _distance(name, keyword) <= allowed


def _distance(name: str, keyword: str) -> int:
    """Return the number of edits: insertions, deletions, replacements, transpositions (optimal string alignment)."""
    actual, expected = _letters(name), _letters(keyword)
    replacement_cost = 2 if len(expected) <= SHORT else 1
    previous: list[int] = []
    row = list(range(len(expected) + 1))
    for index, letter in enumerate(actual):
        second_previous, previous, row = previous, row, [index + 1]
        for column, other in enumerate(expected):
            cost = min(
                previous[column + 1] + 1, row[column] + 1, previous[column] + replacement_cost * (letter != other)
            )
            if index and column and letter == expected[column - 1] and other == actual[index - 1]:
                cost = min(cost, second_previous[column - 1] + 1)
            row.append(cost)
    return row[-1]


def _letters(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")
