"""Models of an application that stand in for definitions, on a running server."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Literal

import pydantic
import pytest

from tests.codegen.support.package import endpoint, module, run_all, write
from tornado_ws import ConfigurationError, InvalidFrame, InvalidMessage
from tornado_ws.validation.codec import Codec
from tornado_ws.validation.stand_in_check import require_equal_stand_ins

ORDER = {
    "type": "object",
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "madeAt": {"type": "string", "format": "date-time"},
        "state": {"enum": ["open", "sent"]},
        "note": {"type": ["string", "null"], "maxLength": 5},
    },
    "required": ["id"],
    "additionalProperties": False,
    "x-python": "shop_models:Order",
}
REFERENCE = {"$ref": "#/$defs/Order"}
SHOP: dict[str, Any] = {
    "kind": "persistent",
    "path": "/shop",
    "clientMessages": {
        "change": {"payload": REFERENCE},
        "find": {"payload": {"type": "integer"}, "reply": REFERENCE},
        "place": {"payload": {"$ref": "#/$defs/Cart"}},
    },
    "serverMessages": {
        "changed": {"payload": REFERENCE},
        "order": {"payload": REFERENCE},
        "any": {"payload": {"anyOf": [REFERENCE, {"$ref": "#/$defs/Cart"}, {"type": "null"}]}},
    },
    "$defs": {
        "Order": ORDER,
        "Cart": {
            "type": "object",
            "properties": {
                "orders": {"type": "array", "items": REFERENCE},
                "byName": {"type": "object", "additionalProperties": REFERENCE},
                "first": {**REFERENCE, "default": {"id": 1}},
            },
            "required": ["orders"],
        },
    },
}


class State(StrEnum):
    OPEN = "open"
    SENT = "sent"


class Order(pydantic.BaseModel):
    """Order of the application."""

    id: int
    made_at: datetime | None = pydantic.Field(default=None, alias="madeAt")
    state: State = State.OPEN
    note: str | None = None

    @property
    def is_sent(self) -> bool:
        return self.state is State.SENT


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Provide the module of the application."""
    found = ModuleType("shop_models")
    vars(found)["Order"] = Order
    monkeypatch.setitem(sys.modules, "shop_models", found)
    yield found


@pytest.fixture
def shop(tmp_path: Path) -> ModuleType:
    return module(tmp_path, {"shop.json": SHOP}, name="shop", models="pydantic", python_models=("shop_models",))


def it(folder: Path, schema: Any, models: ModuleType, cls: Any) -> ModuleType:
    """Generate the module of a message whose payload ``cls`` represents."""
    vars(models)["It"] = cls
    document = {
        "kind": "ephemeral",
        "serverMessages": {"it": {"payload": {"$ref": "#/$defs/Value"}}},
        "$defs": {"Value": {"type": "object", **schema, "x-python": "shop_models:It"}},
    }
    return module(folder, {"test.json": document}, models="pydantic", python_models=("shop_models",))


def difference(folder: Path, schema: Any, models: ModuleType, cls: Any) -> str:
    """Return the error about a class at start-up."""
    loaded = endpoint(it(folder, schema, models, cls))
    with pytest.raises(ConfigurationError) as caught:
        require_equal_stand_ins(loaded)
    return str(caught.value)


@pytest.mark.gen_test
async def test_handlers_receive_and_send_objects_of_the_application(app, sockets, connect, shop):
    received: list[Any] = []

    class Shop(shop.ShopHandler):
        async def on_change(self, change: Order, /) -> None:
            received.append(change)
            await self.send(shop.Changed.of(change))

        async def on_find(self, find: int, /) -> Order:
            return Order(id=find, state=State.SENT)

        async def on_place(self, place: Any, /) -> None:
            received.append(place)
            await self.send(shop.Any(place.orders[0]))
            await self.send(shop.Any(place))

    app.add_handlers(".*", sockets.persistent(Shop))

    async with connect(Shop) as ann:
        await ann.send(shop.Change(Order(id=1, madeAt="2026-01-01T00:00:00Z")))
        changed = await ann.expect(shop.Changed)
        assert changed.data == Order(id=1, madeAt="2026-01-01T00:00:00Z")
        assert type(received[0]) is Order

        found = await ann.request(shop.Find(7))
        assert type(found) is Order and found.is_sent

        await ann.send(shop.Place(orders=[Order(id=3)], byName={"a": Order(id=4)}))
        assert Order(id=3) == (await ann.expect(shop.Any)).data
        assert Order(id=4) == (await ann.expect(shop.Any)).data.byName["a"]


def test_wire_form_has_json_names_and_only_the_properties_that_were_set(shop: ModuleType) -> None:
    codec, order = Codec(endpoint(shop)), Order(id=1, madeAt=datetime(2026, 1, 1, tzinfo=UTC))
    data = {"id": 1, "madeAt": "2026-01-01T00:00:00Z"}

    assert {"type": "changed", "data": data} == json.loads(codec.encode(shop.Changed.of(order)))
    assert {"type": "any", "data": {"orders": [data]}} == json.loads(codec.encode(shop.Any(shop.Cart(orders=[order]))))
    assert {"type": "find", "re": 1, "data": data} == json.loads(codec.encode_reply(endpoint(shop).client[1], 1, order))


