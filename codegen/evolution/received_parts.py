"""Parts of a value that a receiver restricts, each beside the schemas of what is sent there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..keywords.conjunction import Conjunction
from ..keywords.schema_index import SchemaIndex, SchemaNode
from .sent_values import SentArray, SentObject, matches

__all__ = ["Part", "array_parts", "object_parts"]

ANY = "*"
"""Token for any item or property in a place."""


class Part(NamedTuple):
    """Part of a value."""

    token: str
    """Name of a property, position of an item, or ``*``."""
    sent: tuple[SchemaNode, ...]
    received: SchemaNode


def object_parts(sent: SentObject, index: SchemaIndex, node: SchemaNode, whole: Conjunction | None) -> Iterator[Part]:
    """Yield the properties that a schema of the receiver restricts.

    Args:
        sent: Objects of the sender.
        index: Index of the receiver's document.
        node: Schema of the receiver.
        whole: All schemas of the receiver for the object, on which ``unevaluatedProperties`` depends; None if these
            are not all, so that the keyword is left out.
    """
    properties, patterns = (node.keywords.get(keyword, {}) for keyword in ("properties", "patternProperties"))
    for name in properties:
        if (schemas := sent.schemas_of(name)) is not None:
            yield Part(name, schemas, index.child(node, "properties", name))
    for pattern in patterns:
        received = index.child(node, "patternProperties", pattern)
        yield from _named(sent, [name for name in sent.names if matches(pattern, name)], received)
        if pattern in sent.patterns:
            yield Part(ANY, sent.patterns[pattern], received)
            continue
        for schemas in (*sent.patterns.values(), sent.others):
            if schemas is not None:
                yield Part(ANY, schemas, received)
    if "additionalProperties" in node.keywords:
        yield from _undeclared(sent, index.child(node, "additionalProperties"), (node,))
    if "unevaluatedProperties" in node.keywords and whole is not None:
        yield from _undeclared(sent, index.child(node, "unevaluatedProperties"), whole.nodes)


def _undeclared(sent: SentObject, received: SchemaNode, declaring: tuple[SchemaNode, ...]) -> Iterator[Part]:
    names = {name for node in declaring for name in node.keywords.get("properties", ())}
    patterns = {pattern for node in declaring for pattern in node.keywords.get("patternProperties", ())}
    unknown = (name for name in sent.names if name not in names and not any(matches(one, name) for one in patterns))
    yield from _named(sent, unknown, received)
    for pattern, schemas in sent.patterns.items():
        if pattern not in patterns:
            yield Part(ANY, schemas, received)
    if sent.others is not None:
        yield Part(ANY, sent.others, received)


def _named(sent: SentObject, names: Iterator[str] | list[str], received: SchemaNode) -> Iterator[Part]:
    for name in names:
        if (schemas := sent.schemas_of(name)) is not None:
            yield Part(name, schemas, received)


def array_parts(sent: SentArray, index: SchemaIndex, node: SchemaNode) -> Iterator[Part]:
    """Yield the items that a schema of the receiver restricts."""
    own = len(node.keywords.get("prefixItems", ()))
    positions = max(own, sent.positions)
    for position in range(positions + 1):
        if (schemas := sent.item(position)) is None:
            return
        token = ANY if position == positions else str(position)
        if position < own:
            yield Part(token, schemas, index.child(node, "prefixItems", position))
        elif "items" in node.keywords:
            yield Part(token, schemas, index.child(node, "items"))
