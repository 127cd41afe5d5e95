"""Endpoint ``shop`` with every kind of message, payload and residual check, as codegen writes it."""

from __future__ import annotations

import json
from typing import Annotated, Any, ClassVar, Literal

import msgspec

import tornado_ws
from tornado_ws.endpoint import ResidualCheck

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$defs": {
        "Item": {
            "type": "object",
            "properties": {
                "name": {"type": "string", "minLength": 1, "maxLength": 10},
                "count": {"type": "integer", "minimum": 0},
                "note": {"type": "string"},
            },
            "required": ["name", "count"],
            "additionalProperties": False,
        },
        "Priced": {
            "type": "object",
            "properties": {
                "price": {"type": "number", "multipleOf": 0.01},
                "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
                "code": {"type": "string", "pattern": "^[a-z]+$"},
            },
            "required": ["price"],
            "additionalProperties": False,
        },
        "Loose": {"type": "object", "minProperties": 1, "additionalProperties": {"type": "integer"}},
        "Circle": {
            "type": "object",
            "properties": {"kind": {"const": "circle"}, "radius": {"type": "number", "exclusiveMinimum": 0}},
            "required": ["kind", "radius"],
        },
        "Square": {
            "type": "object",
            "properties": {"kind": {"const": "square"}, "side": {"type": "number", "exclusiveMinimum": 0}},
            "required": ["kind", "side"],
        },
        "Shape": {
            "oneOf": [{"$ref": "#/$defs/Circle"}, {"$ref": "#/$defs/Square"}],
            "x-tag": {"oneOf": {"name": "kind", "choices": [[["circle"], 0], [["square"], 1]]}},
        },
        "Cash": {"type": "object", "properties": {"coins": {"type": "integer"}}, "required": ["coins"]},
        "Card": {"type": "object", "properties": {"number": {"type": "string"}}, "required": ["number"]},
        "Means": {"anyOf": [{"$ref": "#/$defs/Cash"}, {"$ref": "#/$defs/Card"}]},
        "Payments": {"type": "array", "items": {"$ref": "#/$defs/Means"}, "contains": {"required": ["coins"]}},
        "Wallet": {
            "type": "object",
            "properties": {"main": {"$ref": "#/$defs/Means"}, "others": {"type": "array"}},
            "required": ["main"],
            "minProperties": 2,
        },
        "Anything": {},
        "Tree": {"type": "array", "items": {"$ref": "#/$defs/Tree"}},
        "Slow": {"type": "string", "pattern": "^(a+)+$"},
        "Digit": {"type": "string", "pattern": "^\\d$"},
        "Yes": {"type": "boolean"},
        "Numbers": {"type": "array", "items": {"type": "integer"}},
        "Params": {
            "type": "object",
            "properties": {
                "page": {"type": "integer", "minimum": 1},
                "ids": {"type": "array", "items": {"type": "integer"}},
                "name": {"type": "string"},
                "exact": {"type": "boolean"},
            },
            "required": ["name"],
            "additionalProperties": False,
        },
    },
}


class Item(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=10)]
    count: Annotated[int, msgspec.Meta(ge=0)]
    note: str | msgspec.UnsetType = msgspec.UNSET


