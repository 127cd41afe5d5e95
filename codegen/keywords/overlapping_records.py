"""Records that keep undeclared properties, because another alternative of ``anyOf`` may declare them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from .. import model

__all__ = ["with_kept_overlaps"]

MAX_RECORDS = 100
"""Limit of the records of a union that are compared in pairs; in a larger union, all of them keep properties."""


def with_kept_overlaps(
    definitions: Iterable[model.Definition], unions: Iterable[Sequence[model.Type]]
) -> tuple[model.Definition, ...]:
    """Return ``definitions`` in which no record of a union drops a property that another one declares.

    A value may be valid for several alternatives. Its type is the alternative that declares most of its properties;
    the record keeps the others.

    Args:
        definitions: All named types.
        unions: Alternatives of each ``anyOf`` without a tag.
    """
    named = {definition.name: definition for definition in definitions}
    kept: set[str] = set()
    queue, visited = [tuple(union) for union in unions], set[str]()
    while queue:
        types = queue.pop()
        if repr(types) in visited:
            continue
        visited.add(repr(types))
        members = list(_members(types, named, set()))
        records = [member for member in members if isinstance(member, model.Record) and not member.closed]
        if any(isinstance(member, model.Map) for member in members):
            kept.update(record.name for record in records)
        if len(records) > MAX_RECORDS:
            kept.update(record.name for record in records)
            continue
        for record, other in combinations(records, 2):
            if model.type_tag([model.Ref(name=one.name) for one in (record, other)], named) is not None:
                continue  # no value is valid for both
            names, others = ({field.name for field in one.fields} for one in (record, other))
            if not (names <= others or names >= others):  # otherwise the larger one is chosen
                kept.update((record.name, other.name))
            types_by_name = {field.name: field.type for field in other.fields}
            queue += [(field.type, types_by_name[field.name]) for field in record.fields if field.name in others]
        items = [member.item for member in members if isinstance(member, model.Array)]
        values = [member.value for member in members if isinstance(member, model.Map)]
        queue += [tuple(parts) for parts in (items, values) if len(parts) > 1]
    return tuple(
        replace(one, keeps=True) if isinstance(one, model.Record) and one.name in kept else one
        for one in named.values()
    )


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
