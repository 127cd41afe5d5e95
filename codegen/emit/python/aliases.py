"""Types that are no classes: each stands below what it needs, but for those that go round in circles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ...identifiers import Name
from ..templates import Code
from .python_printer import Either, Group, Named, Node

__all__ = ["Loose", "in_order", "leaves"]


@dataclass(frozen=True, kw_only=True)
class Loose:
    """A type that is no class."""

    name: Name
    needs: frozenset[str]
    """Names in it."""
    patient: bool
    """Whether it may stand above what it needs."""
    write: Callable[[frozenset[str]], Code]
    """Returns its code, given the names that are defined below it or by it."""


def in_order(types: Iterable[Loose]) -> Iterator[Code]:
    """Yield the code of ``types``."""
    ahead = {one.name: one for one in types}
    while ahead:
        ready = (one for one in ahead.values() if not one.needs & ahead.keys() - {one.name})
        patient = (one for one in ahead.values() if one.patient)
        one = next(ready, None) or next(patient)
        yield one.write(frozenset(ahead))
        del ahead[one.name]


def leaves(node: Node) -> Iterator[str]:
    """Yield what a node is made of: names, among others."""
    match node:
        case Group(items=items):
            for item in items:
                yield from leaves(item)
        case Either(operands=operands):
            for operand in operands:
                yield from leaves(operand)
        case Named(value=value):
            yield from leaves(value)
        case _:
            yield node
