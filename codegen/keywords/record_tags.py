"""Tags of records: the constant fields that distinguish the members of unions in the model."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

from msgspec.structs import replace

from .. import model

__all__ = ["with_tags"]


def with_tags(
    definitions: tuple[model.Definition, ...], others: Iterable[model.Type], used: Container[str]
) -> tuple[model.Definition, ...]:
    """Return ``definitions`` with a tag for each record in a union with other records.

    Args:
        definitions: All named types.
        others: Types of payloads.
        used: Names of the types that payloads contain. Their unions determine the tags before the other ones do.
    """
    named = {definition.name: definition for definition in definitions}
    tags: dict[str, tuple[str, int | str]] = {}
    types = [*_types(one for one in definitions if one.name in used), *others]
    types += _types(one for one in definitions if one.name not in used)
    for union in [union for type_ in types for union in _unions(type_)]:
        records = list(_records(union, named, set()))
        candidates = dict(_record_tags([record.name for record in records], named))
        if len(candidates) == len(records) and all(tags.get(name, tag) == tag for name, tag in candidates.items()):
            tags.update(candidates)
    return tuple(
        replace(definition, tag=tags.get(definition.name)) if isinstance(definition, model.Record) else definition
        for definition in definitions
    )


def _record_tags(
    names: list[str], named: Mapping[str, model.Definition]
) -> Iterator[tuple[str, tuple[str, int | str]]]:
    """Yield the tags of the records of a union that have one, by the names of the records."""
    tag = model.type_tag([model.Ref(name=name) for name in names], named)
    if tag is None:
        return
    for choice in tag.choices:
        match choice:
            case model.Choice(values=(str() as value,), selects=int() as position):
                yield names[position], (tag.name, value)
            case model.Choice(values=(int() | float() as value,), selects=int() as position):
                if not isinstance(value, bool) and value == int(value):
                    yield names[position], (tag.name, int(value))


def _records(type_: model.Type, named: Mapping[str, model.Definition], visited: set[str]) -> Iterator[model.Record]:
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
