"""Parts of a value that schemas describe, each with all schemas that apply to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tornado_ws.validation.schema_validator import pattern_predicate

from .schema_index import SchemaIndex, SchemaNode

__all__ = ["Part", "described_parts"]

ITEMS = ("items", "prefixItems", "unevaluatedItems")
REST = ("additionalProperties", "unevaluatedProperties")
"""Keywords with the schema of all other properties."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """Property or items of a value."""

    path: tuple[str, ...]
    """Keyword, and the name of a property."""
    schemas: tuple[SchemaNode, ...]
    """Schemas that apply to the part. The type may be described by all of them together."""


def described_parts(index: SchemaIndex, closure: Sequence[SchemaNode]) -> Iterator[Part]:
    """Yield the parts that all schemas of one value describe.

    Parts without a common place, such as properties of several patterns, are left out if several schemas may apply to
    one of them.

    Args:
        index: Index of the bundle.
        closure: All schemas that may apply to the value.
    """
    shared: set[SchemaNode] = set()
    for name in dict.fromkeys(name for node in closure for name in node.keywords.get("properties", ())):
        found = tuple(schema for node in closure for schema in _schemas_of_property(index, node, name))
        shared.update(found if len(found) > 1 else ())
        yield Part(path=("properties", name), schemas=found)
    others = [
        *(
            index.child(node, "patternProperties", pattern)
            for node in closure
            for pattern in node.keywords.get("patternProperties", ())
        ),
        *(index.child(node, keyword) for node in closure for keyword in REST if keyword in node.keywords),
    ]
    if len(others) == 1 and not shared.issuperset(others):
        yield Part(path=(), schemas=tuple(others))
    yield from _items(index, [node for node in closure if any(keyword in node.keywords for keyword in ITEMS)])


def _schemas_of_property(index: SchemaIndex, node: SchemaNode, name: str) -> Iterator[SchemaNode]:
    """Yield the schemas that a schema applies to a property."""
    is_known = name in node.keywords.get("properties", ())
    if is_known:
        yield index.child(node, "properties", name)
    for pattern in node.keywords.get("patternProperties", ()):
        if _matches(pattern, name):
            is_known = True
            yield index.child(node, "patternProperties", pattern)
    if not is_known and isinstance(node.keywords.get("additionalProperties"), dict):
        yield index.child(node, "additionalProperties")


def _matches(pattern: str, name: str) -> bool:
    try:
        return pattern_predicate(pattern)(name)
    except ValueError:
        return True


def _items(index: SchemaIndex, closure: Sequence[SchemaNode]) -> Iterator[Part]:
    if len(closure) == 1:
        (node,) = closure
        single = [index.child(node, keyword) for keyword in ("items", "unevaluatedItems") if keyword in node.keywords]
        for schema in (*single, *index.children(node, "prefixItems")):
            yield Part(path=(), schemas=(schema,))
    elif closure and all(node.keywords.keys() & {*ITEMS} == {"items"} for node in closure):
        yield Part(path=("items",), schemas=tuple(index.child(node, "items") for node in closure))
