"""Renaming of the definitions in parts of the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .parts import part_names
from .types import Alias, Record, Ref
from .validators import Call

__all__ = ["renamed"]


def renamed(part: Any, names: Mapping[str, str]) -> Any:  # a value of the same type
    """Return a part of the model with other names for definitions and named validators."""
    if isinstance(part, tuple):
        return tuple([renamed(member, names) for member in part])
    attributes = part_names(part.__class__)
    if not attributes and not isinstance(part, Call | Ref):
        return part
    changes = {name: renamed(getattr(part, name), names) for name in attributes}
    if isinstance(part, Alias | Call | Record | Ref):
        changes["name"] = names[part.name]
    return replace(part, **changes)
