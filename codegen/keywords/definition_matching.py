"""Matching of the definitions of two endpoints: equal types of the same schema."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from msgspec.structs import replace

from .. import model

__all__ = ["Address", "matching"]

Address: TypeAlias = tuple[str, str]
"""URI of a schema file, and the JSON Pointer in this file."""
Pair: TypeAlias = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class _Shape:
    text: str
    """Definition without names, its pointer, and what unions determine."""
    references: tuple[str, ...]
    """Names of the definitions that it refers to, in order."""


def matching(
    definitions: Sequence[model.Definition],
    others: Sequence[model.Definition],
    address: Callable[[str], Address],
    other_address: Callable[[str], Address],
) -> dict[str, str]:
    """Return the first of ``others`` that equals a definition, by name.

    Two definitions are equal if they are types of the same schema, differ at most in names and in what unions
    determine, and refer to equal definitions.

    Args:
        definitions: Definitions of one endpoint.
        others: Definitions of another one.
        address: Function from the pointer of a definition to the address of its schema.
        other_address: The same for ``others``.
    """
    shapes = {definition.name: _shape(definition) for definition in definitions}
    other_shapes = {other.name: _shape(other) for other in others}
    found: defaultdict[Address, list[str]] = defaultdict(list)
    for other in others:
        found[other_address(other.pointer)].append(other.name)
    pairs = {
        (definition.name, name): None
        for definition in definitions
        for name in found.get(address(definition.pointer), ())
        if shapes[definition.name].text == other_shapes[name].text
    }
    _remove_unequal(pairs, shapes, other_shapes)
    return {name: other for name, other in reversed(pairs)}


def _remove_unequal(pairs: dict[Pair, None], shapes: Mapping[str, _Shape], other_shapes: Mapping[str, _Shape]) -> None:
    """Remove the pairs that refer to different definitions; each reference is visited at most twice."""
    referring: defaultdict[Pair, list[Pair]] = defaultdict(list)
    queue: list[Pair] = []
    for pair in pairs:
        for reference in _references(pair, shapes, other_shapes):
            referring[reference].append(pair)
            if reference not in pairs:
                queue.append(pair)
    while queue:
        pair = queue.pop()
        if pair in pairs:
            del pairs[pair]
            queue += referring[pair]


def _references(pair: Pair, shapes: Mapping[str, _Shape], other_shapes: Mapping[str, _Shape]) -> Iterator[Pair]:
    name, other = pair
    return zip(shapes[name].references, other_shapes[other].references, strict=True)


def _shape(definition: model.Definition) -> _Shape:
    neutral = replace(definition, name="", pointer="")
    if isinstance(neutral, model.Record):
        neutral = replace(neutral, tag=None, keeps=False)  # determined by unions
    text = repr(model.renamed(neutral, _NoNames()))  # the text distinguishes 1, 1.0 and true
    return _Shape(text=text, references=tuple(model.references(definition)))


class _NoNames(dict[str, str]):
    """Mapping from every name to the empty one."""

    def __missing__(self, name: str) -> str:
        return ""
