"""Search for types whose JSON text msgspec would read many times: unions of structs, nested without limit.

msgspec selects the member of a union by the tag of the object. If the tag is the last property, msgspec reads the text
of all others to find it, and again to decode them. So the text of the innermost of n objects is read n times.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec

from .graph_cycles import nodes_in_cycles
from .untagged_unions import field_types, is_record

__all__ = ["has_nested_tags"]


def has_nested_tags(type_: Any) -> bool:
    """Return True if values of a type may contain any number of tagged structs inside each other."""
    parts: dict[Any, set[Any]] = {}
    stack = [*_records(type_)]
    while stack:
        record = stack.pop()
        if record not in parts:
            parts[record] = {inner for field in field_types(record).values() for inner in _records(field)}
            stack += parts[record]
    nested = nodes_in_cycles(parts)
    return any(
        not nested.isdisjoint(members)
        for record in nested
        for field in field_types(record).values()
        for members in _tagged_unions(field)
    )


def _records(type_: Any) -> Iterator[Any]:
    """Yield the records in a type, without those inside them and without those that a hook decodes."""
    return (part for part in _parts(type_) if is_record(part))


def _tagged_unions(type_: Any) -> Iterator[Collection[Any]]:
    """Yield the structs of each union with a tag in a type, without those inside records."""
    for part in _parts(type_):
        if get_origin(part) in (Union, UnionType):
            structs = [member for member in get_args(part) if _is_struct(member)]
            if len(structs) > 1:
                yield structs


def _parts(type_: Any) -> Iterator[Any]:
    stack = [type_]
    while stack:
        part = stack.pop()
        yield part
        stack += get_args(part)


def _is_struct(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, msgspec.Struct)
