"""JSON texts of almost valid values, as faulty and hostile peers write them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from .mutants import ODD

__all__ = ["almost_valid", "texts"]

ANY = (*ODD, 2, 3, 2**53 + 1, 2**60 + 1, -(2**63), 2**64, 1e300, "b", "ab", "cat", "dog", "😀a", [1, 1.0], [True, 1])
BROKEN = ("NaN", "-Infinity", "1e400", "01", "1.", '"\\ud800"', '"\\udfff\\ud800"', '"\x01"', "tru", "{,}", "-", "")


def almost_valid(schema: Any, rng: random.Random, count: int) -> Iterator[Any]:
    """Yield values; many are valid or have one error."""
    for _ in range(count):
        yield _candidate(schema, rng)


def _candidate(schema: Any, rng: random.Random) -> Any:
    if not isinstance(schema, dict) or rng.random() < 0.08:
        return rng.choice(ANY)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return rng.choice(schema["enum"])
    for union in ("anyOf", "oneOf", "allOf"):
        if union in schema and ("properties" not in schema or rng.random() < 0.1):
            return _candidate(rng.choice(schema[union]), rng)
    types = schema.get("type", "object")
    match types if isinstance(types, str) else rng.choice(types):
        case "integer":
            return rng.choice((0, 1, 2, 4, 6, -1, 30, 2**53, 2**60 + 1, -(2**64), 1.0))
        case "number":
            return rng.choice((0, 1, 0.5, 0.3, 2.5, -1, -0.0, 1e300, 2**53 + 1, 9007199254740993.0, 4))
        case "string":
            return rng.choice(("a", "b", "ab", "", "aba", "é", "😀", "a\n", "xb", "/"))
        case "boolean":
            return rng.random() < 0.5
        case "null":
            return None
        case "array":
            first = [_candidate(one, rng) for one in schema.get("prefixItems", ())]
            return first + [_candidate(schema.get("items", True), rng) for _ in range(rng.randrange(4))]
    properties = schema.get("properties", {})
    kept = {name: _candidate(one, rng) for name, one in properties.items() if rng.random() < 0.75}
    kept |= {name: _candidate(properties.get(name, True), rng) for name in schema.get("required", ())}
    is_open = schema.get("additionalProperties", True) is not False and "unevaluatedProperties" not in schema
    if rng.random() < (0.7 if is_open else 0.1):
        more = rng.choice(("a", "b", "class", "kind", "long", "x-y"))
        kept.setdefault(more, _candidate(schema.get("additionalProperties", True), rng))
    return kept


def texts(frame: dict[str, Any], rng: random.Random) -> Iterator[str | bytes]:
    """Yield JSON texts of a frame, regular and unusual ones, as text and as bytes."""
    plain = json.dumps(frame)
    yield plain
    strange = "{" + f'"type":{json.dumps(frame["type"])},"data":{_written(frame["data"], rng)}' + "}"
    yield strange
    yield strange.encode("utf-8", "surrogatepass")
    if rng.random() < 0.1:
        broken = rng.choice(BROKEN)
        yield "{" + f'"type":{json.dumps(frame["type"])},"data":{broken}' + "}"
        yield "{" + f'"data":[{plain},{broken}],"type":{json.dumps(frame["type"])}' + "}"


def _written(value: Any, rng: random.Random) -> str:
    """Return a value as unusual JSON text; the last of duplicate properties has the value."""
    space = rng.choice(("", "", " ", "\n\t"))
    match value:
        case dict():
            members = [f"{_text(name, rng)}{space}:{_written(one, rng)}" for name, one in value.items()]
            if members and rng.random() < 0.2:
                name = rng.choice(list(value))
                other = f"{_text(name, rng)}:{_written(rng.choice(ANY), rng)}"
                members.insert(rng.randrange(len(members) + 1), other)
            if rng.random() < 0.3:
                rng.shuffle(members)
            return "{" + f",{space}".join(members) + space + "}"
        case list():
            return "[" + f"{space},".join(_written(one, rng) for one in value) + "]"
        case str():
            return _text(value, rng)
        case bool() | None:
            return json.dumps(value)
        case int() if abs(value) < 2**53 or rng.random() < 0.5:
            return rng.choice((f"{value}", f"{value}", f"{value}.0", f"{value}e0", f"{value}0e-1", f"{value}E+0"))
        case float() if value == int(value) and abs(value) < 1e15:
            return rng.choice((json.dumps(value), f"{int(value)}.000", f"{int(value)}"))
        case _:
            return json.dumps(value)


def _text(value: str, rng: random.Random) -> str:
    match rng.randrange(4):
        case 0:
            return json.dumps(value, ensure_ascii=False)
        case 1:
            return '"' + "".join(f"\\u{unit:04x}" for unit in _units(value)) + '"'
        case 2:
            return json.dumps(value).replace("/", "\\/")
        case _:
            return json.dumps(value)


def _units(value: str) -> list[int]:
    raw = value.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]
