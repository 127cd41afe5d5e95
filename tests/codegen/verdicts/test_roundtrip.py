"""Generated modules for inline schemas: values that handlers receive and send."""

from __future__ import annotations

import json
import random
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema_rs
import msgspec
import pytest

from tests.support.seeds import seeds
from tornado_ws import InvalidFrame, InvalidMessage
from tornado_ws.validation.codec import Codec
from tornado_ws.validation.payload import InvalidPayload, PayloadCodec
from tornado_ws.validation.schema_validator import SchemaValidator

from ..support.generated import payload, read
from ..support.mutants import mutants
from ..support.package import accepts, emit, endpoint, module, run
from ..support.samples import sample
from ..support.small_schemas import schemas

TEXT = {"type": "string"}
INTEGER = {"type": "integer"}


def record(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required}


def received(module: ModuleType, value: Any) -> Any:
    """Return the payload that a client decodes."""
    return Codec(endpoint(module), side="client").decode(json.dumps({"type": "it", "data": value})).data


def sent(module: ModuleType, message: Any) -> Any:
    """Return the payload that a server encodes."""
    return json.loads(Codec(endpoint(module)).encode(message)).get("data")


def it(path: Path, schema: Any, **definitions: Any) -> ModuleType:
    return module(path, {"test.json": payload(schema, **({"$defs": definitions} if definitions else {}))})


def test_nested_record_has_its_own_class(tmp_path: Path) -> None:
    made = it(tmp_path, record(["author"], author=record(["name"], name=TEXT)))

    value = received(made, {"author": {"name": "ann"}})

    assert value == made.It(author=made.ItAuthor(name="ann"))
    assert sent(made, value) == {"author": {"name": "ann"}}


def test_absent_property_stays_absent(tmp_path: Path) -> None:
    made = it(tmp_path, record([], a=TEXT, b={**INTEGER, "default": 5}))

    value = received(made, {})

    assert (value.a, value.b) == (msgspec.UNSET, 5)
    assert sent(made, value) == {"b": 5}


def test_names_beyond_ascii_beside_control_characters_are_decoded(tmp_path: Path) -> None:
    names = ("größe", "\N{SNOWMAN}", "a\nb")
    made = it(tmp_path, record(["größe"], **dict.fromkeys(names, INTEGER)))

    for text in (json.dumps(dict.fromkeys(names, 7)), json.dumps(dict.fromkeys(names, 7), ensure_ascii=False)):
        codec = Codec(endpoint(made), side="client")
        assert codec.decode(f'{{"type": "it", "data": {text}}}').data == dict.fromkeys(names, 7)


