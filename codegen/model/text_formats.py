"""Strings whose format has a type of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .parts import part_names
from .types import Alias, Definition, Enumeration, Map, Ref, Scalar, Type, Union

__all__ = ["TEXT_FORMATS", "accepts_several_texts", "has_formats", "typed_format"]

TEXT_FORMATS = frozenset(
    {
        *("date", "date-time", "duration", "email", "hostname", "idn-email", "idn-hostname", "ipv4", "ipv6", "iri"),
        *("iri-reference", "json-pointer", "regex", "relative-json-pointer", "time", "uri", "uri-reference"),
        *("uri-template", "uuid"),
    }
)
"""Formats of text (JSON Schema 2020-12, Validation, section 7.3)."""
LENGTHS = {"date": (10, 10), "date-time": (20, 32), "time": (9, 21), "uuid": (36, 36)}
"""Shortest and longest text that is sent for a value, by format.

A model sends a URL or an email address in another spelling than the received one, and no type of Python has the months
of a ``duration``.
"""
CANONICAL = "date"
"""Format with one text for each value."""


def typed_format(type_: Type) -> str | None:
    """Return the format of a string that can have the type of its format; None for all other types.

    A pattern, and a limit of the length, may reject the text that would be sent for an accepted value.
    """
    if not isinstance(type_, Scalar) or type_.type != "string" or type_.constraints.format not in LENGTHS:
        return None
    constraints, format_ = type_.constraints, type_.constraints.format
    shortest, longest = LENGTHS[format_]
    is_long = constraints.min_length is None or constraints.min_length <= shortest
    is_short = constraints.max_length is None or constraints.max_length >= longest
    has_spelling = constraints.pattern is not None and format_ != CANONICAL
    return format_ if is_long and is_short and not has_spelling else None


def accepts_several_texts(types: Iterable[Type], definitions: Mapping[str, Definition]) -> bool:
    """Return True if several members of a union are strings; so the type of one could convert a text of another."""
    queue, visited, found = [*types], set[str](), 0
    while queue:
        match queue.pop():
            case Scalar(type="string"):
                found += 1
            case Enumeration(values=values):
                found += any(isinstance(value, str) for value in values)
            case Union(members=members):
                queue += members
            case Ref(name=name) if name not in visited:
                visited.add(name)
                definition = definitions[name]
                queue += (definition.type,) if isinstance(definition, Alias) else ()
            case _:
                pass
    return found > 1


def has_formats(part: Any) -> bool:  # a type or a definition
    """Return True if a type or a definition contains a string with a format, except as names of properties."""
    match part:
        case Scalar(type="string"):
            return part.constraints.format is not None
        case Map():
            return has_formats(part.value)
        case tuple():
            return any(map(has_formats, part))
        case _:
            return any(has_formats(getattr(part, name)) for name in part_names(part.__class__))
