"""References between definitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .parts import part_names
from .types import Alias, Definition, Record, Ref, Type

__all__ = ["follow", "reachable_aliases", "references"]


def references(part: Any) -> Iterator[str]:  # a type or a definition
    """Yield the names of the definitions to which a part of the model refers directly, in order."""
    if isinstance(part, Ref):
        yield part.name
    elif isinstance(part, tuple):
        for member in part:
            yield from references(member)
    else:
        for name in part_names(part.__class__):
            yield from references(getattr(part, name))


def reachable_aliases(type_: Type, definitions: Mapping[str, Definition]) -> set[str]:
    """Return the names of the aliases that a type contains, except inside records."""
    found: set[str] = set()
    queue = [type_]
    while queue:
        for name in references(queue.pop()):
            alias = definitions[name]
            if isinstance(alias, Alias) and name not in found:
                found.add(name)
                queue.append(alias.type)
    return found


def follow(type_: Type, definitions: Mapping[str, Definition]) -> Type | Record:
    """Return the type behind a chain of references."""
    while isinstance(type_, Ref):
        definition = definitions[type_.name]
        if isinstance(definition, Record):
            return definition
        type_ = definition.type
    return type_
