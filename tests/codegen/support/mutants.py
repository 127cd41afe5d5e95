"""Mutants of valid values, as faulty or hostile peers send them."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterable, Iterator
from typing import Any

ODD = (
    *(None, True, False, 0, 1, -1, 1.0, 1.5, 0.1, 1e-7, 2**31, 2**52, 1e21, -0.0),
    *("", "a", "0", "null", "😀", "\u2028", "a\nb", "x" * 600, "é", "1.0"),
    *([], [[]], [None], [1, 1], {}, {"a": 1}, {"": None}, {"__proto__": 1}, {"constructor": {}}, {"toString": "x"}),
)
NAMES = ("", "a", "b", "__proto__", "constructor", "toString", "hasOwnProperty", "/", "~", "~0", "a/b", "0", "x y")


def mutants(value: Any, rng: random.Random, count: int) -> Iterator[Any]:
    """Yield ``count`` values that differ from ``value`` in one or a few places."""
    for _ in range(count):
        mutant = copy.deepcopy(value)
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            mutant = _mutate(mutant, rng)
        yield mutant


def _mutate(value: Any, rng: random.Random) -> Any:
    if isinstance(value, dict) and value and rng.random() < 0.75:
        name = rng.choice(list(value))
        match rng.randrange(6):
            case 0:
                del value[name]
            case 1:
                value[rng.choice(NAMES)] = copy.deepcopy(rng.choice(ODD))
            case 2:
                value[rng.choice(NAMES)] = copy.deepcopy(value[name])
            case _:
                value[name] = _mutate(value[name], rng)
        return value
    if isinstance(value, list) and value and rng.random() < 0.75:
        at = rng.randrange(len(value))
        match rng.randrange(6):
            case 0:
                del value[at]
            case 1:
                value.insert(at, copy.deepcopy(value[at]))
            case 2:
                value.append(copy.deepcopy(rng.choice(ODD)))
            case _:
                value[at] = _mutate(value[at], rng)
        return value
    if isinstance(value, str) and rng.random() < 0.5:
        return rng.choice((value + "x", value[:-1], value[1:], value.upper(), value * 3, f" {value}", f"{value}\n"))
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300 and rng.random() < 0.5:
        return rng.choice((value + 1, value - 1, -value, value * 10, value / 3, float(value), value + 0.5))
    return copy.deepcopy(rng.choice(ODD))


def sound(values: Iterable[Any]) -> Iterator[Any]:
    """Yield the values that JSON can represent and JavaScript preserves."""
    for value in values:
        try:
            json.dumps(value, allow_nan=False).encode()
            json.dumps(value, ensure_ascii=False).encode()
        except ValueError:
            continue
        if not any(isinstance(part, int) and abs(part) > 2**53 for part in _parts(value)):
            yield value


def _parts(value: Any) -> Iterator[Any]:
    yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _parts(part)
