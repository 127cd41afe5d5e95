"""Renaming of the definitions in parts of the model."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from .parts import part_names
from .types import Alias, Record, Ref
from .validators import Call

__all__ = ["renamed"]


def renamed(part: Any, names: Mapping[str, str]) -> Any:  # a value of the same type
    """Return a part of the model with other names for definitions and named validators."""
    cls = part.__class__
    if cls is tuple:
        members = [renamed(member, names) for member in part]
        return part if all(map(operator.is_, members, part)) else tuple(members)
    if cls is Call or cls is Ref:
        return cls(name=names[part.name])
    changes = {}
    for name in part_names(cls):
        old = getattr(part, name)
        new = renamed(old, names)
        if new is not old:
            changes[name] = new
    if cls is Alias or cls is Record:
        changes["name"] = names[part.name]
    return replace(part, **changes) if changes else part
