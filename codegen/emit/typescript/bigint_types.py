"""Types with integers that are ``bigint`` in TypeScript."""

from __future__ import annotations

from collections.abc import Iterable

from ... import model

__all__ = ["is_bigint", "with_bigint"]


def with_bigint(definitions: Iterable[model.Definition]) -> frozenset[str]:
    """Return the names of the definitions with a ``bigint``, directly or through others."""
    users: dict[str, list[str]] = {}
    found: list[str] = []
    for definition in definitions:
        if is_bigint(definition):
            found.append(definition.name)
        for name in model.references(definition):
            users.setdefault(name, []).append(definition.name)
    names = set(found)
    while found:
        new = [user for user in users.get(found.pop(), ()) if user not in names]
        names.update(new)
        found += new
    return frozenset(names)


def is_bigint(part: model.Type | model.Definition) -> bool:
    """Return True if a type contains ``bigint``, without following references."""
    match part:
        case model.Scalar(bigint=bigint) | model.Enumeration(bigint=bigint):
            return bigint
        case model.Array(item=inner) | model.Map(value=inner) | model.Alias(type=inner):
            return is_bigint(inner)
        case model.Tuple(items=types, rest=rest):
            return any(map(is_bigint, types)) or (rest is not None and is_bigint(rest))
        case model.Union(members=types):
            return any(map(is_bigint, types))
        case model.Record(fields=fields, rest=rest):
            return any(is_bigint(field.type) for field in fields) or (rest is not None and is_bigint(rest))
        case _:
            return False
