"""Tags of records: the constant fields that distinguish the members of unions in the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from .. import model

__all__ = ["with_tags"]


def with_tags(definitions: tuple[model.Definition, ...], others: Iterable[model.Type]) -> tuple[model.Definition, ...]:
    """Return ``definitions`` with a tag for each record in a union with other records.

    Args:
        definitions: All named types.
        others: Types without names that may contain unions.
    """
    named = {definition.name: definition for definition in definitions}
    tags: dict[str, tuple[str, str]] = {}
    for union in [union for type_ in (*_types(definitions), *others) for union in _unions(type_)]:
        records = list(_records(union, named, set()))
        field = (
            next((name for name in _constants(records[0], named) if _distinguishes(name, records, named)), None)
            if len(records) > 1
            else None
        )
        if field is None:
            continue
        candidates = {record.name: (field, _constants(record, named)[field]) for record in records}
        if all(tags.get(name, tag) == tag for name, tag in candidates.items()):
            tags.update(candidates)
    return tuple(
        replace(definition, tag=tags.get(definition.name)) if isinstance(definition, model.Record) else definition
        for definition in definitions
    )


def _distinguishes(name: str, records: list[model.Record], named: dict[str, model.Definition]) -> bool:
    values = [_constants(record, named).get(name) for record in records]
    return None not in values and len(set(values)) == len(values)


def _constants(record: model.Record, named: dict[str, model.Definition]) -> dict[str, str]:
    """Return the required fields of a record that have exactly one possible value, a string."""
    found: dict[str, str] = {}
    for field in record.fields:
        type_ = field.type
        while isinstance(type_, model.Ref) and isinstance(alias := named.get(type_.name), model.Alias):
            type_ = alias.type
        match type_:
            case model.Enumeration(values=(str() as value,)) if field.required:
                found[field.name] = value
    return found


def _records(type_: model.Type, named: dict[str, model.Definition], visited: set[str]) -> Iterator[model.Record]:
    match type_:
        case model.Union(members=members):
            for member in members:
                yield from _records(member, named, visited)
        case model.Ref(name=name) if name not in visited:
            visited.add(name)
            match named.get(name):
                case model.Record() as record:
                    yield record
                case model.Alias(type=aliased):
                    yield from _records(aliased, named, visited)


def _types(definitions: Iterable[model.Definition]) -> Iterator[model.Type]:
    for definition in definitions:
        match definition:
            case model.Alias(type=type_):
                yield type_
            case model.Record(fields=fields, rest=rest):
                yield from (field.type for field in fields)
                if rest is not None:
                    yield rest


def _unions(type_: model.Type) -> Iterator[model.Union]:
    """Yield the unions in a type, without following references."""
    match type_:
        case model.Union(members=members):
            yield type_
            for member in members:
                yield from _unions(member)
        case model.Array(item=inner) | model.Map(value=inner):
            yield from _unions(inner)
        case model.Tuple(items=items, rest=rest):
            for item in (*items, *(() if rest is None else (rest,))):
                yield from _unions(item)