def test_tag_selects_the_class(tmp_path: Path) -> None:
    cat = record(["kind", "lives"], kind={"const": "cat"}, lives=INTEGER)
    dog = record(["kind", "legs"], kind={"const": "dog"}, legs=INTEGER)
    made = it(
        tmp_path,
        {"type": "array", "items": {"oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]}},
        Cat=cat,
        Dog=dog,
    )

    value = received(made, [{"lives": 9, "kind": "cat"}, {"kind": "dog", "legs": 4.0}])

    assert value == [made.Cat(lives=9), made.Dog(legs=4)]
    assert sent(made, made.It(value)) == [{"kind": "cat", "lives": 9}, {"kind": "dog", "legs": 4}]


def test_schema_selects_the_class_of_an_untagged_value(tmp_path: Path) -> None:
    means = {
        "anyOf": [
            {"$ref": "#/$defs/Cash"},
            {"$ref": "#/$defs/Card"},
            {"type": "array", "items": {"$ref": "#/$defs/Card"}},
        ]
    }
    cash = record(["coins"], coins={**INTEGER, "minimum": 1}, number=False)
    card = record(["number"], number={**TEXT, "pattern": "^[0-9]+$"})
    made = it(
        tmp_path,
        record(["pay"], pay=means, tip={"anyOf": [{"$ref": "#/$defs/Cash"}, {"type": "null"}]}),
        Cash=cash,
        Card=card,
    )

    assert received(made, {"pay": {"coins": 3}}).pay == made.Cash(coins=3)
    both = received(made, {"pay": {"coins": 3, "number": "1"}}).pay
    assert both == made.Card(number="1", additional_properties={"coins": 3})
    assert received(made, {"pay": {"coins": 0, "number": "1"}, "tip": None}).pay != made.Card(number="1")
    assert received(made, {"pay": [{"number": "1"}], "tip": {"coins": 1.0}}).pay == [made.Card(number="1")]
    with pytest.raises(InvalidFrame, match="anyOf"):
        received(made, {"pay": {"coins": 0}})


def test_recursive_record_is_decoded(tmp_path: Path) -> None:
    tree = record(["name"], name=TEXT, children={"type": "array", "items": {"$ref": "#/$defs/Tree"}})
    made = it(tmp_path, {"$ref": "#/$defs/Tree"}, Tree=tree)

    value = received(made, {"name": "a", "children": [{"name": "b"}]})

    assert value == made.Tree(name="a", children=[made.Tree(name="b")])
    assert sent(made, made.It(name="a", children=[made.Tree(name="b")])) == {"name": "a", "children": [{"name": "b"}]}


def test_recursive_type_other_than_a_record_is_decoded(tmp_path: Path) -> None:
    value = {"anyOf": [TEXT, {"type": "array", "items": {"$ref": "#/$defs/Value"}}, {"$ref": "#/$defs/Leaf"}]}
    made = it(tmp_path, {"$ref": "#/$defs/Value"}, Value=value, Leaf=record(["leaf"], leaf=INTEGER))

    assert received(made, ["a", [{"leaf": 1}, []]]) == ["a", [made.Leaf(leaf=1), []]]
    assert sent(made, made.It(["a", [made.Leaf(leaf=1)]])) == ["a", [{"leaf": 1}]]
    with pytest.raises(InvalidMessage):
        sent(made, made.It(["a", [1]]))


@pytest.mark.parametrize("name", ['"', "\\", "\n", "\x00", '"); import os; ("', "a\tb"])
def test_name_is_escaped(tmp_path: Path, name: str) -> None:
    made = it(tmp_path, {"$ref": "#/$defs/Odd"}, Odd=record([name], **{name: INTEGER, "b": TEXT}))

    value = received(made, {name: 1, "b": "x"})

    assert value == {name: 1, "b": "x"}
    assert sent(made, made.It(value)) == value
    with pytest.raises(InvalidFrame, match="required"):
        received(made, {"b": "x"})


@pytest.mark.parametrize(
    "name", ["class", "__proto__", "", "1", "a b", "é", "имя", "self", "typing", "It", "😀", "__class__"]
)
def test_name_may_have_any_characters(tmp_path: Path, name: str) -> None:
    made = it(tmp_path, record([name], **{name: INTEGER}))

    value = received(made, {name: 1})

    assert isinstance(value, made.It)
    assert sent(made, value) == {name: 1}


def test_payload_other_than_a_record_is_wrapped(tmp_path: Path) -> None:
    made = it(tmp_path, {"type": "array", "prefixItems": [TEXT, INTEGER], "minItems": 2, "items": False})

    assert received(made, ["a", 1]) == ("a", 1)
    assert sent(made, made.It(("a", 1))) == ["a", 1]


def test_null_is_a_payload(tmp_path: Path) -> None:
    made = it(tmp_path, {"type": "null"})

    assert received(made, None) is None
    assert Codec(endpoint(made)).encode(made.It(None)) == b'{"type":"it","data":null}'


def test_format_is_asserted_only_if_set(tmp_path: Path) -> None:
    files = {"test.json": payload({"type": "string", "format": "date"})}

    lax = Codec(endpoint(module(tmp_path / "lax", files)), side="client")
    strict = Codec(endpoint(module(tmp_path / "strict", files, formats=True)), side="client")

    assert accepts(lax, "2023-02-29")
    assert not accepts(strict, "2023-02-29")
    assert accepts(strict, "2024-02-29")


def test_module_contains_types_from_other_files(tmp_path: Path) -> None:
    user = record(["name"], name={"$ref": "#/$defs/Name"})
    common = {"$defs": {"User": user, "Name": {**TEXT, "pattern": "^[a-z]+$"}}}
    made = module(tmp_path, {"test.json": payload({"$ref": "common.json#/$defs/User"}), "common.json": common})

    assert received(made, {"name": "ann"}) == made.User(name="ann")
    with pytest.raises(InvalidFrame, match=r"text that matches \^\[a-z\]\+\$ .* at /name"):
        received(made, {"name": "Ann"})


def test_schema_in_an_older_draft_has_its_meaning(tmp_path: Path) -> None:
    old = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "definitions": {"Level": {"type": "integer", "minimum": 1, "exclusiveMinimum": True}},
    }
    made = module(tmp_path, {"test.json": payload({"$ref": "old.json#/definitions/Level"}), "old.json": old})

    assert accepts(Codec(endpoint(made), side="client"), 2)
    assert not accepts(Codec(endpoint(made), side="client"), 1)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in seeds(2, 10))])
