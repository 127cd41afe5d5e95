"""Tags of unions: properties with constants that select the only member that can be valid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct

from .types import Alias, Anything, Definition, Enumeration, Json, Map, Record, Ref, Type, Union

__all__ = ["Choice", "Constant", "Tag", "constant_key", "constant_properties", "find_tag", "is_constant", "type_tag"]

Constant: TypeAlias = bool | int | float | str | None
"""JSON value that can be a tag."""


class Choice(Struct, frozen=True, kw_only=True):
    """Constants of a tag, and the member that they select."""

    values: tuple[Constant, ...]
    selects: int | Tag
    """Position of the member, or the tag that selects among several members with these constants."""


class Tag(Struct, frozen=True, kw_only=True):
    """Property of a union of objects that selects the only member that can be valid.

    All members require the property. No two choices have a constant in common; ``1`` equals ``1.0``, but not ``true``.
    """

    name: str
    choices: tuple[Choice, ...]


def is_constant(value: Json) -> bool:
    """Return True if a JSON value can be a tag."""
    return not isinstance(value, list | dict)


def constant_key(value: Constant) -> tuple[bool, Constant]:
    """Return a key that only equal JSON values share; in Python, 1 equals true."""
    return isinstance(value, bool), value


def find_tag(members: Sequence[Mapping[str, tuple[Constant, ...]]], *, preferred: str = "") -> Tag | None:
    """Return the tag of a union; None if no property selects one member.

    Args:
        members: For each member, the constants of the required properties that have no other value.
        preferred: Name of the property to use first, if it separates any members.
    """
    return _tag(dict(enumerate(members)), preferred) if len(members) > 1 else None


def constant_properties(record: Record, definitions: Mapping[str, Definition]) -> Mapping[str, Constant]:
    """Return the value of each required property that has only one; unions do not matter, in contrast to a tag."""
    found = _constants(record, definitions)
    return {name: values[0] for name, values in found.items() if len({*map(constant_key, values)}) == 1}


def type_tag(types: Sequence[Type], definitions: Mapping[str, Definition], *, preferred: str = "") -> Tag | None:
    """Return the tag of a union of types, for values that are objects; None if it has none.

    Args:
        types: Members of the union. Members that accept no objects do not matter.
        definitions: Named types.
        preferred: Name of the property to use first, if it separates any members.
    """
    objects = ([*_objects(type_, definitions, set())] for type_ in types)
    members = {position: _shared(found) for position, found in enumerate(objects) if found}
    return _tag(members, preferred) if len(members) > 1 else None


def _tag(members: Mapping[int, Mapping[str, tuple[Constant, ...]]], preferred: str) -> Tag | None:
    first, *others = members.values()
    groups = {name: _groups(members, name) for name in first if all(name in constants for constants in others)}
    # a pair of members that one property separates stays separable in each group, so the first good property is enough
    name = max(groups, key=lambda name: (name == preferred and len(groups[name]) > 1, len(groups[name])), default=None)
    if name is None or len(groups[name]) < 2:
        return None
    choices: list[Choice] = []
    for values, positions in groups[name]:
        selects = positions[0] if len(positions) == 1 else _tag({at: members[at] for at in positions}, preferred)
        if selects is None:
            return None
        choices.append(Choice(values=values, selects=selects))
    return Tag(name=name, choices=tuple(choices))


def _groups(
    members: Mapping[int, Mapping[str, tuple[Constant, ...]]], name: str
) -> list[tuple[tuple[Constant, ...], tuple[int, ...]]]:
    """Return the constants and positions of the members that have constants of a property in common."""
    groups: dict[int, tuple[dict[object, Constant], list[int]]] = {}
    owners: dict[object, int] = {}
    for position, constants in members.items():
        values: dict[object, Constant] = {constant_key(value): value for value in constants[name]}
        shared = {owners[key] for key in values if key in owners}
        home = max(shared, key=lambda at: len(groups[at][0]), default=position)
        known, positions = groups.setdefault(home, ({}, []))
        for other in shared - {home}:
            other_values, other_positions = groups.pop(other)
            values = other_values | values
            positions += other_positions
        known |= {key: value for key, value in values.items() if key not in known}
        positions.append(position)
        owners |= dict.fromkeys(values, home)
    return [(tuple(values.values()), tuple(sorted(positions))) for values, positions in groups.values()]


def _objects(
    type_: Type, definitions: Mapping[str, Definition], visited: set[str]
) -> Iterator[Mapping[str, tuple[Constant, ...]]]:
    """Yield the constants of each type of objects among the members of a type."""
    match type_:
        case Ref(name=name) if name not in visited:
            visited.add(name)
            match definitions[name]:
                case Record() as record:
                    yield _constants(record, definitions)
                case Alias(type=aliased):
                    yield from _objects(aliased, definitions, visited)
        case Union(members=members):
            for member in members:
                yield from _objects(member, definitions, visited)
        case Anything() | Map():
            yield {}
        case Enumeration(values=values) if any(isinstance(value, dict) for value in values):
            yield {}


def _constants(record: Record, definitions: Mapping[str, Definition]) -> Mapping[str, tuple[Constant, ...]]:
    """Return the required fields of a record that have only certain values."""
    found = ((field.name, _values(field.type, definitions, set())) for field in record.fields if field.required)
    return {name: values for name, values in found if values}


def _values(type_: Type, definitions: Mapping[str, Definition], visited: set[str]) -> tuple[Constant, ...]:
    """Return all values of a type; none if it has other values than constants."""
    match type_:
        case Enumeration(values=values) if all(map(is_constant, values)):
            return values
        case Ref(name=name) if name not in visited and isinstance(alias := definitions[name], Alias):
            return _values(alias.type, definitions, visited | {name})
        case Union(members=members):
            found = [_values(member, definitions, visited) for member in members]
            return tuple(value for values in found for value in values) if all(found) else ()
        case _:
            return ()


def _shared(found: Sequence[Mapping[str, tuple[Constant, ...]]]) -> Mapping[str, tuple[Constant, ...]]:
    """Return the constants of a value that one of several types accepts."""
    first, *others = found
    return {
        name: tuple(value for constants in found for value in constants[name])
        for name in first
        if all(name in constants for constants in others)
    }
