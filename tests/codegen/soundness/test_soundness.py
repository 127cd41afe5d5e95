"""Soundness: what is said to be proved is attacked; a false proof is the worst that can be wrong here."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest

from codegen.soundness import Check, Prover, Unproven, prover
from codegen.soundness.sandbox import scratch
from codegen.source.diagnostics import SchemaProblems
from tornado_ws.endpoint import Payload
from tornado_ws.validation.payload import PayloadCodec
from tornado_ws.validation.schema_validator import SchemaValidator

from ..support.compositions import DEFINITIONS, composed, objects
from ..support.generated import payload, read
from ..support.mutants import mutants
from ..support.official import cases
from ..support.package import emit, endpoint, run

ITEM = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}
SOURCE = """
from __future__ import annotations
import typing
import msgspec
import tornado_ws

class Item(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    a: str

class Open(msgspec.Struct, kw_only=True):
    a: str

class Wide(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    a: str
    b: typing.Annotated[str, msgspec.Meta(max_length=3)] | msgspec.UnsetType = msgspec.UNSET
    class_: int | msgspec.UnsetType = msgspec.field(name="class", default=msgspec.UNSET)

class Preset(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    a: str = "x"

class Float(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    a: float

class Holder(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    item: Item
    maybe: Item | None
    items: list[Item] | msgspec.UnsetType = msgspec.UNSET

class Node(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: str
    next: Node | None

class Cat(msgspec.Struct, kw_only=True, tag_field="kind", tag="cat"):
    lives: int

class Dog(msgspec.Struct, kw_only=True, tag_field="kind", tag="dog"):
    legs: int

class Pets(msgspec.Struct, kw_only=True):
    pet: Cat

Odd = typing.TypedDict("Odd", {'"': "int"})
Either = tornado_ws.untagged("Either", __name__, ("Item", "/$defs/Item"), ("list[int]", ""))
"""


def gaps(annotation: str, schema: Any, *, formats: bool = False, **definitions: Any) -> list[Unproven]:
    """Return what a type of :data:`SOURCE` does not guarantee of a schema."""
    document = {"$id": "https://tornado-ws.invalid/it.json", "$defs": {"It": schema, "Item": ITEM, **definitions}}
    with prover(SOURCE, document, formats=formats) as types:
        return types.gaps(annotation, "/$defs/It")


def keywords(annotation: str, schema: Any, **definitions: Any) -> set[str]:
    return {gap.keyword for gap in gaps(annotation, schema, **definitions)}


def checks(annotation: str, schema: Any, **definitions: Any) -> tuple[Check, ...]:
    document = {"$id": "https://tornado-ws.invalid/it.json", "$defs": {"It": schema, "Item": ITEM, **definitions}}
    with prover(SOURCE, document, formats=False) as types:
        return types.unproved(annotation, "/$defs/It")


KIND = {"required": ["kind"], "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}}, "type": "object"}


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        ("typing.Any", True),
        ("typing.Any", {"title": "anything", "default": 1}),
        ("str", {"type": "string"}),
        ("int", {"type": "integer"}),
        ("int", {"type": "number"}),
        ("float", {"type": ["number", "null"]}),
        ("None", {"type": "null"}),
        ("None", {"const": None}),
        ("bool", {"enum": [True, False]}),
        ("str | None", {"type": ["string", "null"]}),
        ("str | None", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ("str | None", {"oneOf": [{"type": "string"}, {"type": "null"}]}),
        ("typing.Literal['a', 1] | None", {"enum": ["a", 1, None]}),
        ("typing.Literal['abc']", {"type": "string", "pattern": "^a", "minLength": 3}),
        ("typing.Annotated[str, msgspec.Meta(max_length=5)]", {"maxLength": 6}),
        ("typing.Annotated[int, msgspec.Meta(ge=2)]", {"exclusiveMinimum": 1.5}),
        ("typing.Annotated[int, msgspec.Meta(multiple_of=6)]", {"multipleOf": 3}),
        ("int", {"multipleOf": 1}),
        ("list[int]", {"type": "array", "items": {"type": "integer"}}),
        ("typing.Annotated[list[str], msgspec.Meta(max_length=1)]", {"uniqueItems": True, "maxItems": 2}),
        ("tuple[int, str]", {"prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 2, "items": False}),
        ("tuple[int]", {"prefixItems": [True], "unevaluatedItems": False}),
        ("dict[str, int]", {"type": "object", "additionalProperties": {"type": "integer"}}),
        ("dict[typing.Annotated[str, msgspec.Meta(max_length=2)], typing.Any]", {"propertyNames": {"maxLength": 2}}),
        ("Item", ITEM),
        ("Item", {"$ref": "#/$defs/Item"}),
        ("Item", {"allOf": [{"required": ["a"]}, {"$ref": "#/$defs/Item"}]}),
        ("Item", {"minProperties": 1, "maxProperties": 1, "propertyNames": {"maxLength": 1}}),
        ("Item", {"properties": {"a": {"type": "string"}}, "unevaluatedProperties": False}),
        ("Item", {"not": {"required": ["b"]}}),
        ("Item", {"not": {"type": "array"}}),
        ("Item", {"dependentRequired": {"b": ["c"], "c": ["a"]}, "dependentSchemas": {"b": False}}),
        ("Item", {"patternProperties": {"^b": False, "^a": {"type": "string"}}}),
        ("Item", {"if": {"required": ["b"]}, "then": False, "else": {"required": ["a"]}}),
        ("Open", {"type": "object", "required": ["a"]}),
        ("Cat | Dog", {"oneOf": [KIND, {"required": ["kind"], "properties": {"kind": {"const": "dog"}}}]}),
        ("Cat", KIND),
        ("Either", {"anyOf": [{"$ref": "#/$defs/Item"}, {"type": "array", "items": {"type": "integer"}}]}),
        ("Odd", {"type": "object", "required": ['"'], "properties": {'"': {"type": "integer"}}}),
    ],
)
def test_proved(annotation: str, schema: Any) -> None:
    assert [] == gaps(annotation, schema)


@pytest.mark.parametrize(
    ("annotation", "schema", "missing"),
    [
        ("typing.Any", {"type": "string"}, {"type"}),
        ("typing.Any", False, {"false schema"}),
        ("int", {"type": "string"}, {"type"}),
        ("float", {"type": "integer"}, {"type"}),
        ("str", {"type": "string", "minLength": 1}, {"minLength"}),
        ("str", {"pattern": "^a"}, {"pattern"}),
        ("str", {"enum": ["a"]}, {"enum"}),
        ("bool", {"const": True}, {"const"}),
        ("str | None", {"type": "string"}, {"type"}),
        ("typing.Literal['a', 'b']", {"enum": ["a"]}, {"enum"}),
        ("typing.Literal['abc']", {"maxLength": 2}, {"enum"}),
        ("float", {"multipleOf": 0.5}, {"multipleOf"}),
        ("int", {"minimum": 1, "maximum": 2}, {"minimum", "maximum"}),
        ("typing.Annotated[int, msgspec.Meta(gt=1)]", {"exclusiveMinimum": 2}, {"exclusiveMinimum"}),
        ("typing.Annotated[float, msgspec.Meta(le=9007199254740992)]", {"maximum": 2**53}, {"maximum"}),
        ("list[int]", {"items": {"type": "integer"}, "uniqueItems": True, "minItems": 1}, {"uniqueItems", "minItems"}),
        ("list[int]", {"prefixItems": [{"type": "string"}], "items": {"type": "integer"}}, {"type"}),
        ("list[int]", {"contains": {"type": "integer"}, "unevaluatedItems": False}, {"contains", "unevaluatedItems"}),
        ("dict[str, int]", {"required": ["a"], "minProperties": 1}, {"required", "minProperties"}),
        ("dict[str, typing.Any]", {"properties": {"a": {"type": "string"}}}, {"type"}),
        ("dict[str, int]", {"additionalProperties": False}, {"false schema"}),
        ("Open", {"additionalProperties": False}, {"additionalProperties", "false schema"}),
        ("Open", {"properties": {"b": {"type": "string"}}}, {"properties"}),
        ("Open", {"patternProperties": {"^b": False}}, {"patternProperties"}),
        ("Open", {"propertyNames": {"maxLength": 1}}, {"propertyNames"}),
        ("Open", {"unevaluatedProperties": False}, {"unevaluatedProperties"}),
        ("Wide", {"required": ["a", "b"]}, {"required"}),
        ("Wide", {"maxProperties": 2}, {"maxProperties"}),
        ("Wide", {"dependentRequired": {"b": ["class"]}}, {"dependentRequired"}),
        ("Item", {"not": {"required": ["a"]}}, {"not"}),
        ("Item", {"oneOf": [{"required": ["a"]}, True]}, {"oneOf"}),
        ("Item", {"if": {"required": ["a"]}, "then": False}, {"if"}),
        ("Cat | Dog", {"oneOf": [KIND, {"required": ["kind"]}]}, {"oneOf"}),
        ("Pets", {"properties": {"pet": KIND}}, {"required"}),
        ("Either", {"oneOf": [{"$ref": "#/$defs/Item"}, True]}, {"oneOf"}),
        ("Odd", {"additionalProperties": False}, {"additionalProperties", "false schema"}),
        ("Item", {"$dynamicRef": "#it"}, {"$dynamicRef"}),
    ],
)
def test_not_proved(annotation: str, schema: Any, missing: set[str]) -> None:
    assert missing == keywords(annotation, schema)


def test_formats_refuse_only_where_they_are_asserted() -> None:
    assert [] == gaps("str", {"type": "string", "format": "date"})
    assert ["format"] == [gap.keyword for gap in gaps("str", {"type": "string", "format": "date"}, formats=True)]


def test_an_attribute_is_judged_by_itself() -> None:
    schema = {"properties": {"a": {"type": "string", "pattern": "^x"}, "class": {"type": "integer", "minimum": 1}}}

    assert checks("Wide", schema) == (
        ("a", "/$defs/It/properties/a", "pattern"),
        ("class_", "/$defs/It/properties/class", "minimum"),
    )


def test_an_attribute_of_an_attribute_is_judged_by_itself_where_it_is_always_there() -> None:
    strict = {"properties": {"a": {"pattern": "^x"}}}

    assert checks("Holder", {"properties": {"item": strict}}) == (
        ("item.a", "/$defs/It/properties/item/properties/a", "pattern"),
    )


def test_a_property_is_judged_by_itself_where_its_typed_value_is_not_what_the_document_holds() -> None:
    strict = {"properties": {"a": {"pattern": "^x"}}}

    assert checks("Holder", {"properties": {"items": {"items": strict}}}) == (("/items", "/$defs/It/properties/items"),)
    assert checks("Holder", {"properties": {"maybe": {"anyOf": [strict, {"type": "null"}]}, "item": strict}}) == (
        ("/maybe", "/$defs/It/properties/maybe", "anyOf"),
        ("/item", "/$defs/It/properties/item"),
    )


def test_a_keyword_is_judged_by_itself_where_the_rest_of_its_schema_is_proved() -> None:
    assert checks("Wide", {"type": "object", "maxProperties": 2}) == (("#", "/$defs/It", "maxProperties"),)
    assert checks("Wide", {"properties": {"a": {"pattern": "x"}}, "allOf": [{"minProperties": 2}]}) == (
        ("/a", "/$defs/It/properties/a", "pattern"),
        ("#", "/$defs/It/allOf/0", "minProperties"),
    )
    assert checks("Open", {"unevaluatedProperties": False}) == (("#", "/$defs/It", "unevaluatedProperties"),)
    assert checks("list[int]", {"unevaluatedItems": False}) == ((".", "/$defs/It"),)
    assert checks("Odd", {"properties": {'"': {"minimum": 1}}}) == ("",)


def test_a_plain_value_is_judged_as_it_was_decoded() -> None:
    assert checks("str", {"type": "string", "pattern": "^x"}) == ((".", "/$defs/It", "pattern"),)
    assert checks("list[str | None]", {"type": "array", "items": {"maxLength": 3}}) == ((".", "/$defs/It"),)
    assert checks("list[float]", {"type": "array", "items": {"type": "number"}, "uniqueItems": True}) == (
        ("#", "/$defs/It", "uniqueItems"),
    )
    assert checks("dict[str, Item]", {"type": "object", "minProperties": 1}) == (("#", "/$defs/It", "minProperties"),)


def test_of_a_rule_about_the_whole_only_what_it_looks_at_is_judged() -> None:
    limits = {"properties": {"b": {"minLength": 1}}, "required": ["class"]}

    assert checks("Wide", {"if": {"required": ["b"]}, "then": {"not": limits}}) == (("{b class_}", "/$defs/It", "if"),)
    assert checks("Wide", {"not": {"required": ["b"]}, "dependentRequired": {"b": ["class"]}}) == (
        ("{b class_}", "/$defs/It", "dependentRequired"),
        ("{b}", "/$defs/It", "not"),
    )
    assert checks("Open", {"not": {"properties": {"a": {"const": "x"}}}}) == (("{a}", "/$defs/It", "not"),)


def composition(**keywords: Any) -> dict[str, Any]:
    """Return a schema that ``Wide`` is of, if ``a`` is stated and there are such keywords."""
    return {"properties": {"a": {"type": "string"}}, "required": ["a"], "unevaluatedProperties": False, **keywords}


def test_what_alternatives_evaluate_is_judged_where_it_is_there() -> None:
    one = {"anyOf": [{"properties": {"b": True}, "required": ["b"]}, {"required": ["a"]}]}
    other = {"if": {"required": ["b"]}, "then": {"properties": {"class": {"$ref": "#/$defs/Int"}}}}

    (rule,) = checks("Wide", composition(allOf=[other], **one), Int={"type": "integer"})

    assert isinstance(rule, tuple)
    assert "{a?b class_}" == rule[0]
    other["then"] = {
        "properties": {
            "class": {"$ref": "https://tornado-ws.invalid/it.json#/%24defs/It/allOf/0/then/properties/class"}
        }
    }
    assert {"properties": {"a": True}, "allOf": [one, other], "unevaluatedProperties": False} == json.loads(rule[1])


def test_of_a_rule_about_a_number_only_that_is_judged() -> None:
    assert checks("Float", {"not": {"properties": {"a": {"multipleOf": 2}}}}) == (("{a}", "/$defs/It", "not"),)


def test_a_rule_that_refers_to_others_holds_what_they_say() -> None:
    rule = {"if": {"$ref": "#/$defs/If"}, "then": {"required": ["class"], "allOf": [{"required": ["a"]}]}}

    (check,) = checks("Wide", rule, If={"title": "If", "x-tag": {}, "required": ["b"]})

    assert isinstance(check, tuple)
    assert "{a b class_}" == check[0]
    rule["if"] = {"allOf": [{"required": ["b"]}]}
    assert rule == json.loads(check[1])


def test_what_alternatives_evaluate_of_an_attribute_is_judged_by_itself() -> None:
    """See that the runtime finds the attributes, and their names in the document."""
    inner = composition(anyOf=[{"required": ["class"], "properties": {"class": True, "b": True}}, {"required": ["a"]}])
    source = SOURCE + "class Outer(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):\n    wide: Wide\n"
    schema = {"type": "object", "properties": {"wide": inner}, "required": ["wide"], "additionalProperties": False}
    document = {"$id": "https://tornado-ws.invalid/it.json", "$defs": {"It": schema}}
    with scratch(source) as module:
        unproved = Prover(vars(module), document, formats=False).unproved("Outer", "/$defs/It")
        codec = PayloadCodec(
            Payload(vars(module)["Outer"], "/$defs/It", unproved), SchemaValidator(json.dumps(document))
        )

        assert ["wide{a?b class_}"] == [check[0] for check in unproved]
        assert takes(codec, '{"wide":{"a":"x"}}')
        assert takes(codec, '{"wide":{"a":"x","b":"x","class":1}}')
        assert not takes(codec, '{"wide":{"a":"x","b":"x"}}')


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        ("Item", composition(anyOf=[{"properties": {"b": True}}, {"required": ["a"]}])),
        ("Wide", composition(anyOf=[{"properties": {"b": True, "class": True}}])),
        ("Wide", composition(allOf=[{"$ref": "#/$defs/Both"}])),
        ("Wide", composition(**{"if": {"required": ["a"]}, "then": {"$ref": "#/$defs/Both"}})),
        ("Wide", composition(**{"if": {"type": "array"}, "else": {"$ref": "#/$defs/Both"}})),
        ("Wide", composition(dependentSchemas={"a": {"$ref": "#/$defs/Both"}})),
        ("Wide", composition(oneOf=[{"$ref": "#/$defs/Both"}, {"required": ["d"]}])),
    ],
)
def test_what_is_surely_evaluated_is_proved(annotation: str, schema: Any) -> None:
    assert [] == gaps(annotation, schema, Both={"properties": {"b": True, "class": True}})


@pytest.mark.parametrize(
    "alternatives",
    [
        {"anyOf": [{"$ref": "#/$defs/Both"}, {"required": ["a"]}, {"required": ["d"]}]},
        {"oneOf": [{"$ref": "#/$defs/Both"}, {"properties": {"class": False}}]},
        {"if": {"required": ["b"]}, "then": {"$ref": "#/$defs/Both"}},
        {"if": {"required": ["b"]}, "else": {"$ref": "#/$defs/Both"}},
        {"if": {"required": ["a"]}, "else": {"$ref": "#/$defs/Both"}},
        {"if": {"$ref": "#/$defs/Both"}},
        {"then": {"$ref": "#/$defs/Both"}},
        {"not": {"$ref": "#/$defs/Both"}},
        {"dependentSchemas": {"class": {"$ref": "#/$defs/Both"}}},
        {"properties": {"a": {"$ref": "#/$defs/Both"}}},
    ],
)
def test_what_may_not_be_evaluated_is_not_proved(alternatives: dict[str, Any]) -> None:
    both = {"properties": {"b": {"minLength": 1}, "class": True}}

    assert "unevaluatedProperties" in keywords("Wide", composition(**alternatives), Both=both)


@pytest.mark.parametrize(
    "schema",
    [
        composition(anyOf=[{"properties": {"b": True, "class": True}}, {"patternProperties": {"^b": True}}]),
        composition(anyOf=[{"properties": {"b": True, "class": True}}, {"minProperties": 2}]),
        composition(anyOf=[{"properties": {"b": True}}, {"additionalProperties": {"type": "string"}}]),
    ],
)
def test_what_depends_on_more_is_judged_as_a_whole(schema: Any) -> None:
    assert not any(check[0].endswith("}") and "?" in check[0] for check in checks("Wide", schema) if check)


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        ("Open", {"not": {"required": ["b"]}}),  # what is not read may be there
        ("Open", {"if": {"properties": {"a": {"const": "x"}}}, "then": {"properties": {"b": False}}}),
        ("Wide", {"not": {"minProperties": 2}}),
        ("Wide", {"not": {"additionalProperties": {"type": "string"}}}),
        ("Wide", {"not": {"patternProperties": {"^c": True}, "required": ["b"]}}),
        ("Wide", {"not": {"const": {"a": "x"}}}),
        ("Wide", {"not": {"enum": [{"a": "x"}]}}),
        ("Wide", {"not": {"$ref": "#/$defs/Item"}}),
        ("Holder", {"not": {"properties": {"item": {"properties": {"a": {"const": "x"}}}}}}),  # is no plain value
        ("Holder", {"oneOf": [{"required": ["items"]}, {"required": ["maybe"]}]}),
        ("Preset", {"not": {"properties": {"a": {"const": "x"}}}}),  # may not be in the document
        ("Cat", {"not": {"properties": {"kind": {"const": "cat"}, "lives": {"const": 9}}}}),
        ("Wide | None", {"not": {"required": ["b"]}}),
        ("dict[str, int]", {"not": {"required": ["b"]}}),
    ],
)
def test_of_a_rule_that_may_look_at_more_all_is_judged(annotation: str, schema: Any) -> None:
    assert not any(check[0].startswith("{") for check in checks(annotation, schema) if check)


def test_what_is_inside_a_union_is_not_judged_by_itself() -> None:
    """It may be the other member that was decoded."""
    schema = {"anyOf": [{"$ref": "#/$defs/Item"}, {"type": "null"}], "properties": {"a": {"pattern": "^x"}}}

    assert checks("Item | None", schema) == ("",)


def test_where_a_type_recurs_all_of_it_is_judged() -> None:
    """Judging the name of the first node alone would leave out those of the others."""
    node = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "pattern": "^x"},
            "next": {"anyOf": [{"$ref": "#/$defs/It"}, {"type": "null"}]},
        },
        "required": ["name", "next"],
        "additionalProperties": False,
    }

    assert ("/next", "/$defs/It/properties/next", "anyOf") in checks("Node", node)
    node["properties"]["name"] = {"type": "string"}  # type: ignore[index]
    assert checks("Node", node) == ()


def test_a_schema_that_is_its_own_alternative_proves_nothing() -> None:
    assert keywords("int", {"anyOf": [{"$ref": "#/$defs/It"}, {"type": "string"}]}) == {"anyOf"}
    assert keywords("int", {"allOf": [{"$ref": "#/$defs/It"}]}) == {"$ref"}


def test_what_was_assumed_in_a_failed_attempt_is_not_believed_later() -> None:
    """B rests on A, and A fails; so B must not count as proved when it is an alternative later."""
    first = {"properties": {"next": {"anyOf": [{"$ref": "#/$defs/B"}, {"type": "null"}]}, "name": {"pattern": "^x"}}}
    second = {"properties": {"next": {"anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]}}}

    assert "anyOf" in keywords("Node", {"anyOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}]}, A=first, B=second)


def test_every_gap_says_where_and_why() -> None:
    (gap,) = gaps("list[str]", {"items": {"maxLength": 3}})

    assert (gap.keyword, gap.pointer, gap.reason) == ("maxLength", "/$defs/It/items", "not enforced")


# ---- attacks

SCALARS: tuple[tuple[str, tuple[dict[str, Any], ...]], ...] = (
    ("integer", ({"minimum": 1}, {"maximum": 3.5}, {"exclusiveMinimum": -1}, {"multipleOf": 2}, {"multipleOf": 0.5})),
    (
        "number",
        ({"minimum": 0.5}, {"exclusiveMaximum": 3}, {"maximum": 2**53 + 2}, {"multipleOf": 0.1}, {"multipleOf": 2}),
    ),
    ("string", ({"minLength": 1}, {"maxLength": 2}, {"pattern": "^a"}, {"enum": ["a", "b"]}, {"const": "a"})),
    ("boolean", ({}, {"const": True})),
    ("null", ({},)),
)


def schemas(chance: random.Random, depth: int = 0) -> Any:
    """Return a random schema, of the kind that people write and of the kind that they do not."""
    match chance.randrange(9 if depth < 3 else 4):
        case 0 | 1 | 2 | 3:
            kind, limits = chance.choice(SCALARS)
            return {"type": kind} | chance.choice(limits) | chance.choice(limits)
        case 4:
            bounds = chance.choice(({}, {"minItems": 1}, {"maxItems": 2}, {"uniqueItems": True}))
            return {"type": "array", "items": schemas(chance, depth + 1)} | bounds
        case 5 | 6:
            names = chance.sample(("a", "b", "c", "kind"), chance.randrange(1, 4))
            more = chance.choice(({}, {"additionalProperties": False}, {"unevaluatedProperties": False}))
            extra = chance.choice(
                ({}, {"minProperties": 1}, {"not": {"required": ["b"]}}, {"dependentRequired": {"a": ["b"]}})
            )
            properties = {name: schemas(chance, depth + 1) for name in names}
            return {"type": "object", "properties": properties, "required": chance.sample(names, 1)} | more | extra
        case 7:
            return {chance.choice(("anyOf", "oneOf", "allOf")): [schemas(chance, depth + 1) for _ in range(2)]}
        case _:
            one, other = ({**schemas(chance, 3), "title": "x"} for _ in range(2))
            return {
                chance.choice(("anyOf", "oneOf")): [
                    {"type": "object", "required": ["kind"], "properties": {"kind": {"const": kind}, "a": schema}}
                    for kind, schema in (("cat", one), ("dog", other))
                ]
            }


def values(chance: random.Random) -> Iterator[Any]:
    """Yield values of which some are near what :func:`schemas` admit."""
    scalars = (
        None,
        True,
        False,
        0,
        1,
        2,
        3,
        -1,
        1.0,
        1.5,
        2.0,
        0.1,
        2**60,
        2**60 + 1,
        2**53 + 1,
        "",
        "a",
        "b",
        "ab",
        "abc",
    )
    yield from scalars
    for _ in range(20):
        yield {
            name: chance.choice(scalars) for name in chance.sample(("a", "b", "c", "kind", "d"), chance.randrange(5))
        }
        yield {"kind": chance.choice(("cat", "dog", "x")), "a": chance.choice(scalars)}
        yield [chance.choice(scalars) for _ in range(chance.randrange(4))]
        yield [{"a": chance.choice(scalars)} for _ in range(chance.randrange(3))]


@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 12))])
def test_random_schemas_cannot_break_a_proof(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    stated = {f"it_{at}": {"payload": {"$ref": f"#/$defs/It{at}"}} for at in range(60)}
    definitions = {f"It{at}": schemas(chance) for at in range(60)}
    document = {"kind": "ephemeral", "serverMessages": stated, "$defs": definitions}
    found = endpoint(run(emit(tmp_path / "generated", read(tmp_path / "schemas", {"test.json": document}))["test"]))
    proved = 0
    for message, schema in zip(found.server, definitions.values(), strict=True):
        assert message.payload is not None
        if message.payload.unproved:
            continue
        proved += 1
        attack(PayloadCodec(message.payload, SchemaValidator(found.schema)), schema, values(chance))

    assert proved >= 10


@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 12))])
def test_random_compositions_cannot_break_a_proof_nor_a_rule_nor_a_type(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    made = {f"It{at}": composed(chance) for at in range(60)}
    stated = {f"it_{at}": {"payload": {"$ref": f"#/$defs/It{at}"}} for at in range(60)}
    document = {"kind": "ephemeral", "serverMessages": stated, "$defs": {**made, **DEFINITIONS}}
    found = endpoint(run(emit(tmp_path / "generated", read(tmp_path / "schemas", {"test.json": document}))["test"]))
    judge, settled = SchemaValidator(found.schema), 0
    for message, schema in zip(found.server, made.values(), strict=True):
        assert message.payload is not None
        codec = PayloadCodec(message.payload, judge)
        validator = jsonschema_rs.Draft202012Validator({**schema, "$defs": DEFINITIONS})
        for value in objects(chance, 150):
            valid = validator.is_valid(value)
            assert valid or not takes(codec, json.dumps(value)), (schema, message.payload, value)
            if valid:
                codec.convert(value)
            settled += valid and takes(codec, json.dumps(value))

    assert settled >= 150


def takes(codec: PayloadCodec, text: str) -> bool:
    """Tell whether a text is accepted without a look at the whole of its schema."""
    try:
        value = codec.decode(text)
        return all(accepts(get(value)) for get, accepts in codec.checks)
    except msgspec.DecodeError:
        return False


@pytest.mark.slow
def test_the_official_suite_and_its_mutants_cannot_break_a_proof(tmp_path: Path) -> None:
    chance = random.Random(1)
    proved = 0
    for case in cases():
        try:
            (model,) = read(
                tmp_path / case.name, {"test.json": payload({"$ref": "suite.json"}), "suite.json": case.schema}
            )
        except SchemaProblems:
            continue
        found = endpoint(run(emit(tmp_path / "generated" / case.name, [model])["test"]))
        slot = found.server[0].payload
        assert slot is not None
        if not slot.unproved:
            proved += 1
            tested = [test["data"] for test in case.tests]
            near = itertools.chain.from_iterable(mutants(value, chance, 20) for value in tested)
            attack(PayloadCodec(slot, SchemaValidator(found.schema)), case.schema, (*tested, *near))

    assert proved >= 90


def attack(codec: PayloadCodec, schema: Any, tried: Iterable[Any]) -> None:
    """Find a value that the type takes and the schema does not."""
    decoder = msgspec.json.Decoder(codec.type, dec_hook=codec.hook)
    judge = jsonschema_rs.Draft202012Validator(schema)
    for value in tried:
        text = json.dumps(value)
        try:
            decoder.decode(text)
        except (msgspec.DecodeError, RecursionError):
            continue
        assert judge.is_valid(json.loads(text)), (codec.type, text)


def test_an_attack_finds_a_false_proof() -> None:
    document = json.dumps({"$defs": {"It": {"type": "string", "maxLength": 1}}})

    with pytest.raises(AssertionError):
        attack(PayloadCodec(Payload(str, "/$defs/It"), SchemaValidator(document)), {"maxLength": 1}, ["ab"])
