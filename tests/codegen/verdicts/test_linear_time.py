"""Validation and decoding of nested values in linear time, for schemas with several alternatives at each level."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from codegen.emit.python import Models
from tornado_ws import InvalidFrame
from tornado_ws.validation.codec import Codec

from ..support.generated import Client, payload, read
from ..support.package import emit, endpoint, run

pytestmark = pytest.mark.usefixtures("unmeasured")

NODE: Any = {"$ref": "#/$defs/Node"}
NODES = {"type": "array", "items": NODE}
TEXT = {"type": "string"}
LEAF: Any = {"leaf": "a"}
MAP = {"$ref": "#/$defs/Map"}
PAIR = {"type": "array", "prefixItems": [{"type": "integer"}, NODE], "items": False}
OPTIONAL = {"anyOf": [NODE, {"type": "null"}]}


def record(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*required]}


def constant(value: Any) -> dict[str, Any]:
    return {"const": value}


LEAVES = record("leaf", leaf=TEXT)
FILTER = {"and": {"and": NODES}, "or": {"or": NODES}, "not": {"not": NODE}}
SHAPES: dict[str, tuple[dict[str, Any], Callable[[Any], Any], Any, Any]] = {
    "filter by names": (
        {"Node": {"anyOf": [*(record(name, **FILTER[name]) for name in FILTER), LEAVES]}},
        lambda inner: {"or": [{"not": inner}]},
        LEAF,
        {"leaf": 1},
    ),
    "texts as tags": (
        {"Node": {"anyOf": [record("type", type=constant(type_), args=NODES) for type_ in ("and", "or", "leaf")]}},
        lambda inner: {"args": [inner], "type": "or"},
        {"type": "leaf"},
        {"type": "no"},
    ),
    "booleans as tags": (
        {"Node": {"oneOf": [record("type", type=constant(type_), args=NODES) for type_ in (True, False, None)]}},
        lambda inner: {"args": [inner], "type": False},
        {"type": None},
        {"type": 0},
    ),
    "optional tags": (
        {"Node": {"anyOf": [*(record("args", type=constant(type_), args=NODES) for type_ in ("and", "or")), LEAVES]}},
        lambda inner: {"args": [inner], "type": "or"},
        LEAF,
        {"leaf": 1},
    ),
    "members that differ by a bound": (
        {
            "Node": {
                "oneOf": [
                    *(
                        record("args", "a", args=NODES, a={"type": "integer", **bound})
                        for bound in ({"maximum": 1}, {"minimum": 3})
                    ),
                    LEAVES,
                ]
            }
        },
        lambda inner: {"args": [inner], "a": 3},
        LEAF,
        {"leaf": 1},
    ),
    **{
        f"members that differ by {name}": (
            {"Node": {keyword: [*(record("args", "a", args=NODES, a=a) for a in tests), LEAVES]}},
            lambda inner: {"args": [inner], "a": "yy"},
            LEAF,
            {"leaf": 1},
        )
        for name, keyword, tests in (
            ("a pattern", "oneOf", [TEXT | {"pattern": "^x"}, TEXT | {"pattern": "^y"}]),
            ("a pattern, of which one may be valid", "anyOf", [TEXT | {"pattern": "^x"}, TEXT | {"pattern": "^y"}]),
            ("a length", "oneOf", [TEXT | {"maxLength": 1}, TEXT | {"minLength": 2}]),
            ("a format", "anyOf", [TEXT | {"format": "uuid", "pattern": "-"}, TEXT | {"format": "emoji"}]),
            ("the negation of a constant", "oneOf", [{"not": {"const": "yy"}}, {"const": "yy"}]),
            ("a condition", "oneOf", [{"if": {"minLength": 2}, "then": {"minLength": 3}}, {"const": "yy"}]),
        )
    },
    "members that differ by a deeper constant": (
        {
            "Node": {
                "oneOf": [
                    *(record("n", "a", n=NODE, a=record("b", b=record("c", c=constant(kind)))) for kind in "xyz"),
                    LEAVES,
                ]
            }
        },
        lambda inner: {"n": inner, "a": {"b": {"c": "z"}}},
        LEAF,
        {"leaf": 1},
    ),
    "members that differ by the number of items": (
        {"Node": {"oneOf": [record("n", n=NODES | size) for size in ({"maxItems": 1}, {"minItems": 3})]}},
        lambda inner: {"n": [inner]},
        {"n": []},
        {"n": 1},
    ),
    "members that differ by the names of properties": (
        {
            "Node": {
                "oneOf": [
                    {"type": "object", "propertyNames": {"pattern": pattern}, "additionalProperties": NODE}
                    for pattern in ("^x", "^y")
                ]
                + [TEXT]
            }
        },
        lambda inner: {"yy": inner},
        "a",
        1,
    ),
    "arrays that differ by a pattern": (
        {
            "Node": {
                "oneOf": [
                    {"type": "array", "prefixItems": [TEXT | {"pattern": pattern}, NODE], "items": False, "minItems": 1}
                    for pattern in ("^x", "^y")
                ]
            }
        },
        lambda inner: ["yy", inner],
        ["xx"],
        [1],
    ),
    "mutual recursion": (
        {
            "Node": {"anyOf": [record("n", "a", n={"$ref": "#/$defs/Other"}, a=TEXT | {"pattern": p}) for p in "xy"]},
            "Other": {"anyOf": [*(record("n", "b", n=NODE, b=TEXT | {"pattern": p}) for p in "xy"), LEAVES]},
        },
        lambda inner: {"n": {"n": inner, "b": "y"}, "a": "y"},
        {"n": LEAF, "a": "x"},
        {"n": LEAF, "a": 1},
    ),
    "JSON": (
        {"Node": {"anyOf": [TEXT, {"type": "integer"}, NODES, {"type": "object", "additionalProperties": NODE}]}},
        lambda inner: {"a": [inner]},
        1.0,
        1.5,
    ),
    "arrays": (
        {
            "Node": {
                "anyOf": [
                    {"type": "array", "items": {"anyOf": [NODE, {"type": type_}]}} for type_ in ("integer", "string")
                ]
            }
        },
        lambda inner: [inner],
        ["a"],
        [None],
    ),
    "arrays of maps": (
        {
            "Node": {"anyOf": [{"type": "array", "items": {"$ref": f"#/$defs/{name}"}} for name in ("One", "Other")]},
            "One": {**record(n=NODE), "additionalProperties": {"type": "integer"}},
            "Other": {**record(n=NODE), "additionalProperties": TEXT},
        },
        lambda inner: [{"n": inner, "a": "b"}],
        [{"a": 1}],
        [{"a": 1}, {"a": "b"}],
    ),
    "unions in additional properties": (
        {
            "Node": {
                "anyOf": [
                    {**record(n=NODE), "additionalProperties": {"anyOf": [NODE, {"type": type_}]}}
                    for type_ in ("integer", "string")
                ]
            }
        },
        lambda inner: {"a": inner, "b": 1},
        {"a": "b"},
        {"a": None},
    ),
    "unions in unions": (
        {
            "Node": {"anyOf": [{"$ref": "#/$defs/And"}, {"$ref": "#/$defs/Other"}]},
            "And": record("and", **FILTER["and"]),
            "Other": {"anyOf": [record("not", **FILTER["not"]), LEAVES]},
        },
        lambda inner: {"not": inner},
        LEAF,
        {"leaf": 1},
    ),
    "both parts of allOf": (
        {
            "Node": {"anyOf": [{"allOf": [{"$ref": "#/$defs/One"}, {"$ref": "#/$defs/Other"}]}, LEAVES]},
            "One": record("args", args=NODES),
            "Other": record("args", args=NODES),
        },
        lambda inner: {"args": [inner]},
        LEAF,
        {"leaf": 1},
    ),
    "members with wider members": (
        {
            "Node": {"oneOf": [{"$ref": "#/$defs/One"}, {"$ref": "#/$defs/Other"}]},
            "One": record("n", n=NODE, k={"type": "integer"}),
            "Other": record("n", n={"anyOf": [NODE, TEXT]}, k=TEXT),
        },
        lambda inner: {"n": inner, "k": "a"},
        {"n": "a", "k": "a"},
        {"n": 1},
    ),
    "conditions": (
        {
            "Node": {
                **record("args", args=NODES),
                "if": record("args", args={"items": {"not": NODE}}),
                "then": {"maxProperties": 1},
            }
        },
        lambda inner: {"args": [inner]},
        {"args": []},
        {"args": 1},
    ),
}
"""Definitions, a function that returns a value around another one, and a valid and an invalid innermost value."""
FACTOR = 5
"""Factor of the depth; in quadratic time, the time grows by its square."""
DEPTH = 20


def nested(shape: str, depth: int, *, valid: bool = True) -> Any:
    _, around, leaf, invalid = SHAPES[shape]
    value = leaf if valid else invalid
    for _ in range(depth):
        value = around(value)
    return value


def seconds(codec: Codec, value: Any) -> float:
    """Return the shortest processor time in which a codec decodes the message with a value."""
    return seconds_of_frame(codec, json.dumps({"type": "it", "data": value}))


def seconds_of_frame(codec: Codec, frame: str) -> float:
    times = []
    for _ in range(9):
        started = time.process_time()
        with suppress(InvalidFrame):
            codec.decode(frame)
        times.append(time.process_time() - started)
    return min(times)


@pytest.mark.parametrize("models", ["msgspec", "pydantic"])
@pytest.mark.parametrize("shape", SHAPES)
def test_time_of_decoding_grows_linearly_with_the_depth(tmp_path: Path, shape: str, models: Models) -> None:
    (modules,) = emit(tmp_path, read(tmp_path / "schemas", document(shape)), models=models).values()
    codec = Codec(endpoint(run(modules)), side="client")

    for valid in (True, False):
        short, long = (seconds(codec, nested(shape, depth, valid=valid)) for depth in (DEPTH, DEPTH * FACTOR))

        assert long < 3 * FACTOR * max(short, 0.0001)


def test_page_validates_deep_values_in_linear_time(tmp_path: Path) -> None:
    client = Client(tmp_path / "client")
    for index, shape in enumerate(SHAPES):
        client.add(read(tmp_path / str(index), document(shape)), prefix=f"{index}-")
        for valid in (True, False):
            client.queue(f"{index}-test", nested(shape, DEPTH * FACTOR, valid=valid))

    found = client.results()

    assert [issue is None for issue in found] == [True, False] * len(SHAPES)


TAGGED: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "texts": (
        {"Node": {"oneOf": [record("type", type=constant(type_), args=NODES) for type_ in ("and", "or", "leaf")]}},
        '{"args":[',
        '],"type":"or"}',
        '"type":"leaf"',
    ),
    "integers": (
        {"Node": {"anyOf": [record("op", op=constant(op), n=NODE) for op in (1, 2, 3)]}},
        '{"n":',
        ',"op":2}',
        '"op":3',
    ),
    "maps and arrays": (
        {
            "Node": {"oneOf": [record("t", t=constant("m"), m=MAP), record("t", t=constant("l"), l=PAIR)]},
            "Map": {"type": "object", "additionalProperties": NODE},
        },
        '{"m":{"":{"l":[1,',
        '],"t":"l"}},"t":"m"}',
        '"t":"m"',
    ),
    "an optional member": (
        {"Node": {"anyOf": [*(record("t", t=constant(t), n=OPTIONAL) for t in "ab"), {"type": "null"}]}},
        '{"n":',
        ',"t":"a"}',
        '"t":"b"',
    ),
    "a file of its own": (
        {
            "Node": record("n", n={"$ref": "#/$defs/Either"}),
            "Either": {"oneOf": [record("t", t=constant("a"), n=NODE), record("t", t=constant("b"))]},
        },
        '{"n":{"n":',
        ',"t":"a"}}',
        '"n":{"t":"b"}',
    ),
}
"""Definitions, the text before and after an inner value with tags at the end, and the members of the innermost one."""
BYTES = 2_000
"""Size for each level; the text of the innermost value would be read once for each."""


def tagged(shape: str, depth: int) -> str:
    """Return a frame whose size grows in proportion to its depth."""
    _, before, after, leaf = TAGGED[shape]
    digits = "1," * (BYTES * depth // 2)
    return f'{{"type":"it","data":{before * depth}{{"filler":[{digits}1],{leaf}}}{after * depth}}}'


@pytest.mark.parametrize("models", ["msgspec", "pydantic"])
@pytest.mark.parametrize("shape", TAGGED)
def test_time_grows_linearly_if_the_tags_come_last(tmp_path: Path, shape: str, models: Models) -> None:
    folder = read(tmp_path / "schemas", {"test.json": payload(NODE, **{"$defs": TAGGED[shape][0]})})
    (modules,) = emit(tmp_path, folder, models=models).values()
    codec = Codec(endpoint(run(modules)), side="client")
    frames = [tagged(shape, depth) for depth in (DEPTH, DEPTH * FACTOR)]

    short, long = (seconds_of_frame(codec, frame) for frame in frames)

    assert long < 3 * FACTOR * short
    for frame in frames:
        codec.decode(frame)


def document(shape: str) -> dict[str, Any]:
    return {"test.json": payload(NODE, **{"$defs": SHAPES[shape][0]})}
