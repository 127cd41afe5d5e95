"""Type aliases of a module, in the order of their dependencies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

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
    while remaining:
        ready = (alias for alias in remaining.values() if not alias.references & remaining.keys() - {alias.name})
        deferrable = (alias for alias in remaining.values() if alias.allows_forward_refs)
        alias = next(ready, None) or next(deferrable)
        yield alias.render(frozenset(remaining))
        del remaining[alias.name]


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
