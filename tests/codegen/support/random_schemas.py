"""Random schemas with most keywords of JSON Schema."""

from __future__ import annotations

import random
from typing import Any

__all__ = ["schemas"]

NAMES = ("a", "b", "kind", "class", "x-y")
BOUNDS = (0, 1, 2, -1, 3.0, 0.5, 0.1, 1 - 2**53, 2**53 - 1)
NUMBERS = (*BOUNDS, 2**53, 2**60, -(2**64), 1e300, 9007199254740993.0)
WORDS = ("", "a", "b", "ab", "abc", "é", "😀", "a\n", "cat", "dog", "1")
VALUES: tuple[Any, ...] = (None, True, False, *NUMBERS, *WORDS, [], [1, 1.0], {}, {"a": 1})


TAGS: tuple[tuple[dict[str, Any], ...], ...] = (
    ({"const": "cat"}, {"const": "dog"}),
    ({"const": 1}, {"const": 0.0}, {"const": 2}),
    ({"const": True}, {"const": 1}),
    ({"const": None}, {"enum": [False, "dog"]}, {"const": "cat"}),
    ({"enum": ["cat", "dog"]}, {"const": 1}),
)
"""Schemas of the tags of the members of a union; each value is valid for one of them."""


def schemas(rng: random.Random, depth: int = 0) -> Any:
    """Return a random schema; most accept some value."""
    if depth == 0 and rng.random() < 0.6:
        return _record(rng, rng.choice((0, 2, 2, 2)))
    match rng.randrange(14 if depth < 3 else 4):
        case 0:
            keywords = [
                {"minimum": rng.choice((*BOUNDS, 2**53))},
                {"exclusiveMaximum": rng.choice((*BOUNDS, 2**53))},
            ]
            keywords += [{"multipleOf": rng.choice((1, 2, 0.5, 0.1, 3))}, {"maximum": rng.choice(BOUNDS)}, {}, {}]
            return {"type": rng.choice(("integer", "number"))} | rng.choice(keywords) | rng.choice(keywords)
        case 1:
            keywords = [{"minLength": 1}, {"maxLength": 2}, {"pattern": "^[ab]+$"}, {"pattern": "b|^$"}, {}]
            return {"type": "string"} | rng.choice(keywords) | rng.choice(keywords)
        case 2:
            return rng.choice(
                [{"enum": rng.sample(VALUES, 3)}, {"const": rng.choice(VALUES)}, {"type": "boolean"}, True]
            )
        case 3:
            return {"type": rng.sample(("null", "integer", "number", "string", "boolean"), 2)}
        case 4 | 5:
            keywords = [{"minItems": 1}, {"maxItems": 2}, {"uniqueItems": True}, {"contains": schemas(rng, 3)}, {}]
            keywords += [{"prefixItems": [schemas(rng, 3), schemas(rng, 3)]}, {"unevaluatedItems": False}]
            return {"type": "array", "items": schemas(rng, depth + 1)} | rng.choice(keywords)
        case 6:
            keywords = [{"maxProperties": 2}, {"propertyNames": {"maxLength": 2}}, {"required": ["a"]}, {}]
            keywords += [{"propertyNames": {"enum": ["a", "c-d", 1]}}]
            return {"type": "object", "additionalProperties": schemas(rng, depth + 1)} | rng.choice(keywords)
        case 7 | 8 | 9 | 10 | 11:
            return _record(rng, depth)
        case 12:
            return {rng.choice(("anyOf", "oneOf")): [_tagged(rng, depth + 1, kind) for kind in rng.choice(TAGS)]}
        case _:
            return {rng.choice(("anyOf", "oneOf", "allOf")): [schemas(rng, depth + 1) for _ in range(2)]}


def _tagged(rng: random.Random, depth: int, kind: dict[str, Any]) -> dict[str, Any]:
    """Return a record with a tag; half of the tags are in ``allOf``."""
    record = _record(rng, depth)
    own = {"type": "object", "properties": {"kind": kind}, "required": ["kind"]}
    if rng.random() < 0.5:
        return {"allOf": [record, own]}
    return {**record, "properties": {**record["properties"], "kind": kind}, "required": ["kind"]}


def _record(rng: random.Random, depth: int) -> dict[str, Any]:
    names = rng.sample(NAMES, rng.randrange(1, 4))
    one, other = rng.choice(NAMES), rng.choice(names)
    rules: list[dict[str, Any]] = [
        {},
        {"minProperties": 2},
        {"propertyNames": {"pattern": "^[a-z-]*$"}},
        {"not": {"required": [one]}},
        {"not": {"properties": {one: schemas(rng, 3)}}},
        {"dependentRequired": {one: [other]}},
        {"dependentSchemas": {one: {"properties": {other: schemas(rng, 3)}}}},
        {"if": {"properties": {other: schemas(rng, 3)}}, "then": {"required": [one]}},
        {"if": {"required": [one]}, "then": {"properties": {other: schemas(rng, 3)}}, "else": {"maxProperties": 1}},
        {"anyOf": [{"required": [one]}, {"properties": {other: schemas(rng, 3)}}]},
        {"oneOf": [{"required": [one]}, {"required": [other]}]},
        {"allOf": [{"if": {"properties": {one: {"const": "a"}}}, "then": {"not": {"required": [other]}}}]},
        {"patternProperties": {"^a|-": schemas(rng, 3)}},
    ]
    closed, open_ = {"additionalProperties": False}, {"additionalProperties": schemas(rng, 3)}
    more = rng.choice(({}, {}, closed, closed, open_, {"unevaluatedProperties": rng.choice((False, open_))}))
    properties = {name: schemas(rng, depth + 1) for name in names}
    required = rng.sample(names, rng.randrange(len(names) + 1))
    return {"type": "object", "properties": properties, "required": required} | more | rng.choice(rules)
