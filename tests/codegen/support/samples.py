"""Sample values of the types in the model; not all are valid for the schema."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from codegen import model

WORDS = ("", "a", "ab", "text", "2024-02-29", "😀", "A-1")
MAX_DEPTH = 5


def sample(type_: model.Type, definitions: Mapping[str, model.Definition], rng: random.Random, depth: int = 0) -> Any:
    """Return a value of a type; most are valid for its schema, some are not."""

    def part(type_: model.Type) -> Any:
        return sample(type_, definitions, rng, depth + 1)

    match type_:
        case model.Scalar(type=name, constraints=constraints):
            return _scalar(name, constraints, rng)
        case model.Enumeration(values=values):
            return rng.choice(values)
        case model.Array(item=item, constraints=constraints):
            minimum = constraints.min_length or 0
            return [part(item) for _ in range(min(minimum + (rng.randrange(3) if depth < MAX_DEPTH else 0), 20))]
        case model.Tuple(items=items, rest=rest):
            return [part(item) for item in items] + ([part(rest)] if rest is not None and rng.random() < 0.3 else [])
        case model.Map(key=key, value=value):
            count = rng.randrange(3) if depth < MAX_DEPTH else 0
            return {str(part(key)): part(value) for _ in range(count)}
        case model.Ref(name=name):
            definition = definitions[name]
            if isinstance(definition, model.Alias):
                return part(definition.type)
            return {
                field.name: part(field.type)
                for field in definition.fields
                if field.required or (depth < MAX_DEPTH and rng.random() < 0.6)
            }
        case model.Union(members=members):
            shallow = [member for member in members if not isinstance(member, model.Ref | model.Array)]
            return part(rng.choice(shallow if shallow and depth > MAX_DEPTH else members))
        case _:
            return rng.choice((None, True, 1, 1.5, "x", [], {}, {"a": [1]}))


def _scalar(type_: str, constraints: model.Constraints, rng: random.Random) -> Any:
    match type_:
        case "string":
            text = rng.choice(WORDS)
            return text + "x" * max(0, min(constraints.min_length or 0, 1000) - len(text))
        case "integer" | "number":
            bounds = (
                constraints.minimum,
                constraints.maximum,
                constraints.exclusive_minimum,
                constraints.exclusive_maximum,
            )
            near = [bound + shift for bound in bounds if bound is not None for shift in (-1, 0, 1)]
            steps = [] if constraints.multiple_of is None else [constraints.multiple_of * 3]
            value = rng.choice((*near, *steps, 0, 1, 7, -2, 2**53 + 1, 1.5, 0.1))
            return int(value) if type_ == "integer" else value
        case "boolean":
            return rng.random() < 0.5
        case _:
            return None
