"""Search for special types inside a type."""

from __future__ import annotations

from typing import Any

from .additional_properties import AdditionalPropertiesType
from .untagged_unions import UntaggedUnion, reachable

__all__ = ["has_additional_properties", "has_untagged_union"]


def has_untagged_union(type_: Any) -> bool:
    """Return True if a type contains an untagged union at any depth."""
    return any(isinstance(part, UntaggedUnion) for part in reachable([type_]))


def has_additional_properties(type_: Any) -> bool:
    """Return True if a type contains a record that keeps additional properties, at any depth."""
    return any(isinstance(part, AdditionalPropertiesType) for part in reachable([type_]))
