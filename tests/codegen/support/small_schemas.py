"""Random small schemas, and values that are almost valid."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

__all__ = ["schemas", "values"]

SCALARS: tuple[tuple[str, tuple[dict[str, Any], ...]], ...] = (
    ("integer", ({"minimum": 1}, {"maximum": 3.5}, {"exclusiveMinimum": -1}, {"multipleOf": 2}, {"multipleOf": 0.5})),
    (
        "number",
        ({"minimum": 0.5}, {"exclusiveMaximum": 3}, {"maximum": 2**53 + 2}, {"multipleOf": 0.1}, {"multipleOf": 2}),
    ),
    ("string", ({"minLength": 1}, {"maxLength": 2}, {"pattern": "^a"}, {"enum": ["a", "b"]}, {"const": "a"})),
    ("boolean", ({}, {"const": True})),
    ("null", ({},)),
)


def schemas(rng: random.Random, depth: int = 0) -> Any:
    """Return a random schema, usual or unusual."""
    match rng.randrange(9 if depth < 3 else 4):
        case 0 | 1 | 2 | 3:
            json_type, keywords = rng.choice(SCALARS)
            return {"type": json_type} | rng.choice(keywords) | rng.choice(keywords)
        case 4:
            bounds = rng.choice(({}, {"minItems": 1}, {"maxItems": 2}, {"uniqueItems": True}))
            return {"type": "array", "items": schemas(rng, depth + 1)} | bounds
        case 5 | 6:
            names = rng.sample(("a", "b", "c", "kind"), rng.randrange(1, 4))
            more = rng.choice(
                (
                    {},
                    {"additionalProperties": False},
                    {"unevaluatedProperties": False},
                    {"additionalProperties": schemas(rng, depth + 1)},
                    {"patternProperties": {"^[abx]": schemas(rng, depth + 1)}},
                )
            )
            extra = rng.choice(
                ({}, {"minProperties": 1}, {"not": {"required": ["b"]}}, {"dependentRequired": {"a": ["b"]}})
            )
            properties = {name: schemas(rng, depth + 1) for name in names}
            return {"type": "object", "properties": properties, "required": rng.sample(names, 1)} | more | extra
        case 7:
            return {rng.choice(("anyOf", "oneOf", "allOf")): [schemas(rng, depth + 1) for _ in range(2)]}
        case _:
            one, other = ({**schemas(rng, 3), "title": "x"} for _ in range(2))
            return {
                rng.choice(("anyOf", "oneOf")): [
                    {"type": "object", "required": ["kind"], "properties": {"kind": {"const": kind}, "a": schema}}
                    for kind, schema in (("cat", one), ("dog", other))
                ]
            }


def values(rng: random.Random) -> Iterator[Any]:
    """Yield values; some are valid for schemas of :func:`schemas`, others are almost valid."""
    scalars = (
        None,
        True,
        False,
        0,
        1,
        2,
        3,
        -1,
        1.0,
        1.5,
        2.0,
        0.1,
        2**60,
        2**60 + 1,
        2**53 + 1,
        "",
        "a",
        "b",
        "ab",
        "abc",
    )
    yield from scalars
    for _ in range(20):
        yield {name: rng.choice(scalars) for name in rng.sample(("a", "b", "c", "kind", "d"), rng.randrange(5))}
        yield {"kind": rng.choice(("cat", "dog", "x")), "a": rng.choice(scalars)}
        yield [rng.choice(scalars) for _ in range(rng.randrange(4))]
        yield [{"a": rng.choice(scalars)} for _ in range(rng.randrange(3))]
