"""Records that keep undeclared properties, because another alternative of a union may declare or judge them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, permutations

from msgspec.structs import replace

from .. import model

__all__ = ["with_kept_overlaps"]

MAX_RECORDS = 100
"""Limit of the records of a union that are compared in pairs; in a larger union, all of them keep properties."""


def with_kept_overlaps(
    definitions: Iterable[model.Definition],
    unions: Iterable[Sequence[model.Type]],
    exclusive: Iterable[Sequence[model.Type]] = (),
) -> tuple[model.Definition, ...]:
    """Return ``definitions`` in which no record of a union drops a property that another one needs.

    A value may be valid for several alternatives of ``anyOf``. Its type is the alternative that declares most of its
    properties; the record keeps the others. A value may be valid for only one alternative of ``oneOf`` because the
    others reject a property that this one does not declare. The record keeps it, so that the value remains valid.

    Args:
        definitions: All named types.
        unions: Alternatives of each ``anyOf`` without a tag.
        exclusive: Alternatives of each ``oneOf`` without a tag.
    """
    named = {definition.name: definition for definition in definitions}
    kept: set[str] = set()
    queue = [(tuple(types), alone) for alone, found in ((False, unions), (True, exclusive)) for types in found]
    visited = set[str]()
    while queue:
        types, alone = queue.pop()
        if repr((types, alone)) in visited:
            continue
        visited.add(repr((types, alone)))
        members = list(_members(types, named, set()))
        records = [one for one in members if isinstance(one, model.Record) and (alone or not one.closed)]
        if len(records) > MAX_RECORDS or any(isinstance(member, model.Map) for member in members):
            kept.update(record.name for record in records if not record.closed)
        if len(records) > MAX_RECORDS:
            continue
        for pair in combinations(records, 2):
            if model.type_tag([model.Ref(name=one.name) for one in pair], named) is not None:
                continue  # no value is valid for both
            kept.update(_kept_of_pair(*pair, alone=alone))
            if not alone or not _are_exclusive(*pair):
                queue += [(types, alone) for types in _types_in_common(*pair)]
        items = [member.item for member in members if isinstance(member, model.Array)]
        values = [member.value for member in members if isinstance(member, model.Map)]
        queue += [(tuple(parts), alone) for parts in (items, values) if len(parts) > 1]
    return tuple(
        replace(one, keeps=True) if isinstance(one, model.Record) and one.name in kept else one
        for one in named.values()
    )


def _kept_of_pair(record: model.Record, other: model.Record, *, alone: bool) -> Iterator[str]:
    """Yield the names of the records that keep the properties that the other one declares or judges."""
    names, others = _names(record), _names(other)
    if alone:
        yield from (one.name for one, two in permutations((record, other)) if _needs_all(one, two))
    elif not (names <= others or names >= others):  # otherwise the larger one is chosen
        yield from (record.name, other.name)


def _are_exclusive(record: model.Record, other: model.Record) -> bool:
    """Return True if a value with only the properties of one record is never valid for the other."""
    return bool(_required(record) - _names(other) and _required(other) - _names(record))


def _types_in_common(record: model.Record, other: model.Record) -> Iterator[tuple[model.Type, model.Type]]:
    """Yield both types of each property that two records declare."""
    types = {field.name: field.type for field in other.fields}
    yield from ((field.type, types[field.name]) for field in record.fields if field.name in types)


def _needs_all(record: model.Record, other: model.Record) -> bool:
    """Return True if ``other`` may become valid for a value of ``record`` without its undeclared properties."""
    names = _names(record)
    judges = other.closed or other.keeps or other.rest is not None or not _names(other) <= names
    return not record.closed and judges and _required(other) <= names


def _names(record: model.Record) -> set[str]:
    return {field.name for field in record.fields}


def _required(record: model.Record) -> set[str]:
    return {field.name for field in record.fields if field.required}


def _members(
    types: Iterable[model.Type], named: dict[str, model.Definition], visited: set[str]
) -> Iterator[model.Type | model.Record]:
    """Yield the members of unions and the targets of references."""
    for type_ in types:
        match type_:
            case model.Union(members=members):
                yield from _members(members, named, visited)
            case model.Ref(name=name) if name not in visited:
                visited.add(name)
                match named.get(name):
                    case model.Record() as record:
                        yield record
                    case model.Alias(type=aliased):
                        yield from _members((aliased,), named, visited)
            case model.Ref():
                pass
            case _:
                yield type_