class Priced(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    price: float
    tags: list[str] | msgspec.UnsetType = msgspec.UNSET
    code: str | msgspec.UnsetType = msgspec.UNSET


class Circle(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="circle"):
    kind: ClassVar[Literal["circle"]] = "circle"
    radius: Annotated[float, msgspec.Meta(gt=0)]


class Square(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="square"):
    kind: ClassVar[Literal["square"]] = "square"
    side: Annotated[float, msgspec.Meta(gt=0)]


class Cash(msgspec.Struct, frozen=True, kw_only=True):
    coins: int


class Card(msgspec.Struct, frozen=True, kw_only=True):
    number: str


Means = tornado_ws.untagged("Means", __name__, ("Cash", "/$defs/Cash"), ("Card", "/$defs/Card"))


class Wallet(msgspec.Struct, frozen=True, kw_only=True):
    main: Means
    others: list[Any] | msgspec.UnsetType = msgspec.UNSET


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    page: Annotated[int, msgspec.Meta(ge=1)] | msgspec.UnsetType = msgspec.UNSET
    ids: list[int] | msgspec.UnsetType = msgspec.UNSET
    exact: bool | msgspec.UnsetType = msgspec.UNSET


class Put(Item, frozen=True, kw_only=True):
    pass


class Ring(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Buy(Item, tornado_ws.Request[bool], frozen=True, kw_only=True):
    pass


class Watch(msgspec.Struct, tornado_ws.Stream[Item], frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Price(Priced, frozen=True, kw_only=True):
    pass


class Map(msgspec.Struct, frozen=True):
    data: dict[str, int]


class Draw(msgspec.Struct, frozen=True):
    data: Circle | Square


class Roll(Circle, frozen=True, kw_only=True):
    pass


class Pay(msgspec.Struct, frozen=True):
    data: Any


class PayAll(msgspec.Struct, frozen=True):
    data: list[Any]


class Fill(Wallet, frozen=True, kw_only=True):
    pass


class Keep(msgspec.Struct, frozen=True):
    data: Any


class Grow(msgspec.Struct, frozen=True):
    data: Any


class Spell(msgspec.Struct, frozen=True):
    data: str


class Count(msgspec.Struct, frozen=True):
    data: str


class Add(msgspec.Struct, frozen=True):
    data: list[int]


class Stocked(Item, frozen=True, kw_only=True):
    pass


class Closed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Confirm(
    msgspec.Struct, tornado_ws.ServerRequest[bool, Any], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    pass


class ServerBuy(Item, tornado_ws.ServerRequest[bool, Any], frozen=True, kw_only=True):
    pass


def payload(type_: Any, name: str, *checks: ResidualCheck) -> tornado_ws.Payload:
    return tornado_ws.Payload(type_, f"/$defs/{name}", checks)


def checked_as_json(type_: Any, name: str) -> tornado_ws.Payload:
    return payload(type_, name, tornado_ws.JsonCheck(f"/$defs/{name}"))


ITEM = payload(Item, "Item")
YES = payload(bool, "Yes")
PARTS = [tornado_ws.AttributeCheck(name, f"/$defs/Priced/properties/{name}") for name in ("price", "tags", "code")]

SHOP = tornado_ws.Endpoint(
    name="shop",
    kind="persistent",
    path="/shop/{name}",
    params=payload(Params, "Params"),
    client=(
        tornado_ws.MessageType("put", Put, ITEM),
        tornado_ws.MessageType("ring", Ring),
        tornado_ws.MessageType("buy", Buy, ITEM, reply=YES),
        tornado_ws.MessageType("watch", Watch, stream=ITEM),
        tornado_ws.MessageType("price", Price, payload(Priced, "Priced", *PARTS)),
        tornado_ws.MessageType("map", Map, checked_as_json(dict[str, int], "Loose")),
        tornado_ws.MessageType("draw", Draw, payload(Circle | Square, "Shape")),
        tornado_ws.MessageType("roll", Roll, payload(Circle, "Circle")),
        tornado_ws.MessageType("pay", Pay, payload(Means, "Means")),
        tornado_ws.MessageType("keep", Keep, payload(Any, "Anything")),
        tornado_ws.MessageType("grow", Grow, checked_as_json(Any, "Tree")),
        tornado_ws.MessageType("spell", Spell, checked_as_json(str, "Slow")),
        tornado_ws.MessageType("count", Count, checked_as_json(str, "Digit")),
        tornado_ws.MessageType("add", Add, payload(list[int], "Numbers")),
        tornado_ws.MessageType("pay_all", PayAll, checked_as_json(list[Means], "Payments")),
        tornado_ws.MessageType("fill", Fill, checked_as_json(Wallet, "Wallet")),
    ),
    server=(
        tornado_ws.MessageType("stocked", Stocked, ITEM, replay=tornado_ws.Replay(10)),
        tornado_ws.MessageType("closed", Closed),
        tornado_ws.MessageType("confirm", Confirm, reply=YES),
        tornado_ws.MessageType("buy", ServerBuy, ITEM, reply=YES),
        tornado_ws.MessageType("price", Price, payload(Priced, "Priced", *PARTS)),
        tornado_ws.MessageType("map", Map, checked_as_json(dict[str, int], "Loose")),
        tornado_ws.MessageType("keep", Keep, payload(Any, "Anything")),
    ),
    schema=json.dumps(SCHEMA),
    contract="shop-1",
)

DESK = tornado_ws.Endpoint(
    name="desk",
    kind="ephemeral",
    client=(),
    server=(),
    ticket=ITEM,
    ttl=60.0,
    schema=json.dumps(SCHEMA),
    contract="desk-1",
)