def test_samples_and_mutants_have_the_verdicts_of_the_schema(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    definitions = {f"It{at}": schemas(rng) for at in range(40)}
    messages = {f"it_{at}": {"payload": {"$ref": f"#/$defs/It{at}"}} for at in range(40)}
    document = {"kind": "ephemeral", "serverMessages": messages, "$defs": definitions}
    (model,) = read(tmp_path / "schemas", {"test.json": document})
    codec = Codec(endpoint(run(emit(tmp_path / "generated", [model])["test"])), side="client")
    named = {definition.name: definition for definition in model.definitions}
    wrong = []
    for message, schema in zip(model.server, definitions.values(), strict=True):
        assert message.payload is not None
        validator = jsonschema_rs.Draft202012Validator(schema)
        for _ in range(10):
            value = sample(message.payload.type, named, rng)
            for one in (value, *mutants(value, rng, 3)):
                plain = json.loads(json.dumps(one))
                if accepts(codec, plain, name=message.name) is not validator.is_valid(plain):
                    wrong.append((schema, plain))

    assert [] == wrong


@pytest.mark.parametrize(
    ("schema", "valid", "invalid"),
    [
        ({"type": "string", "pattern": "^a"}, "ab", "b"),
        ({"type": "array", "items": {"type": "string", "pattern": "^a"}}, ["a", "ab"], ["a", "b"]),
        ({"type": "array", "items": {"type": "number"}, "uniqueItems": True}, [2**60, 2**60 + 1], [1, 1.0]),
        ({"type": "number", "multipleOf": 2}, 2**60, 2**60 + 1),
        (record(["x"], x={"type": "number", "multipleOf": 2}), {"x": 2**60}, {"x": 2**60 + 1}),
        ({**record([], a=TEXT, b=TEXT), "minProperties": 1}, {"c": 1}, {}),
        ({**record([], a={**TEXT, "pattern": "^x"}, b=TEXT), "maxProperties": 1}, {"a": "x"}, {"a": "x", "b": ""}),
        ({**record([], a={**TEXT, "pattern": "^x"}, b=TEXT), "maxProperties": 1}, {"b": ""}, {"a": "y"}),
        (
            record([], a={"type": "array", "items": record(["b"], b=INTEGER), "uniqueItems": True}),
            {},
            {"a": [{"b": 1}] * 2},
        ),
        (record(["a"], a=record(["b"], b={**TEXT, "pattern": "^x"})), {"a": {"b": "x"}}, {"a": {"b": "y"}}),
        (record([], a={"type": ["string", "null"], "pattern": "^x"}), {"a": None}, {"a": "y"}),
        (record(['"'], **{'"': {**TEXT, "pattern": "^x"}, "b": INTEGER}), {'"': "x"}, {'"': "y"}),
        ({"anyOf": [record(["a"], a={**TEXT, "pattern": "^x"}), {"type": "null"}]}, None, {"a": "y"}),
        (
            {"type": "object", "additionalProperties": {"type": "integer"}, "propertyNames": {"pattern": "^x"}},
            {"x": 1},
            {"y": 1},
        ),
        (
            {"type": "object", "properties": {"a": TEXT}, "required": ["a"], "unevaluatedProperties": False}
            | {"anyOf": [{"required": ["a"]}, {"patternProperties": {"^b": True}}]},
            {"a": "", "b": 1},
            {"a": "", "c": 1},
        ),
        (
            {"type": "object", "properties": {"a": TEXT}, "required": ["a"], "unevaluatedProperties": False}
            | {"anyOf": [{"required": ["a"]}, {"properties": {"b": INTEGER, "c": True}, "required": ["b", "c"]}]},
            {"a": "", "b": 1, "c": None},
            {"a": "", "b": 1},
        ),
        (
            {"allOf": [record(["a"], a={**TEXT, "pattern": "^x"}), record([], a={**TEXT, "pattern": "y$"})]},
            {"a": "xy"},
            {"a": "x"},
        ),
    ],
)
def test_residual_checks_apply_in_both_directions(tmp_path: Path, schema: Any, valid: Any, invalid: Any) -> None:
    loaded = endpoint(it(tmp_path, schema))
    client = Codec(loaded, side="client")
    checked = loaded.server[0].payload
    assert checked is not None
    assert checked.residual_checks
    sender = PayloadCodec(checked, SchemaValidator(loaded.schema))

    assert accepts(client, valid)
    assert not accepts(client, invalid)
    assert json.loads(sender.encode(valid)) == valid
    with pytest.raises(InvalidPayload):
        sender.encode(invalid)


THREES = {"if": {"required": ["n"]}, "then": {"properties": {"n": {"not": {"multipleOf": 3}}}}}


@pytest.mark.parametrize("number", [3, 3.0, 2**53 + 1, -(2**53) - 1])
def test_object_check_rejects_the_exact_number(tmp_path: Path, number: float) -> None:
    """The large ones are not multiples of three as floats."""
    made = it(tmp_path, record([], n={"type": "number"}) | THREES)

    with pytest.raises(InvalidFrame, match="expected"):
        received(made, {"n": number})


@pytest.mark.parametrize("number", [2, 2.5, 2**53 + 3, -(2**53) - 3])
def test_object_check_accepts_the_exact_number(tmp_path: Path, number: float) -> None:
    """The large ones are multiples of three as floats."""
    made = it(tmp_path, record([], n={"type": "number"}) | THREES)

    assert number == received(made, {"n": number}).n


def test_object_check_accepts_an_absent_number(tmp_path: Path) -> None:
    made = it(tmp_path, record([], n={"type": "number"}) | THREES)

    assert made.It() == received(made, {})


NODE = {"type": "object", "properties": {"a": INTEGER}, "additionalProperties": {"$ref": "#/$defs/Node"}}
KINDS = {
    name: record(["kind"], kind={"const": name}, n=INTEGER) | {"additionalProperties": True} for name in ("cat", "dog")
}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (record([], a=INTEGER) | {"additionalProperties": {}}, {"a": 1, "additional_properties": [1.0], "": None}),
        (record([], a=INTEGER) | {"additionalProperties": TEXT}, {"b": "x", "a": 1, "additional_properties": "y"}),
        ({"$ref": "#/$defs/Node"}, {"a": 1, "b": {"c": {}, "a": 2}}),
        ({"type": "array", "items": {"$ref": "#/$defs/Node"}}, [{"b": {}}, {}]),
        (record([], x={"type": "object", "additionalProperties": {"$ref": "#/$defs/Node"}}), {"x": {"y": {"z": {}}}}),
        ({"oneOf": [*KINDS.values()]}, {"kind": "dog", "x": {"kind": "cat"}}),
        ({"anyOf": [{"$ref": "#/$defs/Node"}, record(["t"], t=TEXT)]}, {"b": {"c": {}}}),
        (
            record(["additional_properties"], additional_properties=TEXT) | {"minProperties": 1},
            {"x": 1} | {"additional_properties": ""},
        ),
        (record(['"'], a=INTEGER) | {"additionalProperties": True}, {'"': 1, "x": {}}),
        (record([], a=INTEGER) | {"patternProperties": {"^x-": TEXT}}, {"x-": "", "y": 1}),
        (record([], **{"self": INTEGER, "class": INTEGER}) | {"propertyNames": {"maxLength": 9}}, {"class": 1, "x": 2}),
    ],
)
def test_properties_beside_the_declared_ones_are_kept(tmp_path: Path, schema: Any, value: Any) -> None:
    loaded = endpoint(it(tmp_path, schema, Node=NODE))
    checked = loaded.server[0].payload
    assert checked is not None

    got = Codec(loaded, side="client").decode(json.dumps({"type": "it", "data": value})).data

    assert value == json.loads(PayloadCodec(checked, SchemaValidator(loaded.schema)).encode(got))


