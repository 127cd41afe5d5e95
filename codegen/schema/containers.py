"""References to files that only contain definitions, so that every value is valid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Json
from .drafts import CONTAINERS, Draft, keywords
from .links import Link

__all__ = ["container_warnings"]

_WITHOUT_EFFECT = frozenset(
    {
        *("$anchor", "$comment", "$dynamicAnchor", "$id", "$schema", "$vocabulary", *CONTAINERS),
        *("default", "deprecated", "description", "examples", "readOnly", "title", "writeOnly"),
    }
)
_VALIDATING = keywords(Draft.DRAFT202012) - _WITHOUT_EFFECT


def container_warnings(link: Link) -> Iterator[Problem]:
    """Yield a warning about a reference to a whole file without a schema at its root."""
    reference, target = link.reference, link.target
    if link.problem or target is None or reference.fragment or target.file.start(reference.address) != "":
        return
    root = target.file.document.root
    first = next(_definitions(root), None)
    if first is not None and _VALIDATING.isdisjoint(root):
        problem = link.source.file.original.problem(
            reference.pointer,
            "reference_to_container",
            "every value is valid, because the file has definitions, but no schema at its root",
            got=f'"{reference.value}"',
            hint=f"refer to a definition, such as {reference.value.removesuffix('#')}#{first}",
        )
        yield replace(problem, severity="warning")


def _definitions(root: Json) -> Iterator[str]:
    """Yield pointers to the definitions of a file of JSON Schema or OpenAPI."""
    for pointer in (*(f"/{container}" for container in CONTAINERS), "/components/schemas"):
        try:
            found = json_pointer.resolve(root, pointer)
        except LookupError:
            continue
        if isinstance(found, dict):
            yield from (json_pointer.join(pointer, name) for name in found)
