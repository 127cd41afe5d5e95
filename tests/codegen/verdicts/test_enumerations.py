"""Enumerations as classes of Python: verdicts, values and texts are those of literal types."""

from __future__ import annotations

import json
import random
from pathlib import Path
from types import ModuleType
from typing import Any

import pydantic
import pytest

from codegen.source.diagnostics import SchemaProblems
from tests.support.seeds import seeds
from tornado_ws import InvalidFrame
from tornado_ws.endpoint import Endpoint
from tornado_ws.models import IntEnum, StrEnum
from tornado_ws.validation.codec import Codec
from tornado_ws.validation.json_values import integral

from ..support.generated import payload
from ..support.mutants import mutants
from ..support.package import endpoint, lint, module, pyright, run_all, typecheck, write
from ..support.random_schemas import schemas
from ..support.schema_instances import SchemaInstances

STRINGS = ("a", "ab", "b", "cat", "dog", "1", "", "é", "title", "class", "name", "-")
INTEGERS = (0, 1, 2, -1, 3, 1.0, 2**53, -(2**60), 5)


def with_enumerations(rng: random.Random, schema: Any) -> Any:
    """Return a schema in which some scalars and enumerations have several strings or integers, and maybe null."""
    if isinstance(schema, list):
        return [with_enumerations(rng, one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "enum" in schema or (schema.get("type") in ("string", "integer", "number") and rng.random() < 0.7):
        values = rng.sample(rng.choice((STRINGS, INTEGERS)), 3)
        return {"enum": [*values, *rng.choice(([], [], [None]))]}
    return {name: with_enumerations(rng, one) for name, one in schema.items()}


class Sides:
    """Both ends of a connection, for one endpoint."""

    def __init__(self, found: Endpoint) -> None:
        self._message = found.server[0].cls
        self._reader, self._writer = Codec(found, side="client"), Codec(found)

    def outcome(self, value: Any) -> Any:
        """Return the error of a value, or the JSON value that is sent again."""
        try:
            data = self._reader.decode(json.dumps({"type": "it", "data": value})).data
        except InvalidFrame as invalid:
            return invalid.error
        sent = json.loads(self._writer.encode(data if isinstance(data, self._message) else self._message.of(data)))
        return json.dumps(integral(sent["data"]), sort_keys=True)  # a text in which 1 and true differ


def generated_module(folder: Path, schema: Any, **definitions: Any) -> ModuleType:
    document = payload(schema, **{"$defs": definitions})
    return module(folder, {"test.json": document}, models="pydantic", enum_classes=True)


def enumerations(module: ModuleType) -> dict[str, type]:
    """Return the classes of enumerations in a module."""
    classes = {name: one for name, one in vars(module).items() if isinstance(one, type)}
    return {name: one for name, one in classes.items() if issubclass(one, StrEnum | IntEnum)}


@pytest.mark.parametrize("seed", seeds(0, 20))
def test_values_have_the_same_outcome_as_with_literal_types(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    schema = with_enumerations(rng, schemas(rng))
    try:
        literals = Sides(endpoint(module(tmp_path / "a", {"test.json": payload(schema)}, models="pydantic")))
    except SchemaProblems:
        return
    classes = Sides(endpoint(generated_module(tmp_path / "b", schema)))
    source = SchemaInstances(schema, rng)

    for made in [source.make("") for _ in range(20)]:
        for value in (made, *mutants(made, rng, 2)):
            assert literals.outcome(value) == classes.outcome(value), (schema, value)


STATUS = {"enum": ["open", "in progress", "class", "title", "", "é"]}
LEVEL = {"type": "integer", "enum": [1, 2, -3], "x-enum-varnames": ["Low", "High"]}
ORDER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "status": {**STATUS, "default": "in progress"},
        "level": LEVEL,
        "maybe": {"enum": ["x", "y", None]},
        "amounts": {"type": "object", "propertyNames": {"enum": ["EUR", "USD"]}, "default": {"EUR": 1}},
        "history": {"type": "array", "items": {"$ref": "#/$defs/state"}, "default": ["on"]},
        "next": {"$ref": "#"},
    },
    "required": ["level"],
}
STATE = {"enum": ["on", "off"], "description": "State of the device."}


@pytest.fixture(scope="module")
def it(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    order = {**ORDER, "properties": {**ORDER["properties"], "next": {"$ref": "#/$defs/order"}}}
    return generated_module(tmp_path_factory.mktemp("orders"), {"$ref": "#/$defs/order"}, order=order, state=STATE)


def test_received_values_are_members(it: ModuleType) -> None:
    text = '{"type": "it", "data": {"level": 2.0, "maybe": null, "next": {"level": -3, "history": ["off"]}}}'

    data = Codec(endpoint(it), side="client").decode(text).data

    assert it.OrderLevel.High is data.level
    assert it.OrderLevel.integer__3 is data.next.level
    assert [it.State.off] == data.next.history
    assert data.maybe is None


def test_defaults_are_members(it: ModuleType) -> None:
    order = it.Order(level=it.OrderLevel.Low)

    assert it.OrderStatus.in_progress is order.status
    assert [it.State.on] == order.history
    assert {it.OrderAmountsName.EUR: 1} == order.amounts


def test_members_and_their_values_are_sent(it: ModuleType) -> None:
    codec = Codec(endpoint(it))
    members = it.Order(status=it.OrderStatus.title_, level=it.OrderLevel.High, amounts={it.OrderAmountsName.USD: 2})
    values = it.Order(status="title", level=2, amounts={"USD": 2})

    assert members == values
    assert (
        '{"type":"it","data":{"status":"title","level":2,"amounts":{"USD":2}}}'
        == codec.encode(it.It.of(members)).decode()
        == codec.encode(it.It.of(values)).decode()
    )
    assert '{"status":"title","level":2,"amounts":{"USD":2}}' == members.model_dump_json()
    assert b'"level":2' in codec.encode(it.It.of(it.Order.model_construct(level=2)))


@pytest.mark.parametrize("level", ["2", 2.0, True, 4, None, "High", b"2"])
def test_other_values_are_not_converted(it: ModuleType, level: Any) -> None:
    with pytest.raises(pydantic.ValidationError):
        it.Order(level=level)


def test_message_can_be_a_member(tmp_path: Path) -> None:
    it = generated_module(tmp_path, {"$ref": "#/$defs/state"}, state=STATE)
    loaded = endpoint(it)

    data = Codec(loaded, side="client").decode('{"type": "it", "data": "off"}').data

    assert it.State.off is data
    assert b'{"type":"it","data":"off"}' == Codec(loaded).encode(it.It(it.State.off))


def test_parameters_are_members(tmp_path: Path) -> None:
    params = {
        "type": "object",
        "properties": {"level": LEVEL, "state": STATE, "all": {"type": "array", "items": LEVEL}},
    }
    document = {"kind": "persistent", "path": "/a", "params": params, "serverMessages": {"it": {}}}
    it = module(tmp_path, {"test.json": document}, models="pydantic", enum_classes=True)

    found = Codec(endpoint(it)).params({"level": "2", "state": "on", "all": ["1", "-3"]})

    assert (it.TestParamsLevel.High, it.TestParamsState.on) == (found.level, found.state)
    assert [it.TestParamsAllItem.Low, it.TestParamsAllItem.integer__3] == found.all


def test_tags_and_single_values_remain_literal_types(tmp_path: Path) -> None:
    kinds = {
        kind: {"type": "object", "properties": {"kind": {"enum": [kind]}, "one": {"enum": ["x"]}}, "required": ["kind"]}
        for kind in ("cat", "dog")
    }
    it = generated_module(tmp_path, {"oneOf": [{"$ref": f"#/$defs/{kind}"} for kind in kinds]}, **kinds)

    assert not enumerations(it)
    assert b'"kind":"cat"' in Codec(endpoint(it)).encode(it.It(it.Cat()))


def test_mixed_values_remain_literal_types(tmp_path: Path) -> None:
    mixed = {"properties": {"a": {"enum": [1, "a"]}, "b": {"enum": [1.5, 2]}, "c": {"enum": [True, 1]}}}

    it = generated_module(tmp_path, {"type": "object", **mixed, "required": ["a"]})

    assert not enumerations(it)


def test_alternatives_of_constants_are_one_class_with_their_titles(tmp_path: Path) -> None:
    level = {"oneOf": [{"const": 1, "title": "Very low"}, {"const": 2}, {"type": "null"}]}
    it = generated_module(
        tmp_path, {"type": "object", "properties": {"level": level, "other": {"oneOf": level["oneOf"][:2]}}}
    )

    assert {"Very_low": 1, "integer_2": 2} == {one.name: one.value for one in it.ItOther}


def test_reference_to_a_nullable_enumeration_has_a_class_without_null(tmp_path: Path) -> None:
    nullable = {"enum": ["p", "q", None]}
    first = {"type": "object", "properties": {"c": nullable, "state": {"$ref": "#/$defs/state"}}}
    second = {"type": "object", "properties": {"c": {"$ref": "#/$defs/first/properties/c"}}}
    pair = {"type": "array", "prefixItems": [{"$ref": "#/$defs/first"}, {"$ref": "#/$defs/second"}], "items": False}
    it = generated_module(
        tmp_path, {**pair, "minItems": 2}, first=first, second=second, state={"enum": [*STATE["enum"], None]}
    )

    data = Codec(endpoint(it), side="client").decode(json.dumps({"type": "it", "data": [{"c": "p"}, {"c": "p"}]})).data

    assert data[0].c is data[1].c is it.FirstC.p
    assert it.StateEnum | None == it.State


def test_endpoints_share_the_class_of_a_definition(tmp_path: Path) -> None:
    record = {"type": "object", "properties": {"state": {"enum": ["on", "off"], "default": "on"}}}
    files = {
        "common.json": {"$defs": {"order": record, "kind": STATE}},
        **{
            name: payload(
                {
                    "type": "object",
                    "properties": {one: {"$ref": f"common.json#/$defs/{one}"} for one in ("order", "kind")},
                }
            )
            for name in ("a.json", "b.json")
        },
    }
    paths = write(tmp_path, files, models="pydantic", enum_classes=True)
    modules = run_all(tmp_path / "generated")

    assert modules["a"].Kind is modules["b"].Kind is modules["shared"].Kind
    assert modules["a"].OrderState is modules["shared"].OrderState
    typecheck(*paths.values())


def test_json_schema_of_a_class_lists_its_values(it: ModuleType) -> None:
    schema = pydantic.TypeAdapter(it.State).json_schema()

    assert {"enum": ["on", "off"], "title": "State", "type": "string", "description": "State of the device."} == schema


def test_generated_module_passes_linter_and_type_checkers(tmp_path: Path) -> None:
    order = {**ORDER, "properties": {**ORDER["properties"], "next": {"$ref": "#/$defs/order"}}}
    document = payload({"$ref": "#/$defs/order"}, **{"$defs": {"order": order, "state": STATE}})
    paths = write(tmp_path, {"test.json": document}, models="pydantic", enum_classes=True)

    lint(tmp_path / "generated")
    typecheck(*paths.values())
    assert [] == pyright(tmp_path, paths.values())
