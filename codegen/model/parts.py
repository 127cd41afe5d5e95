"""Parts of the model that may refer to definitions."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from functools import cache
from typing import Any

from msgspec import Struct

__all__ = ["part_names", "parts"]

PLAIN = frozenset({"Constraints", "Json", "bool", "int", "str"})
"""Types of attributes that refer to no definition."""
NAMELESS = ("ClassVar[", "Literal[")
"""Starts of further ones."""


@cache
def part_names(cls: type) -> tuple[str, ...]:
    """Return the attributes of a class of the model that may refer to definitions or named validators."""
    types = inspect.get_annotations(cls) if issubclass(cls, Struct) else {}
    return tuple(name for name, type_ in types.items() if type_ not in PLAIN and not type_.startswith(NAMELESS))


def parts(part: Any) -> Iterable[Any]:  # types, definitions and validators
    """Return the direct parts of a part of the model that may refer to definitions or named validators."""
    return part if isinstance(part, tuple) else [getattr(part, name) for name in part_names(part.__class__)]
