"""Parts of the model that may refer to definitions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

__all__ = ["part_names", "parts"]

PLAIN = frozenset({"Constraints", "Json", "bool", "int", "str"})
"""Types of attributes that refer to no definition."""


@cache
def part_names(cls: type) -> tuple[str, ...]:
    """Return the attributes of a class of the model that may refer to definitions or named validators."""
    attributes = fields(cls) if is_dataclass(cls) else ()
    return tuple(one.name for one in attributes if one.type not in PLAIN and not str(one.type).startswith("Literal["))


def parts(part: Any) -> Iterable[Any]:  # types, definitions and validators
    """Return the direct parts of a part of the model that may refer to definitions or named validators."""
    return part if isinstance(part, tuple) else [getattr(part, name) for name in part_names(part.__class__)]
