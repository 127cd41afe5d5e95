"""Unproven keywords of values of any type: ``type``, constants, and combinations of subschemas."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import inspect

from ..keywords.json_equality import equal
from ..keywords.schema_index import SchemaNode
from .subproofs import Subproofs
from .type_info import all_values, json_type
from .unproven import Location, Unproven, unproven

__all__ = ["unproven_combinations", "unproven_types"]


def unproven_types(node: SchemaNode, type_: inspect.Type, location: Location) -> Iterator[Unproven]:
    """Yield the keywords for values of any type that a type does not guarantee: ``type``, ``const`` and ``enum``."""
    schema, known = node.keywords, json_type(type_)
    if "type" in schema:
        types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        if not (known in types or (known == "integer" and "number" in types)):
            yield unproven("type", node, location, f"{_name(type_)} accepts more")
    for keyword in ("const", "enum"):
        if keyword in schema:
            values, possible = [schema["const"]] if keyword == "const" else schema["enum"], all_values(type_)
            if possible is None or not all(any(equal(one, value) for value in values) for one in possible):
                yield unproven(keyword, node, location, f"{_name(type_)} accepts more")


def unproven_combinations(
    proof: Subproofs, node: SchemaNode, type_: inspect.Type, location: Location, *, tagged: bool
) -> Iterator[Unproven]:
    """Yield the keywords with subschemas for the same value that a type does not guarantee."""
    schema, index = node.keywords, proof.index

    def guarantees(*path: str | int) -> bool:
        return proof.guarantees(index.child(node, *path), type_, tagged=tagged)

    def excludes(*path: str | int) -> bool:
        return proof.excludes(index.child(node, *path), type_, tagged=tagged)

    for child in index.children(node, "allOf"):
        yield from proof.unproven_in_place(child, type_, location, tagged=tagged)
    if "anyOf" in schema and not any(guarantees("anyOf", position) for position in range(len(schema["anyOf"]))):
        yield unproven("anyOf", node, location, "no alternative is proved")
    if "oneOf" in schema:
        positions = range(len(schema["oneOf"]))
        if not any(
            guarantees("oneOf", position) and all(excludes("oneOf", other) for other in positions if other != position)
            for position in positions
        ):
            yield unproven("oneOf", node, location, "not proved that exactly one alternative is valid")
    if "not" in schema and not excludes("not"):
        yield unproven("not", node, location, "not proved")
    if "if" in schema:
        then = "then" not in schema or guarantees("then")
        otherwise = "else" not in schema or guarantees("else")
        if not ((then and otherwise) or (otherwise and excludes("if")) or (then and guarantees("if"))):
            yield unproven("if", node, location, "not proved")


def _name(type_: inspect.Type) -> str:
    return type(type_).__name__.removesuffix("Type").lower()
