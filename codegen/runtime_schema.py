"""The schema document that a server judges by: the bundle, without what refuses nothing."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from .keywords.vocabulary import join, walk
from .source.document import Json

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

FRAGMENT = "!$&'()*+,/:;=?@~"
"""What stands for itself in the fragment of a URI (RFC 3986), beside letters and digits."""


def judged(bundle: Mapping[str, Json]) -> dict[str, Any]:  # to a JSON object
    """Return a copy of a bundle whose verdicts are the same, in which no text is for readers."""
    document: dict[str, Any] = copy.deepcopy(dict(bundle))
    for visit in walk(document, ""):
        if visit.is_schema:
            for keyword in SILENT & visit.schema.keys():
                del visit.schema[keyword]
    _enter_resources(document)
    return document


def _enter_resources(document: dict[str, Any]) -> None:
    """Spell references that lead into an embedded resource with its address.

    Where one leads there by a pointer through the resource around it, the judge forgets that it has been in the latter,
    so that dynamic references would not see its anchors.
    """
    visits = list(walk(document, ""))
    addresses = {
        visit.pointer: visit.base for visit in visits if visit.is_schema and isinstance(visit.schema.get("$id"), str)
    }
    places = {address: pointer for pointer, address in addresses.items()}
    for visit in visits:
        reference = visit.schema.get("$ref")
        if not isinstance(reference, str) or "/" not in reference:
            continue
        address, fragment = join(visit.base, reference)
        if not fragment.startswith("/") or address not in places:
            continue
        target = places[address] + fragment
        around = max((one for one in addresses if f"{target}/".startswith(f"{one}/")), key=len)
        if addresses[around] != address:
            rest = target[len(around) :]
            visit.schema["$ref"] = addresses[around] + (f"#{quote(rest, safe=FRAGMENT)}" if rest else "")
