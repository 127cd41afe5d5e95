"""Tests of an object by its properties that contain no further values of the same kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from .references import References, Scope
from .schema_walk import Compile, Predicate

__all__ = ["local_test"]

Property: TypeAlias = tuple[str, Any]
"""Name of a property and its schema."""


def local_test(references: References, compile_: Compile, pointer: str) -> Predicate | None:
    """Return a test that objects pass unless a schema certainly rejects them; None if it would test nothing.

    The test reads only properties whose schemas do not lead back to the schema. In a deep value of many levels, each
    property is therefore read by the test of one level only.

    Args:
        references: Index of the schema document.
        compile_: Function that compiles schemas; they may refer to the document by absolute URIs.
        pointer: JSON Pointer or URI of the schema.
    """
    try:
        schema, scope = references.at(pointer)
        found = list(_local_properties(references, schema, scope))
        properties: dict[str, Any] = {}
        for name, subschema in found:
            parts = properties.setdefault(name, {"allOf": []})
            parts["allOf"].append({"$ref": references.uri(subschema)} if isinstance(subschema, dict) else subschema)
    except (LookupError, AttributeError, ValueError):
        return None
    return _test([*properties], compile_({"properties": properties})) if properties else None


def _test(names: list[str], accepts: Predicate) -> Predicate:
    return lambda plain: type(plain) is not dict or accepts({name: plain[name] for name in names if name in plain})


def _local_properties(references: References, schema: Any, scope: Scope) -> Iterator[Property]:
    """Yield the properties to read, from all schemas that apply to each valid object."""
    waiting: list[tuple[Any, Scope]] = [(schema, scope)]
    visited: set[int] = set()
    while waiting:
        current, around = waiting.pop()
        if not isinstance(current, dict) or id(current) in visited:
            continue
        visited.add(id(current))
        inside = references.enter(current, around) if "$id" in current else around
        for name, subschema in current.get("properties", {}).items():
            if _is_local(references, subschema, inside, schema):
                yield name, subschema
        waiting += [(part, inside) for part in current.get("allOf", ())]
        if "$ref" in current:
            waiting.append(references.follow(current["$ref"], inside))


def _is_local(references: References, subschema: Any, scope: Scope, schema: Any) -> bool:
    """Return True if a property contains no value of ``schema``, and its validity does not depend on its place."""
    if not isinstance(subschema, dict):
        return subschema is False
    return references.is_static(subschema, scope) and all(
        found is not schema for found in references.reachable(subschema, scope)
    )
