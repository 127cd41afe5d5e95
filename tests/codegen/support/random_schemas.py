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


def schemas(chance: random.Random, depth: int = 0) -> Any:
    """Return a random schema; most accept some value."""
    if depth == 0 and chance.random() < 0.6:
        return _record(chance, chance.choice((0, 2, 2, 2)))
    match chance.randrange(14 if depth < 3 else 4):
        case 0:
            keywords = [
                {"minimum": chance.choice((*BOUNDS, 2**53))},
                {"exclusiveMaximum": chance.choice((*BOUNDS, 2**53))},
            ]
            keywords += [{"multipleOf": chance.choice((1, 2, 0.5, 0.1, 3))}, {"maximum": chance.choice(BOUNDS)}, {}, {}]
            return {"type": chance.choice(("integer", "number"))} | chance.choice(keywords) | chance.choice(keywords)
        case 1:
            keywords = [{"minLength": 1}, {"maxLength": 2}, {"pattern": "^[ab]+$"}, {"pattern": "b|^$"}, {}]
            return {"type": "string"} | chance.choice(keywords) | chance.choice(keywords)
        case 2:
            return chance.choice(
                [{"enum": chance.sample(VALUES, 3)}, {"const": chance.choice(VALUES)}, {"type": "boolean"}, True]
            )
        case 3:
            return {"type": chance.sample(("null", "integer", "number", "string", "boolean"), 2)}
        case 4 | 5:
            keywords = [{"minItems": 1}, {"maxItems": 2}, {"uniqueItems": True}, {"contains": schemas(chance, 3)}, {}]
            keywords += [{"prefixItems": [schemas(chance, 3), schemas(chance, 3)]}, {"unevaluatedItems": False}]
            return {"type": "array", "items": schemas(chance, depth + 1)} | chance.choice(keywords)
        case 6:
            keywords = [{"maxProperties": 2}, {"propertyNames": {"maxLength": 2}}, {"required": ["a"]}, {}]
            return {"type": "object", "additionalProperties": schemas(chance, depth + 1)} | chance.choice(keywords)
        case 7 | 8 | 9 | 10 | 11:
            return _record(chance, depth)
        case 12:
            kinds = chance.sample(("cat", "dog", "1"), 2)
            return {
                chance.choice(("anyOf", "oneOf")): [
                    {**record, "properties": {**record["properties"], "kind": {"const": kind}}, "required": ["kind"]}
                    for kind, record in ((kind, _record(chance, depth + 1)) for kind in kinds)
                ]
            }
        case _:
            return {chance.choice(("anyOf", "oneOf", "allOf")): [schemas(chance, depth + 1) for _ in range(2)]}


def _record(chance: random.Random, depth: int) -> dict[str, Any]:
    names = chance.sample(NAMES, chance.randrange(1, 4))
    one, other = chance.choice(NAMES), chance.choice(names)
    rules: list[dict[str, Any]] = [
        {},
        {"minProperties": 2},
        {"propertyNames": {"pattern": "^[a-z-]*$"}},
        {"not": {"required": [one]}},
        {"not": {"properties": {one: schemas(chance, 3)}}},
        {"dependentRequired": {one: [other]}},
        {"dependentSchemas": {one: {"properties": {other: schemas(chance, 3)}}}},
        {"if": {"properties": {other: schemas(chance, 3)}}, "then": {"required": [one]}},
        {"if": {"required": [one]}, "then": {"properties": {other: schemas(chance, 3)}}, "else": {"maxProperties": 1}},
        {"anyOf": [{"required": [one]}, {"properties": {other: schemas(chance, 3)}}]},
        {"oneOf": [{"required": [one]}, {"required": [other]}]},
        {"allOf": [{"if": {"properties": {one: {"const": "a"}}}, "then": {"not": {"required": [other]}}}]},
        {"patternProperties": {"^a|-": schemas(chance, 3)}},
    ]
    closed, open_ = {"additionalProperties": False}, {"additionalProperties": schemas(chance, 3)}
    more = chance.choice(({}, {}, closed, closed, open_, {"unevaluatedProperties": chance.choice((False, open_))}))
    properties = {name: schemas(chance, depth + 1) for name in names}
    required = chance.sample(names, chance.randrange(len(names) + 1))
    return {"type": "object", "properties": properties, "required": required} | more | chance.choice(rules)
