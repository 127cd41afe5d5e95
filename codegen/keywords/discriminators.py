"""Finds the property that tells the members of a union from each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from .. import model
from ..source.document import Json
from .conjunction import view
from .schema_index import Index, Node
from .vocabulary import walk

__all__ = ["MARK", "assign", "mark", "marked", "tag"]


def assign(definitions: tuple[model.Definition, ...], others: Iterable[model.Type]) -> tuple[model.Definition, ...]:
    """Return ``definitions`` with the tag of every record that is in a union with others.

    Args:
        definitions: All that have names.
        others: Types that have none, in which there may be unions.

    """
    named = {definition.name: definition for definition in definitions}
    tags: dict[str, tuple[str, str]] = {}
    for union in [union for type_ in (*_types(definitions), *others) for union in _unions(type_)]:
        records = list(_records(union, named, set()))
        field = (
            next((name for name in _constants(records[0], named) if _tells(name, records, named)), None)
            if len(records) > 1
            else None
        )
        if field is None:
            continue
        wanted = {record.name: (field, _constants(record, named)[field]) for record in records}
        if all(tags.get(name, tag) == tag for name, tag in wanted.items()):
            tags.update(wanted)
    return tuple(
        replace(definition, tag=tags.get(definition.name)) if isinstance(definition, model.Record) else definition
        for definition in definitions
    )


def _tells(name: str, records: list[model.Record], named: dict[str, model.Definition]) -> bool:
    values = [_constants(record, named).get(name) for record in records]
    return None not in values and len(set(values)) == len(values)


def _constants(record: model.Record, named: dict[str, model.Definition]) -> dict[str, str]:
    """Return the required fields of a record that can only be one string."""
    found: dict[str, str] = {}
    for field in record.fields:
        type_ = field.type
        while isinstance(type_, model.Ref) and isinstance(alias := named.get(type_.name), model.Alias):
            type_ = alias.type
        match type_:
            case model.Enumeration(values=(str() as value,)) if field.required:
                found[field.name] = value
    return found


def _records(type_: model.Type, named: dict[str, model.Definition], seen: set[str]) -> Iterator[model.Record]:
    match type_:
        case model.Union(members=members):
            for member in members:
                yield from _records(member, named, seen)
        case model.Ref(name=name) if name not in seen:
            seen.add(name)
            match named.get(name):
                case model.Record() as record:
                    yield record
                case model.Alias(type=aliased):
                    yield from _records(aliased, named, seen)


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
    """Yield the unions in a type, up to the names of others."""
    match type_:
        case model.Union(members=members):
            yield type_
            for member in members:
                yield from _unions(member)
        case model.Array(item=below) | model.Map(value=below):
            yield from _unions(below)
        case model.Tuple(items=items, rest=rest):
            for item in (*items, *(() if rest is None else (rest,))):
                yield from _unions(item)


UNIONS = ("anyOf", "oneOf")
MARK = "x-tag"
"""Stands beside a union that has a tag; see :func:`mark`."""


def tag(index: Index, node: Node, keyword: str) -> model.Tag | None:
    """Return what tells the alternatives of ``node`` apart; None if nothing does.

    Every alternative admits objects only, or the schema itself does; each requires the property, and admits one string
    for it that no other does. So the property alone decides which alternative can hold.
    """
    objects = node.keywords.get("type") == "object"
    found = [_string_constants(index, alternative, objects=objects) for alternative in index.children(node, keyword)]
    if len(found) < 2:
        return None
    for name in found[0]:
        values = tuple(constants[name] for constants in found if name in constants)
        if len(values) == len(found) == len(set(values)):
            return model.Tag(name=name, values=values)
    return None


def mark(root: dict[str, Json]) -> None:
    """Note in a bundle which unions have a tag, for the judge to read: ``x-tag`` beside the union."""
    visits = [visit for visit in walk(root, root["$id"]) if visit.known]
    for visit in visits:
        visit.schema.pop(MARK, None)  # it is ours alone
    index = Index(root)
    for visit in visits:
        for keyword in UNIONS:
            found = (
                tag(index, index.node(visit.pointer), keyword) if isinstance(visit.schema.get(keyword), list) else None
            )
            if found is not None:
                visit.schema[MARK] = {"keyword": keyword, "name": found.name, "values": list(found.values)}


def marked(node: Node, keyword: str) -> model.Tag | None:
    """Return the tag that has been noted for a union."""
    noted = node.keywords.get(MARK, {})
    return model.Tag(name=noted["name"], values=tuple(noted["values"])) if noted.get("keyword") == keyword else None


def _string_constants(index: Index, alternative: Node, *, objects: bool) -> dict[str, str]:
    """Return the properties that an alternative requires to be one certain string."""
    seen = view(index, (alternative,))
    if seen.never or (seen.kinds != ["object"] and not (objects and seen.kinds is None)):
        return {}
    required = {name for _, names in seen.each("required") for name in names}
    found: dict[str, str] = {}
    for node, properties in seen.each("properties"):
        for name in properties:
            below = view(index, (index.child(node, "properties", name),))
            listed = [[value] for _, value in below.each("const")] + [values for _, values in below.each("enum")]
            match next((values for values in listed if len(values) == 1), None):
                case [str() as value] if name in required:
                    found.setdefault(name, value)
    return found
