"""Finds names in schemas that are no keywords of JSON Schema, but look like one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Document, Json, describe
from .drafts import Draft, below, draft_of, keywords

__all__ = ["meant", "misspelled"]

FOREIGN = frozenset(
    {
        *("comment", "cost", "definition", "descriptor", "multiple", "tile", "titles", "typed"),
        *("anchor", "schema", "vocabulary"),  # others than those with a dollar
        "example",  # of OpenAPI
        "propertyName",  # of OpenAPI's discriminators
        "requires",  # of draft-02
    }
)
"""Names that people do give to annotations, though near to a keyword; what is far from all needs no mention."""

SHORT = 6
"""Letters of keywords that a word may be near to by chance."""

EVER = frozenset().union(*map(keywords, Draft))
"""Keywords of any draft: in the others they say nothing, but are no mistakes in writing."""


def misspelled(document: Document, pointer: str, schema: Json, draft: Draft = Draft.DRAFT202012) -> Iterator[Problem]:
    """Yield a problem for each misspelled keyword of a schema, and of those in it.

    Args:
        document: Where it stands.
        pointer: Where in it.
        schema: Any value; what is no schema has no keywords.
        draft: What it is written in, unless it says otherwise itself.

    """
    if not isinstance(schema, dict):
        return
    draft = draft_of(schema, draft) or draft
    for name in schema:
        keyword = meant(name, draft)
        if keyword:
            yield document.problem(
                json_pointer.join(pointer, name),
                "misspelled_keyword",
                "misspelled keyword",
                key=True,
                expected=f"a keyword of {draft.title}, or a name that begins with x-",
                got=describe(name),
                hint=f"did you mean {keyword}?",
            )
    for place, each in below(schema):
        yield from misspelled(document, pointer + place, each, draft)


@cache
def meant(name: str, draft: Draft) -> str | None:
    """Return which keyword of a draft somebody who wrote ``name`` must have meant; None for annotations.

    Anything can be an annotation, so little may be wrong: case, underscores and hyphens, a dollar left out; or one
    letter, two in long keywords, none in those of three. Short ones are near to many words: there the first letter is
    right, and no letter stands for another (``dtype`` is not ``type``, ``when`` is not ``then``).
    """
    if name in FOREIGN | EVER or not re.match(r"(?!x-)[a-z$]", name, re.IGNORECASE):
        return None
    near = [(_distance(name, keyword), keyword) for keyword in keywords(draft) if _is_near(name, keyword)]
    return min(near)[1] if near else None


def _is_near(name: str, keyword: str) -> bool:
    found, wanted = _letters(name), _letters(keyword)
    if found == wanted.removeprefix("$"):
        return True
    allowed = 0 if len(wanted) <= 3 else 1 if len(wanted) <= 8 else 2
    if found.startswith("$") is not wanted.startswith("$") or abs(len(found) - len(wanted)) > allowed:
        return False
    return (len(wanted) > SHORT or found[0] == wanted[0]) and _distance(name, keyword) <= allowed


def _distance(name: str, keyword: str) -> int:
    """Return how many letters are missing, too many, wrong or exchanged (optimal string alignment)."""
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
