"""Search for the part of a value that JSON cannot represent."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, TypeAlias

import msgspec

from ..errors import ErrorData
from . import json_pointer
from .json_values import encode
from .kept_members import members_of, misplaced_name

__all__ = ["unencodable_error"]

MAX_PARTS = 100_000
"""Limit of the parts that are searched; a value may contain itself."""

_Place: TypeAlias = "tuple[_Place, str | int] | None"
"""Place of the outer part, and the name in it; None for the whole value."""


def unencodable_error(value: Any) -> ErrorData:
    """Return the error of the first part of a value that cannot be encoded; its pointer is empty if none is found."""
    stack: list[tuple[_Place, Any]] = [(None, value)]
    for _ in range(MAX_PARTS):
        if not stack:
            break
        place, part = stack.pop()
        members = list(_members(part))
        got = None if members else _unencodable(part)
        if got is not None:
            return _error(f"expected JSON, got {got}", place)
        misplaced = misplaced_name(part)
        if misplaced is not None:
            return _error("expected additional properties, got a declared property", (place, misplaced))
        stack += [((place, name), member) for name, member in reversed(members)]
    return _error("expected JSON, got a value that contains itself or names that are not strings", None)


def _error(message: str, place: _Place) -> ErrorData:
    names: list[str | int] = []
    while place is not None:
        place, name = place
        names.append(name)
    return ErrorData(code="invalid_message", message=message, pointer=json_pointer.join(names[::-1]))


def _members(part: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(part, msgspec.Struct):
        yield from members_of(part)
    elif isinstance(part, dict):
        yield from ((str(name), member) for name, member in part.items())
    elif isinstance(part, list | tuple):
        yield from enumerate(part)


def _unencodable(part: Any) -> str | None:
    """Return the type of a part, or its value if its type is a type of JSON values; None if it can be encoded."""
    if isinstance(part, float) and not math.isfinite(part):
        return float.__repr__(part)
    try:
        encode(part)
    except UnicodeError:
        return "a string with a lone surrogate"
    except (TypeError, ValueError, RecursionError):
        return type(part).__name__
    return None
