"""The schema document that a server judges by: the bundle, without what refuses nothing."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from .document import Json
from .keywords.vocabulary import walk

__all__ = ["judged"]

SILENT = frozenset(
    {
        "$comment",
        "contentEncoding",
        "contentMediaType",
        "default",
        "deprecated",
        "description",
        "examples",
        "readOnly",
        "title",
        "writeOnly",
    }
)
"""Keywords that neither refuse anything nor hold a schema that something could refer to."""


def judged(bundle: Mapping[str, Json]) -> dict[str, Any]:  # to a JSON object
    """Return a copy of a bundle whose verdicts are the same, in which no text is for readers."""
    document: dict[str, Any] = copy.deepcopy(dict(bundle))
    for visit in walk(document, ""):
        if visit.known:
            for keyword in SILENT & visit.schema.keys():
                del visit.schema[keyword]
    return document
