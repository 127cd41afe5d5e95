"""Definitions that all endpoints share."""

from __future__ import annotations

from collections.abc import Iterable

from .endpoint import Endpoint
from .renaming import renamed
from .types import Definition

__all__ = ["shared_definitions"]


def shared_definitions(endpoints: Iterable[Endpoint]) -> tuple[Definition, ...]:
    """Return the definitions that ``endpoints`` share, with their common names, in the order of the schema files."""
    found: dict[str, Definition] = {}
    positions: dict[str, tuple[str, int, int]] = {}
    for endpoint in endpoints:
        for definition in endpoint.definitions:
            name = endpoint.shared.get(definition.name)
            if name is not None and name not in found:
                location = endpoint.source_locations[definition.pointer]()
                positions[name] = location.file, location.line, location.column
                found[name] = renamed(definition, endpoint.shared)
    return tuple(found[name] for name in sorted(found, key=lambda name: (positions[name], name)))
