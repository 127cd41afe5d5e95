"""Rules for required properties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import jsonschema_rs

from ..regex.parser import parse
from ..regex.syntax_tree import UnsupportedPattern
from ..schema.near_misses import resembles
from ..source.document import Json
from .finding import Finding, Schema

__all__ = ["misspelled_property", "rejected_requirement", "rejects"]


def rejected_requirement(schema: Schema) -> Iterator[Finding]:
    """Yield a finding for each required property that the same schema rejects."""
    for position, name in enumerate(schema.get("required", ())):
        if rejects(schema, name):
            similar = next((known for known in schema.get("properties", ()) if resembles(name, known)), None)
            yield Finding(
                pointer=f"/required/{position}",
                code="impossible_property",
                message="no object is valid: a property is both required and rejected",
                got=f'"{name}"',
                hint=f"did you mean {similar}?" if similar else f"add {name} to `properties`",
                on_key=False,
            )


def misspelled_property(schema: Schema) -> Iterator[Finding]:
    """Yield a finding for each required property with a name that resembles a declared optional one."""
    declared: Mapping[str, Json] = schema.get("properties", {})
    required = schema.get("required", ())
    for position, name in enumerate(required):
        if name in declared or rejects(schema, name):
            continue
        similar = next((known for known in declared if known not in required and resembles(name, known)), None)
        if similar:
            yield Finding(
                pointer=f"/required/{position}",
                code="misspelled_property",
                message="misspelled property",
                expected="a name in `properties`",
                got=f'"{name}"',
                hint=f"did you mean {similar}?",
                on_key=False,
            )


def rejects(schema: Schema, name: str) -> bool:
    """Return True if an object cannot have the property ``name``, whatever its value."""
    declared: Mapping[str, Json] = schema.get("properties", {})
    if name in declared:
        return declared[name] is False
    patterns: Mapping[str, Json] = schema.get("patternProperties", {})
    return schema.get("additionalProperties") is False and not any(_matches(pattern, name) for pattern in patterns)


def _matches(pattern: str, name: str) -> bool:
    """Return True if ``name`` contains a match, or if the pattern is not supported."""
    try:
        return jsonschema_rs.is_valid({"pattern": parse(pattern).rust}, name)
    except UnsupportedPattern:
        return True
