"""Calls and literals of arrays and objects."""

from __future__ import annotations

from collections.abc import Iterable

from ..templates import Code
from .typescript_printer import Group, Part

__all__ = ["array_literal", "call", "object_literal"]


def call(function: Code, *arguments: Part) -> Part:
    """Return a call of ``function``."""
    return Group(opening=f"{function}(", parts=arguments, closing=")")


def array_literal(parts: Iterable[Part]) -> Part:
    """Return an array literal."""
    return Group(opening="[", parts=tuple(parts), closing="]")


def object_literal(properties: Iterable[tuple[Code, Part]]) -> Part:
    """Return an object literal."""
    parts = tuple(_property(name, part) for name, part in properties)
    return Group(opening="{", parts=parts, closing="}", spaced=True)


def _property(name: Code, part: Part) -> Part:
    if isinstance(part, Code):
        return Code(f"{name}: {part}")
    return Group(opening=f"{name}: {part.opening}", parts=part.parts, closing=part.closing, spaced=part.spaced)
