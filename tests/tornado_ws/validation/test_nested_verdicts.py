"""Verdicts on the parts of deep values, compared with jsonschema-rs."""

from __future__ import annotations

import json
import random
import time
from typing import Any

import pytest

from tornado_ws.validation.nested_verdicts import SHALLOW
from tornado_ws.validation.schema_validator import SchemaValidator

NODE = {"$ref": "#/$defs/Node"}


def record(**properties: Any) -> Any:
    return {"type": "object", "properties": properties, "required": [*properties]}


def text(pattern: str) -> Any:
    return {"type": "string", "pattern": pattern}


ITEMS = {"type": "array", "items": NODE}
ALTERNATIVES: dict[str, list[Any]] = {
    "patterns": [record(n=ITEMS, a=text("^x")), record(n=ITEMS, a=text("^y"))],
    "conditions": [
        {**record(n=ITEMS), "if": record(a=text("x")), "then": {"maxProperties": 2}, "else": {"minProperties": 2}},
        {**record(n=ITEMS), "not": record(a=text("x")), "dependentSchemas": {"b": {"required": ["a"]}}},
    ],
    "counts": [record(n=ITEMS | {"contains": record(a=text("x"))}), record(n=ITEMS | {"maxItems": 1})],
    "names": [
        {"type": "object", "patternProperties": {"^n": ITEMS}, "unevaluatedProperties": text("x")},
        {"type": "object", "propertyNames": {"maxLength": 1}, "additionalProperties": {"anyOf": [ITEMS, text("y")]}},
    ],
}


def validator(alternatives: list[Any]) -> SchemaValidator:
    return SchemaValidator(json.dumps({"$defs": {"Node": {"oneOf": [*alternatives, {"type": "integer"}]}}}))


def value(numbers: random.Random, depth: int) -> Any:
    if depth == 0:
        return numbers.choice([1, [], {}, "x"])
    inner = [value(numbers, depth - 1)] + [value(numbers, numbers.randrange(2)) for _ in range(numbers.randrange(2))]
    found: dict[str, Any] = {"n": inner}
    if numbers.random() < 0.9:
        found["a"] = numbers.choice("xxyz")
    if numbers.random() < 0.1:
        found["bb"] = "x"
    return found


def parts(plain: Any) -> list[Any]:
    """Return a value and all its parts, the innermost ones first."""
    inner = plain.values() if isinstance(plain, dict) else plain if isinstance(plain, list) else ()
    return [part for one in inner for part in parts(one)] + [plain]


@pytest.mark.parametrize("name", ALTERNATIVES)
@pytest.mark.parametrize("order", [1, -1], ids=["innermost first", "outermost first"])
def test_verdicts_are_those_of_the_schema_validator(name: str, order: int) -> None:
    judge = validator(ALTERNATIVES[name])
    pointers = [f"/$defs/Node/oneOf/{position}" for position in (0, 1)]
    numbers = random.Random(1)
    seen: set[bool] = set()

    for _ in range(60):
        plain = value(numbers, numbers.randrange(3 * SHALLOW))
        verdicts = judge.nested_verdicts()
        for part in parts(plain)[::order]:
            for pointer in pointers:
                expected = judge.predicate(pointer)(part)
                assert verdicts.accepts(pointer, part, pointers) is expected
                seen.add(expected)

    assert seen == {True, False}


def test_value_beyond_the_recursion_limit_has_the_same_verdict() -> None:
    tree = {"type": "object", "properties": {"n": {"$ref": "#/$defs/Tree"}}}
    judge = SchemaValidator(json.dumps({"$defs": {"Tree": tree, "It": record(tree={"$ref": "#/$defs/Tree"})}}))
    deep: Any = {}
    for _ in range(5_000):
        deep = {"n": deep}

    assert judge.nested_verdicts().accepts("/$defs/It", {"tree": deep})
    assert not judge.nested_verdicts().accepts("/$defs/It", {"tree": [deep]})


def test_verdicts_on_all_parts_take_linear_time() -> None:
    judge = validator(ALTERNATIVES["patterns"])
    pointers = [f"/$defs/Node/oneOf/{position}" for position in (0, 1)]

    def seconds(depth: int) -> float:
        plain: Any = 1
        for _ in range(depth):
            plain = {"n": [plain], "a": "y"}
        times = []
        for _ in range(3):
            start, verdicts = time.process_time(), judge.nested_verdicts()
            part = plain
            while part != 1:
                assert [verdicts.accepts(pointer, part, pointers) for pointer in pointers] == [False, True]
                (part,) = part["n"]
            times.append(time.process_time() - start)
        return min(times)

    assert seconds(800) < 7 * seconds(200)
