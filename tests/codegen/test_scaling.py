"""Steps of codegen for schemas of twice the size, which must not be much more than twice as many."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from codegen.pipeline import plan
from codegen.settings.project_settings import read_settings

TEXT = {"type": "string", "pattern": "^a"}
"""Schema that no type guarantees, so that proofs fail."""


def reference(number: int) -> dict[str, str]:
    return {"$ref": f"#/$defs/D{number}"}


def definitions(schemas: list[Any], **others: Any) -> dict[str, Any]:
    return {"$ref": "#/$defs/D0", "$defs": {f"D{at}": schema for at, schema in enumerate(schemas)}} | others


def obj(properties: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties} | others


def many_definitions(size: int) -> Any:
    return definitions([obj({"a": TEXT, "b": reference(size)})] * size + [obj({"z": TEXT})])


def long_chain(size: int) -> Any:
    return definitions([obj({"next": reference(at + 1)}) for at in range(size)] + [TEXT])


def chain_of_aliases(size: int) -> Any:
    return definitions([reference(at + 1) for at in range(size)] + [TEXT])


def mutual_recursion(size: int) -> Any:
    count = math.isqrt(size)
    fields = {f"p{at}": reference(at) for at in range(count)}
    return definitions([obj(fields | ({} if at else {"z": TEXT})) for at in range(count)])


def mutual_requirement(size: int) -> Any:
    schema = mutual_recursion(size)
    for definition in schema["$defs"].values():
        definition["required"] = list(definition["properties"])
    return schema


def mutual_unions(size: int) -> Any:
    count = math.isqrt(size)
    union = {"oneOf": [reference(at) for at in range(count)]}
    return definitions([obj({"union": union} | ({} if at else {"z": TEXT})) for at in range(count)])


def nested_references(keyword: str) -> Callable[[int], Any]:
    """Return schemas in which each of ``size`` definitions refers twice to the next one, so there are 2**size paths."""

    def build(size: int) -> Any:
        inner = [{keyword: [reference(at + 1), {"allOf": [reference(at + 1)]}]} for at in range(size)]
        return definitions([*inner, obj({"a": TEXT})])

    return build


def nested_conditions(size: int) -> Any:
    keywords = ("if", "then", "else")
    return definitions([{word: reference(at + 1) for word in keywords} for at in range(size)] + [obj({"a": TEXT})])


def required_twice(size: int) -> Any:
    inner = [obj({"l": reference(at + 1), "r": reference(at + 1)}, required=["l", "r"]) for at in range(size)]
    return definitions([*inner, TEXT])


def wide_enum(size: int) -> Any:
    return {"enum": [f"value {at}" for at in range(size)]}


def wide_union_of_constants(size: int) -> Any:
    return {"oneOf": [{"const": f"value {at}", "title": f"Title {at}"} for at in range(size)]}


def wide_union_of_objects(size: int) -> Any:
    return {"oneOf": [obj({f"k{at}": TEXT}, required=[f"k{at}"]) for at in range(100 + size)]}


def many_properties(size: int) -> Any:
    return obj({f"p{at}": TEXT for at in range(size)}, required=["p1"], additionalProperties=False)


def many_parts(size: int) -> Any:
    return {"allOf": [obj({f"p{at}": TEXT}) for at in range(size)]}


def many_conditions(size: int) -> Any:
    conditions = [{"if": {"required": [f"p{at}"]}, "then": {"required": ["q"]}} for at in range(size)]
    return obj({f"p{at}": TEXT for at in range(size)}, allOf=conditions)


def many_patterns(size: int) -> Any:
    return {"type": "object", "patternProperties": {f"^p{at}_": {"type": "string"} for at in range(size)}}


def many_extensions(size: int) -> Any:
    inner = [{"allOf": [reference(size), obj({"x": TEXT})]} for _ in range(size)]
    fields = {f"p{at}": reference(at) for at in range(size)}
    return definitions([*inner, obj({"id": TEXT})], **obj(fields)) | {"$ref": f"#/$defs/D{size}"}


def same_names(size: int) -> Any:
    return obj({f"p{at}": obj({"x": obj({"name": TEXT})}) for at in range(size)})


SHAPES: dict[str, tuple[Callable[[int], Any], int]] = {
    "many definitions": (many_definitions, 40),
    "long chain": (long_chain, 60),
    "chain of aliases": (chain_of_aliases, 60),
    "mutual recursion": (mutual_recursion, 36),
    "mutual requirement": (mutual_requirement, 36),
    "mutual unions": (mutual_unions, 36),
    "nested allOf": (nested_references("allOf"), 12),
    "nested anyOf": (nested_references("anyOf"), 12),
    "nested oneOf": (nested_references("oneOf"), 12),
    "nested conditions": (nested_conditions, 12),
    "required twice": (required_twice, 12),
    "wide enum": (wide_enum, 200),
    "wide union of constants": (wide_union_of_constants, 110),
    "wide union of objects": (wide_union_of_objects, 50),
    "many properties": (many_properties, 60),
    "many parts": (many_parts, 40),
    "many conditions": (many_conditions, 40),
    "many patterns": (many_patterns, 40),
    "many extensions": (many_extensions, 40),
    "same names": (same_names, 40),
}
"""Shape of a schema and its size, by name."""


def calls(folder: Path, schema: Any) -> int:
    """Return the number of calls of Python functions, which is the same on every machine."""
    count = 0

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event == "call"

    (folder / "schemas").mkdir(parents=True)
    endpoint = {"kind": "ephemeral", "serverMessages": {"it": {"payload": {"$ref": "shared.json"}}}}
    for name, document in (("test", endpoint), ("shared", schema)):
        (folder / "schemas" / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    threading.setprofile(profile)
    try:
        plan(read_settings(folder))
    finally:
        threading.setprofile(None)
    return count


@pytest.mark.parametrize("shape", SHAPES)
def test_twice_the_input_takes_about_twice_the_steps(tmp_path: Path, shape: str) -> None:
    build, size = SHAPES[shape]
    calls(tmp_path / "first", {"type": "string"})  # fills caches
    fixed = calls(tmp_path / "empty", {"type": "string"})

    once, twice = (calls(tmp_path / str(factor), build(factor * size)) - fixed for factor in (1, 2))

    assert 0 < once
    assert twice <= 2.5 * once
