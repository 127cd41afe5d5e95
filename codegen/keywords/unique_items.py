"""Records in arrays with unique items, which keep undeclared properties, since items may differ in any of them."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from .. import model

__all__ = ["with_distinct_items"]


def with_distinct_items(
    definitions: Iterable[model.Definition], arrays: Iterable[model.Type]
) -> tuple[model.Definition, ...]:
    """Return ``definitions`` in which records keep undeclared properties, so that items still differ when sent again.

    Items that differ only in the presence of a default value become equal: all classes have their defaults.

    Args:
        definitions: All named types.
        arrays: Types of arrays with ``uniqueItems``.
    """
    named = {definition.name: definition for definition in definitions}
    reached: set[str] = set()
    queue = list(arrays)
    while queue:
        match queue.pop():
            case model.Ref(name=name) if name not in reached and name in named:
                reached.add(name)
                queue += _parts(named[name])
            case model.Union(members=members):
                queue += members
            case model.Array(item=part) | model.Map(value=part):
                queue.append(part)
            case model.Tuple(items=parts, rest=rest):
                queue += [*parts, *(() if rest is None else (rest,))]
    return tuple(
        replace(one, keeps=not one.closed) if one.name in reached and isinstance(one, model.Record) else one
        for one in named.values()
    )


def _parts(definition: model.Definition) -> list[model.Type]:
    if isinstance(definition, model.Alias):
        return [definition.type]
    rest = [] if definition.rest is None else [definition.rest]
    return [*(field.type for field in definition.fields), *rest]
