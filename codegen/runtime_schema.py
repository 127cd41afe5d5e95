"""Schema document of the server: the bundle of an endpoint without annotations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .keywords.reachable_schemas import reachable_schemas
from .keywords.single_resource import merge_resources
from .keywords.union_tags import TAG_KEYWORD
from .keywords.vocabulary import ANNOTATIONS, Visit, walk
from .model import Endpoint, once_per_endpoint
from .schema.drafts import Draft, keywords
from .source import json_pointer
from .source.document import Json, copy_json
from .source.uri import BASE

__all__ = ["documented_schema", "runtime_schema", "server_schema"]

REMOVED = ANNOTATIONS - {"contentSchema"}
"""Keywords without effect on validation, and without schemas that a reference could target."""

KEPT = (keywords(Draft.DRAFT202012) | {"dependencies", TAG_KEYWORD}) - REMOVED
"""Keywords that the schema validator or the runtime reads. Unknown ones, such as ``paths`` of OpenAPI, are removed."""

UNDOCUMENTED = REMOVED - {"default", "deprecated", "description", "examples", "title"}
"""Annotations that are not for readers."""


@once_per_endpoint
def server_schema(endpoint: Endpoint) -> dict[str, Any]:  # a JSON object
    """Return the schema document of the server for an endpoint; callers do not change it."""
    return runtime_schema(_reachable(endpoint), kept=_files(endpoint))


def documented_schema(endpoint: Endpoint) -> dict[str, Any]:  # a JSON object
    """Return the same document with annotations for readers."""
    return runtime_schema(_reachable(endpoint), is_documented=True, kept=_files(endpoint))


def runtime_schema(
    bundle: Mapping[str, Json], *, is_documented: bool = False, kept: Sequence[str] = ()
) -> dict[str, Any]:  # a JSON object
    """Return a copy of a bundle that accepts the same values, without annotations.

    Args:
        bundle: Document with all schemas of an endpoint.
        is_documented: True to keep annotations for readers, unless they contain objects, which resemble schemas.
        kept: Pointers to resources that keep their address.
    """
    document: dict[str, Any] = copy_json(dict(bundle))
    patterns = document.get("patterns")
    visits: list[Visit] = []
    for visit in walk(document, ""):
        visits.append(visit)
        for keyword in visit.schema.keys() - KEPT:
            if not is_documented or keyword in UNDOCUMENTED or _has_objects(visit.schema[keyword]):
                del visit.schema[keyword]
    if patterns is not None:
        document["patterns"] = patterns  # of the bundle; the runtime reads them
    merge_resources(visits, kept)
    return document


def _reachable(endpoint: Endpoint) -> dict[str, Json]:
    parts = (*endpoint.payloads, *endpoint.definitions)
    return reachable_schemas(endpoint.bundle, [part.pointer for part in parts])


def _files(endpoint: Endpoint) -> list[str]:
    """Return the pointers to files that have the address of their path; shared types may refer to them by it."""
    return [json_pointer.join("/$defs", name) for name in endpoint.bundle.get("$defs", {}) if name.startswith(BASE)]


def _has_objects(value: Json) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_has_objects, value)))
