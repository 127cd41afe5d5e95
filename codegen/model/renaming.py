"""Renaming of the definitions in parts of the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from .types import Alias, Record, Ref
from .validators import Call

__all__ = ["renamed"]


def renamed(part: Any, names: Mapping[str, str]) -> Any:  # a value of the same type
    """Return a part of the model with other names for definitions and named validators."""
    if isinstance(part, tuple):
        return tuple([renamed(member, names) for member in part])
    if not is_dataclass(part) or isinstance(part, type):
        return part
    changes = {field.name: renamed(getattr(part, field.name), names) for field in fields(part)}
    if isinstance(part, Alias | Call | Record | Ref):
        changes["name"] = names[part.name]
    return replace(part, **changes)