def test_schema_decides_on_both_edges(shop: ModuleType) -> None:
    codec = Codec(endpoint(shop))

    for invalid, keyword in (({"id": 0}, "minimum"), ({"id": 1, "note": "too long"}, "maxLength")):
        with pytest.raises(InvalidFrame, match=keyword):
            codec.decode(json.dumps({"type": "change", "data": invalid}))
        with pytest.raises(InvalidMessage, match=keyword):
            codec.encode(shop.Changed.of(Order.model_validate(invalid)))
        with pytest.raises(InvalidMessage, match="anyOf"):
            codec.encode(shop.Any(shop.Cart(orders=[Order.model_validate(invalid)])))
    with pytest.raises(InvalidMessage, match="Order"):
        codec.encode(shop.Changed.model_construct(Order.model_construct(id=object())))


def test_message_of_the_same_name_contains_the_object(shop: ModuleType) -> None:
    assert shop.OrderData is Order
    assert b'{"type":"order","data":{"id":1}}' == Codec(endpoint(shop)).encode(shop.Order.of(Order(id=1)))


def test_default_of_the_schema_does_not_call_an_unknown_constructor(shop: ModuleType) -> None:
    assert shop.Cart(orders=[]).first is pydantic.MISSING


def test_endpoints_share_the_class(tmp_path: Path) -> None:
    user = {
        "kind": "ephemeral",
        "ticket": {"$ref": "common.json#/$defs/Order"},
        "serverMessages": {"done": {"payload": {"$ref": "common.json#/$defs/Order"}}},
    }
    files = {"common.json": {"$defs": {"Order": ORDER}}, "a.json": user, "b.json": user}
    write(tmp_path, files, models="pydantic", python_models=("shop_models",))
    modules = run_all(tmp_path / "generated")

    assert modules["a"].Order is modules["b"].Order is modules["shared"].Order is Order
    for name in ("a", "b"):
        loaded = endpoint(modules[name])
        require_equal_stand_ins(loaded)
        assert Codec(loaded).decode_ticket(Codec(loaded).encode_ticket(Order(id=2))) == Order(id=2)


def test_params_are_converted_from_text(tmp_path: Path, models: ModuleType) -> None:
    class Params(pydantic.BaseModel):
        room: str
        level: int = pydantic.Field(default=1, alias="Level")

    vars(models)["Params"] = Params
    properties = {"room": {"type": "string"}, "Level": {"type": "integer"}}
    params = {"type": "object", "properties": properties, "required": ["room"], "x-python": "shop_models:Params"}
    document = {"kind": "persistent", "path": "/a/{room}", "params": {"$ref": "#/$defs/P"}, "$defs": {"P": params}}
    loaded = endpoint(module(tmp_path, {"test.json": document}, models="pydantic", python_models=("shop_models",)))

    assert Codec(loaded).params({"room": "a", "Level": "3"}) == Params(room="a", Level=3)


def test_class_that_fits_is_mounted(shop: ModuleType) -> None:
    require_equal_stand_ins(endpoint(shop))


def test_class_that_rejects_a_valid_instance_cannot_be_mounted(sockets, shop, models, tmp_path) -> None:  # type: ignore[no-untyped-def]
    class Narrow(pydantic.BaseModel):
        id: int
        state: Literal["open"] = "open"

    vars(models)["Order"] = Narrow
    shop = module(tmp_path / "2", {"shop.json": SHOP}, name="shop", models="pydantic", python_models=("shop_models",))

    class Shop(shop.ShopHandler):  # type: ignore[name-defined, misc]
        async def on_change(self, change: Any, /) -> None: ...
        async def on_find(self, find: int, /) -> Any: ...
        async def on_place(self, place: Any, /) -> None: ...

    with pytest.raises(ConfigurationError, match=r"shop: .*Narrow rejects the valid instance \d+ .* at /state: Input"):
        sockets.persistent(Shop)


PROPERTIES = {"properties": {"a": {"type": "integer"}}, "required": ["a"]}


def test_error_names_what_the_class_writes(tmp_path: Path, models: ModuleType) -> None:
    class Renamed(pydantic.BaseModel):
        a: int = pydantic.Field(serialization_alias="b")

    error = difference(tmp_path, PROPERTIES, models, Renamed)

    assert (
        'Renamed writes the valid instance 0 {"a": 0} as {"b":0}, invalid at its root: expected the property a' in error
    )


def test_class_that_forbids_properties_of_an_open_schema_differs(tmp_path: Path, models: ModuleType) -> None:
    class Closed(pydantic.BaseModel, extra="forbid"):
        a: int

    assert "/undeclared: Extra inputs are not permitted" in difference(tmp_path, PROPERTIES, models, Closed)


def test_class_with_narrower_bounds_differs(tmp_path: Path, models: ModuleType) -> None:
    class Narrow(pydantic.BaseModel):
        a: Annotated[int, pydantic.Field(ge=0)]

    assert "at /a: Input should be greater than or equal to 0" in difference(tmp_path, PROPERTIES, models, Narrow)


def test_exception_of_a_serializer_is_part_of_the_error(tmp_path: Path, models: ModuleType) -> None:
    class Failing(pydantic.BaseModel):
        a: int

        @pydantic.field_serializer("a")
        def write(self, a: int) -> int:
            raise ValueError("not today")

    assert "Failing cannot write the valid instance 0" in difference(tmp_path, PROPERTIES, models, Failing)


def test_other_objects_are_no_models(tmp_path: Path, models: ModuleType) -> None:
    schema = {"properties": {"a": {}}}

    assert "expected a Pydantic model, got <class 'dict'>" in difference(tmp_path, schema, models, dict)
