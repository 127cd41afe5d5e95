"""Random schemas of objects with alternatives and ``unevaluatedProperties``, and objects that are almost valid."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

__all__ = ["DEFINITIONS", "composed", "objects"]

NAMES = ("a", "b", "c", "kind", "x-y")
LEAVES: tuple[Any, ...] = (
    True,
    {"type": "string"},
    {"type": "integer"},
    {"type": "number"},
    {"type": "integer", "minimum": 2},
    {"type": "string", "pattern": "^a"},
    {"const": "a"},
    {"enum": ["a", "b", 1]},
    {"type": ["string", "null"]},
    {"type": "array", "items": {"type": "integer"}},
    {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
    {"$ref": "#/$defs/Leaf"},
)
DEFINITIONS: dict[str, Any] = {
    "Leaf": {"type": "string", "maxLength": 1},
    "Base": {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
    "Maybe": {"anyOf": [{"properties": {"b": {"type": "integer"}}, "required": ["b"]}, {"required": ["kind"]}]},
    "Kind": {"properties": {"kind": {"enum": ["a", "b"]}}},
}


def composed(rng: random.Random) -> dict[str, Any]:
    """Return a random schema of an object."""
    schema = _part(rng, 0) | {"type": "object"}
    if rng.random() < 0.3:
        schema["oneOf" if rng.random() < 0.5 else "anyOf"] = [_tagged(rng, kind) for kind in ("a", "b")]
    return schema | {"unevaluatedProperties": rng.choice((False, False, False, {"type": "string"}))}


def _part(rng: random.Random, depth: int) -> dict[str, Any]:
    """Return a schema of a few properties, with alternatives that depend on them."""
    names = rng.sample(NAMES, rng.randrange(3))
    part: dict[str, Any] = {"properties": {name: rng.choice(LEAVES) for name in names}}
    if rng.random() < 0.5:
        part["required"] = rng.sample(NAMES, rng.randrange(2)) if depth else names[:1]
    for _ in range(rng.randrange(1, 3) if depth < 2 else 0):
        inner = [_inner(rng, depth + 1) for _ in range(3)]
        match rng.randrange(8):
            case 0:
                part["allOf"] = inner[:2]
            case 1 | 2:
                part["anyOf"] = inner[: rng.choice((1, 2, 3))]
            case 3 | 4:
                part["oneOf"] = inner[:2]
            case 5:
                part |= {"if": inner[0], rng.choice(("then", "else")): inner[1]}
            case 6:
                part["dependentSchemas"] = {rng.choice(NAMES): inner[0]}
            case _:
                part["not"] = {"required": rng.sample(NAMES, 2)}
    return part


def _inner(rng: random.Random, depth: int) -> Any:
    match rng.randrange(14):
        case 0:
            return {"$ref": f"#/$defs/{rng.choice(('Base', 'Maybe', 'Kind'))}"}
        case 1:
            return rng.choice((True, False, {"patternProperties": {"^a": True}}, {"additionalProperties": False}))
        case 2:
            return _part(rng, depth) | {"unevaluatedProperties": False}
        case _:
            return _part(rng, depth)


def _tagged(rng: random.Random, kind: str) -> dict[str, Any]:
    part = _part(rng, 1)
    return part | {"properties": part["properties"] | {"kind": {"const": kind}}, "required": ["kind"]}


def objects(rng: random.Random, count: int) -> Iterator[dict[str, Any]]:
    """Yield objects with some of the properties."""
    values: tuple[Any, ...] = ("a", "a", "b", "ab", 1, 2, 3, 2.0, 0.5, None, [1], {"a": "x"}, {}, True)
    for _ in range(count):
        names = rng.sample((*NAMES, "d"), rng.choice((0, 1, 1, 2, 2, 2, 3, 3, 4)))
        yield {name: rng.choice(values) for name in names}
