"""Undeclared properties in both models: equal results of the setting ``unknown``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from codegen.emit.python import Models
from tornado_ws.validation.codec import Codec
from tornado_ws.validation.payload import PayloadCodec
from tornado_ws.validation.schema_validator import SchemaValidator

from ..support.generated import payload
from ..support.package import endpoint, module, typecheck, write

INTEGER = {"type": "integer"}
OPEN = {"type": "object", "properties": {"a": INTEGER}}
OTHER = {"type": "object", "properties": {"b": INTEGER}}
MAP = {"type": "object"}
NODE = OPEN | {"additionalProperties": {"$ref": "#/$defs/Node"}}
MODELS: list[Models] = ["msgspec", "pydantic"]


def sent_again(path: Path, schema: Any, value: Any, models: Models, **options: Any) -> Any:
    """Return the JSON of a value after decoding and encoding."""
    files = {"test.json": payload(schema, **{"$defs": {"Node": NODE}})}
    loaded = endpoint(module(path, files, models=models, **options))
    checked = loaded.server[0].payload
    assert checked is not None
    got = Codec(loaded, side="client").decode(json.dumps({"type": "it", "data": value})).data
    return json.loads(PayloadCodec(checked, SchemaValidator(loaded.schema)).encode(got))


@pytest.mark.parametrize("models", MODELS)
@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (OPEN | {"additionalProperties": True}, {"a": 1, "b": [1.5, None]}),
        (OPEN | {"patternProperties": {"^x": INTEGER}}, {"x": 1, "y": ""}),
        ({"$ref": "#/$defs/Node"}, {"a": 1, "b": {"c": {"a": 2}}}),
        (OPEN | {"minProperties": 1}, {"b": 1}),
        ({"anyOf": [OPEN, {"type": "object", "properties": {"b": INTEGER}}]}, {"a": 1, "b": 2}),
        (OPEN | {"additionalProperties": {"type": "number"}}, {"b": 2, "c": 1.5}),
        ({"allOf": [{**MAP, "additionalProperties": part} for part in (OPEN, OTHER)]}, {"x": {"a": 1, "b": 2}}),
        ({"allOf": [{**MAP, "additionalProperties": OPEN}, {"patternProperties": {"x": OTHER}}]}, {"x": {"b": 2}}),
        ({**MAP, "patternProperties": {"x": OTHER}, "additionalProperties": OPEN}, {"x": {"a": 1, "b": 2}}),
        ({"type": "array", "items": OPEN, "uniqueItems": True}, [{"z": 1}, {"z": 2}]),
    ],
)
def test_stated_or_judged_properties_are_kept(tmp_path: Path, models: Models, schema: Any, value: Any) -> None:
    assert value == sent_again(tmp_path, schema, value, models)


@pytest.mark.parametrize("models", MODELS)
@pytest.mark.parametrize(("unknown", "expected"), [("ignore", {"a": 1}), ("keep", {"a": 1, "b": {"c": 2}})])
def test_setting_decides_about_other_properties(tmp_path: Path, models: Models, unknown: str, expected: Any) -> None:
    assert expected == sent_again(tmp_path, OPEN, {"a": 1, "b": {"c": 2}}, models, unknown=unknown)


DEFAULTS = {
    "names": {"type": "array", "items": {"enum": ["a", "b"]}, "default": ["a"]},
    "empty": {"type": "array", "items": INTEGER, "default": []},
    "nodes": {"type": "array", "items": {"$ref": "#/$defs/Point"}, "default": [{"x": 2}]},
    "point": {"$ref": "#/$defs/Point", "default": {}},
}


@pytest.mark.parametrize("models", MODELS)
def test_defaults_of_both_models_are_equal_and_have_their_types(tmp_path: Path, models: Models) -> None:
    point = {"type": "object", "properties": {"x": {**INTEGER, "default": 1}}}
    files = {"test.json": payload({"type": "object", "properties": DEFAULTS}, **{"$defs": {"Point": point}})}
    made = module(tmp_path / "run", files, models=models)

    it = made.It()

    assert (["a"], [], [made.Point(x=2)], made.Point()) == (it.names, it.empty, it.nodes, it.point)
    assert it.point.x == 1
    assert made.It().empty is not it.empty
    typecheck(write(tmp_path / "check", files, models=models)["test"])


@pytest.mark.parametrize("models", MODELS)
@pytest.mark.parametrize("number", [2**53 + 1, -(2**60) - 1, 2**70 + 1, 1.5, 1.0, 7, 1e300])
def test_numbers_keep_their_value(tmp_path: Path, models: Models, number: float) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "number"}, "b": {"type": "number", "minimum": -1e19}}}

    value = {"a": number, "b": abs(number)}

    assert value == sent_again(tmp_path, schema, value, models)
