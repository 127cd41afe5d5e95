"""Unions of Pydantic models: selection of the member, and its time."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydantic
import pytest

from tests.codegen.support.generated import payload
from tests.codegen.support.package import endpoint, module
from tornado_ws.validation.codec import Codec

INTEGER, STRING, BOOLEAN = ({"type": name} for name in ("integer", "string", "boolean"))


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/$defs/{name}"}


def record(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*required]}


def array(item: Any) -> dict[str, Any]:
    return {"type": "array", "items": item}


def tagged(kind: str, **properties: Any) -> dict[str, Any]:
    return record({"type": {"const": kind}, **properties}, "type", *properties)


def nested(leaf: Any, wrap: Callable[[Any], Any], depth: int) -> Any:
    for _ in range(depth):
        leaf = wrap(leaf)
    return leaf


SHAPES: dict[str, tuple[dict[str, Any], Any, Callable[[Any], Any]]] = {
    "tagged filter": (
        {
            "Top": {"oneOf": [ref("And"), ref("Not"), ref("Equals")]},
            "And": tagged("and", of=array(ref("Top"))),
            "Not": tagged("not", filter=ref("Top")),
            "Equals": tagged("equals", value={}),
        },
        {"type": "equals", "value": 1},
        lambda inner: {"type": "and", "of": [{"type": "not", "filter": inner}]},
    ),
    "filter without a tag": (
        {
            "Top": {"anyOf": [ref("And"), ref("Or"), ref("Not"), ref("Equals")]},
            "And": record({"and": array(ref("Top"))}, "and"),
            "Or": record({"or": array(ref("Top"))}, "or"),
            "Not": record({"not": ref("Top")}, "not"),
            "Equals": record({"value": {}}, "value"),
        },
        {"value": 1},
        lambda inner: {"and": [{"not": inner}]},
    ),
    "rich text with several kinds for one class": (
        {
            "Top": {"anyOf": [ref("Block"), ref("Mark"), ref("Text")]},
            "Block": record({"kind": {"enum": ["p", "h"]}, "in": array(ref("Top"))}, "kind"),
            "Mark": record({"kind": {"enum": ["b", "i"]}, "in": array(ref("Top"))}, "kind"),
            "Text": record({"kind": {"const": "t"}, "text": STRING}, "kind"),
        },
        {"kind": "t", "text": "x"},
        lambda inner: {"kind": "b", "in": [inner]},
    ),
    "objects that differ at the bottom": (
        {
            "Top": {"anyOf": [ref("A"), ref("B")]},
            "A": record({"next": ref("Top"), "a": INTEGER}),
            "B": record({"next": ref("Top"), "a": STRING}),
        },
        {"a": "x"},
        lambda inner: {"next": inner},
    ),
    "arrays that differ at the bottom": (
        {
            "Top": {"anyOf": [array(ref("A")), array(ref("B"))]},
            "A": {"anyOf": [ref("Top"), INTEGER]},
            "B": {"anyOf": [ref("Top"), BOOLEAN]},
        },
        [True],
        lambda inner: [inner],
    ),
    "maps that differ at the bottom": (
        {
            "Top": {"anyOf": [{"type": "object", "additionalProperties": ref(name)} for name in ("A", "B")]},
            "A": {"anyOf": [ref("Top"), INTEGER]},
            "B": {"anyOf": [ref("Top"), BOOLEAN]},
        },
        {"x": True},
        lambda inner: {"x": inner},
    ),
}


def seconds(decode: Callable[[str], object], text: str) -> float:
    times = []
    for _ in range(5):
        start = time.process_time()
        decode(text)
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize("name", SHAPES)
def test_time_is_proportional_to_the_depth(tmp_path: Path, name: str) -> None:
    definitions, leaf, wrap = SHAPES[name]
    it = module(tmp_path, {"test.json": payload(ref("Top"), **{"$defs": definitions})}, models="pydantic")
    codec = Codec(endpoint(it), side="client")
    shallow, deep = (json.dumps({"type": "it", "data": nested(leaf, wrap, depth)}) for depth in (10, 60))

    decoded = codec.decode(deep).data

    assert json.loads(deep)["data"] == json.loads(Codec(endpoint(it)).encode(it.It(decoded)))["data"]
    assert seconds(codec.decode, deep) < 60 * seconds(codec.decode, shallow)  # 2**50 if each level tried two members


def generated(folder: Path, schema: Any, **definitions: Any) -> Any:
    return module(
        folder,
        {"test.json": payload({"type": "object", "properties": {"x": schema}}, **{"$defs": definitions})},
        models="pydantic",
    )


def decoded(it: Any, value: Any) -> Any:
    return Codec(endpoint(it), side="client").decode(json.dumps({"type": "it", "data": {"x": value}})).data.x


def test_member_with_most_of_the_properties_is_selected(tmp_path: Path) -> None:
    it = generated(
        tmp_path,
        {"anyOf": [ref("Input"), ref("Result")]},
        Input=record({"prompt": STRING}),
        Result=record({"content": STRING, "isError": BOOLEAN}),
    )

    assert isinstance(decoded(it, {"content": "x", "isError": True}), it.Result)
    assert isinstance(decoded(it, {"prompt": "x"}), it.Input)
    assert isinstance(decoded(it, {}), it.Input)


def test_numbers_and_booleans_distinguish_members(tmp_path: Path) -> None:
    constants = {"One": 1, "Yes": True, "Nil": None}
    it = generated(
        tmp_path,
        {"anyOf": [ref(name) for name in constants]},
        **{name: record({"op": {"const": value}}, "op") for name, value in constants.items()},
    )

    assert [*constants] == [type(decoded(it, {"op": value})).__name__ for value in constants.values()]


def test_instances_select_members_when_an_application_constructs_a_message(tmp_path: Path) -> None:
    it = generated(
        tmp_path,
        {"anyOf": [ref("A"), ref("B"), array(ref("A")), array(ref("B"))]},
        A=record({"n": INTEGER}),
        B=record({"n": INTEGER}),
    )

    assert isinstance(it.It(x=it.B(n=1)).x, it.B)
    assert ["B", "B"] == [type(item).__name__ for item in it.It(x=[it.B(), it.B(n=1)]).x]
    assert isinstance(it.It(x={"n": 1}).x, it.A)
    with pytest.raises(pydantic.ValidationError, match="one of the alternatives"):
        it.It(x="text")
    with pytest.raises(pydantic.ValidationError):
        it.It(x={"n": "text"})


def test_member_of_a_union_may_have_a_property_without_a_name(tmp_path: Path) -> None:
    it = generated(
        tmp_path, {"anyOf": [ref("A"), ref("B")]}, A=record({"": INTEGER}, ""), B=record({"": STRING, "b": STRING}, "")
    )

    assert isinstance(decoded(it, {"": 1}), it.A)
    assert isinstance(decoded(it, {"": "x"}), it.B)
