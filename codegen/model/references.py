"""References between definitions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .parts import part_names
from .types import Ref

__all__ = ["references"]


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
