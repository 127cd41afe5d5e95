"""Renaming of the definitions in parts of the model."""

from __future__ import annotations

import operator
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
        members = [renamed(member, names) for member in part]
        return part if all(map(operator.is_, members, part)) else tuple(members)
    attributes = part_names(part.__class__)
    if not attributes and not isinstance(part, Call | Ref):
        return part
    parts = {name: getattr(part, name) for name in attributes}
    changes = {name: new for name, old in parts.items() if (new := renamed(old, names)) is not old}
    if isinstance(part, Alias | Call | Record | Ref):
        changes["name"] = names[part.name]
    return replace(part, **changes) if changes else part
