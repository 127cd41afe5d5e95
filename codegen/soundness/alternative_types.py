"""Types of the alternatives of untagged unions, with the constants of the tag that selects them."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import inspect, structs

from tornado_ws.endpoint import Tag
from tornado_ws.validation.untagged_unions import UntaggedUnion

from ..source.document import Json

__all__ = ["AlternativeTypes"]

RECORDS = inspect.StructType | inspect.TypedDictType


class AlternativeTypes:
    """Types of alternatives; each is created once, since claims of the proof compare types by identity."""

    def __init__(self) -> None:
        self._types: dict[tuple[UntaggedUnion, int], inspect.Type] = {}

    def of(self, union: UntaggedUnion, position: int) -> inspect.Type:
        """Return the type of an alternative; properties of the tag have no other values than those that select it."""
        key = union, position
        if key not in self._types:
            types = [inspect.type_info(alternative) for alternative, _ in union.alternatives]
            type_ = types[position]
            if union.tag is not None and isinstance(type_, RECORDS) and _count_records(types) > 1:
                type_ = _with_constants(type_, _constants(union.tag, position) or {})
            self._types[key] = type_
        return self._types[key]


def _count_records(types: list[inspect.Type]) -> int:
    """Return the number of records, among which the tag selects; a single one needs no tag."""
    return sum(isinstance(type_, RECORDS) for type_ in types)


def _constants(tag: Tag, position: int) -> Mapping[str, tuple[Json, ...]] | None:
    """Return the constants of each property that always select an alternative; None if the tag does not select it."""
    found: list[dict[str, tuple[Json, ...]]] = []
    for values, selected in tag.choices:
        inner = _constants(selected, position) if isinstance(selected, Tag) else {} if selected == position else None
        if inner is not None:
            found.append({tag.name: values, **inner})
    if not found:
        return None
    names = [name for name in found[0] if all(name in one for one in found)]
    return {name: tuple(value for one in found for value in one[name]) for name in names}


def _with_constants(
    type_: inspect.StructType | inspect.TypedDictType, constants: Mapping[str, tuple[Json, ...]]
) -> inspect.Type:
    fields = tuple(
        structs.replace(field, type=inspect.LiteralType(constants[field.encode_name]), required=True)
        if field.encode_name in constants
        else field
        for field in type_.fields
    )
    return structs.replace(type_, fields=fields)
