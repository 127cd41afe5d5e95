"""Type aliases of a module, in the order of their dependencies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush

from ...identifiers import Name
from ..templates import Code
from .python_printer import Group, NamedNode, Node, UnionNode

__all__ = ["AliasStatement", "dependency_order", "leaves"]


@dataclass(frozen=True, kw_only=True)
class AliasStatement:
    """Statement that names a type without defining a class."""

    name: Name
    references: frozenset[str]
    """Names in the type."""
    allows_forward_refs: bool
    """True if the statement may precede the types that it refers to."""
    render: Callable[[frozenset[str]], Code]
    """Function that returns the code, given the names that are defined later or by the statement itself."""


def dependency_order(aliases: Iterable[AliasStatement]) -> Iterator[Code]:
    """Yield the code of each alias after the aliases that it refers to, except within cycles."""
    remaining = {alias.name: alias for alias in aliases}
    order = list(remaining)
    awaited = {name: remaining.keys() & alias.references - {name} for name, alias in remaining.items()}
    users: dict[str, list[int]] = {name: [] for name in order}
    for position, name in enumerate(order):
        for other in awaited[name]:
            users[other].append(position)
    ready = [position for position, name in enumerate(order) if not awaited[name]]  # a heap, because it is sorted
    deferrable = (name for name, alias in tuple(remaining.items()) if alias.allows_forward_refs and name in remaining)
    while remaining:
        name = order[heappop(ready)] if ready else next(deferrable)
        yield remaining[name].render(frozenset(remaining))
        del remaining[name]
        for position in users[name]:
            user = order[position]
            awaited[user].discard(name)
            if user in remaining and not awaited[user]:
                heappush(ready, position)


def leaves(node: Node) -> Iterator[str]:
    """Yield the parts of a type that have no parts themselves, such as names."""
    match node:
        case Group(items=items):
            for item in items:
                yield from leaves(item)
        case UnionNode(operands=operands):
            for operand in operands:
                yield from leaves(operand)
        case NamedNode(value=value):
            yield from leaves(value)
        case _:
            yield node