@pytest.mark.parametrize("value", [{"a": 1, "b": 2}, {"b": {"a": "x"}}, {"b": {"c": [1]}}])
def test_kept_properties_have_their_schema(tmp_path: Path, value: Any) -> None:
    made = it(tmp_path, {"$ref": "#/$defs/Node"}, Node=NODE)

    with pytest.raises(InvalidFrame, match=r"expected (object|integer)"):
        received(made, value)
    with pytest.raises(InvalidMessage):
        sent(made, made.It(additional_properties={name: value[name] for name in value.keys() - {"a"}}))


def test_declared_property_among_the_kept_ones_is_rejected(tmp_path: Path) -> None:
    made = it(tmp_path, {"$ref": "#/$defs/Node"}, Node=NODE)

    with pytest.raises(InvalidMessage, match="got a declared property at /a"):
        sent(made, made.It(additional_properties={"a": 1}))


META = {name: record([], _meta=record([], **{name: INTEGER}), **{f"{name}s": TEXT}) for name in ("p", "q")}


@pytest.mark.parametrize(
    ("value", "cls"),
    [
        ({"ps": "x"}, "ItPs"),
        ({"qs": "x"}, "ItQs"),
        ({"ps": "x", "qs": "y"}, "ItPs"),
        ({"ps": 1, "qs": "y"}, "ItQs"),
        ({"_meta": {"p": 1, "q": 2}}, "ItPs"),
        ({"_meta": {"p": "", "q": 2}, "ps": "x"}, "ItQs"),
        ({}, "ItPs"),
    ],
)
def test_alternative_that_declares_most_of_the_properties_is_chosen(tmp_path: Path, value: Any, cls: str) -> None:
    made = it(tmp_path, {"anyOf": [*META.values()]})

    got = received(made, value)

    assert type(got).__name__ == cls
    assert sent(made, made.It(got)) == value


def test_defaults_are_new_values_of_their_types(tmp_path: Path) -> None:
    point = record([], x={**INTEGER, "default": 1}, tags={"type": "array", "items": TEXT, "default": []})
    schema = record(
        [],
        points={"type": "array", "items": {"$ref": "#/$defs/Point"}, "default": [{}, {"x": 2, "tags": ["a"]}]},
        names={"type": "object", "additionalProperties": INTEGER, "default": {}},
        origin={"$ref": "#/$defs/Point", "default": {"x": 0}},
    )
    made = it(tmp_path, schema, Point=point)

    value = received(made, {})

    assert (
        value
        == made.It()
        == made.It(
            points=[made.Point(x=1, tags=[]), made.Point(x=2, tags=["a"])], names={}, origin=made.Point(x=0, tags=[])
        )
    )
    assert made.It().points is not value.points
    assert made.It().names is not value.names
