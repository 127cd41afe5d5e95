"""Module with the types that all endpoints share."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from codegen.emit.python import Models
from tornado_ws import InvalidFrame
from tornado_ws.validation.codec import Codec

from ...support.package import accepts, endpoint, lint, pyright, run_all, typecheck, write

MONEY = {
    "type": "object",
    "properties": {"amount": {"type": "integer"}, "to": {"$ref": "#/$defs/Person"}},
    "required": ["amount"],
}
PERSON = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
COMMON = {"$defs": {"Money": MONEY, "Person": PERSON}}
REFERENCE = {"$ref": "common.json#/$defs/Money"}
MODELS: tuple[Models, ...] = ("msgspec", "pydantic")

HANDLERS = """
import typing

from generated.a import AHandler, Changed, Money, Order, ServerMessage
from generated.b import BHandler, Money as MoneyOfB, Price
from generated.shared import Money as SharedMoney
from tornado_ws import WebSocketController

sockets = WebSocketController()


def total(prices: list[SharedMoney]) -> int:
    return sum(price.amount for price in prices)


@typing.final
class A(AHandler):
    async def on_order(self, order: Order, /) -> None:
        typing.assert_type(order.total, SharedMoney)
        print(total([order.total]))
        await self.broadcast(Changed.of(order))
        await sockets.broadcast(B, order.total)
        await sockets.broadcast(B, Price.of(order.total))


@typing.final
class B(BHandler):
    async def on_pay(self, pay: MoneyOfB, /) -> Money:
        message: ServerMessage = Changed(total=pay)
        await sockets.broadcast(A, message)
        return pay
"""
"""Handlers that pass objects from one endpoint to the other."""

FILES: dict[str, Any] = {
    "common.json": COMMON,
    "a.json": {
        "kind": "persistent",
        "path": "/a",
        "clientMessages": {"order": {"payload": {"$ref": "#/$defs/Order"}}},
        "serverMessages": {"changed": {"payload": {"$ref": "#/$defs/Order"}}},
        "$defs": {"Order": {"type": "object", "properties": {"total": REFERENCE}, "required": ["total"]}},
    },
    "b.json": {
        "kind": "persistent",
        "path": "/b",
        "clientMessages": {"pay": {"payload": REFERENCE, "reply": REFERENCE}},
        "serverMessages": {"money": {"payload": REFERENCE}, "price": {"payload": REFERENCE}},
    },
}


def package(folder: Path, files: dict[str, Any], models: Models) -> dict[str, ModuleType]:
    """Generate and import the package for a schemas folder."""
    write(folder, files, models=models)
    return run_all(folder / "generated")


def decoded(module: ModuleType, text: str) -> Any:
    """Return the payload of a message from the client."""
    return Codec(endpoint(module)).decode(text).data


@pytest.mark.parametrize("models", MODELS)
def test_endpoints_have_the_same_class(tmp_path: Path, models: Models) -> None:
    modules = package(tmp_path, FILES, models)
    a, b, shared = modules["a"], modules["b"], modules["shared"]

    assert a.Money is b.Money is shared.Money
    assert a.Person is b.Person is shared.Person
    assert "Money" in a.__all__ and "Money" in b.__all__
    assert ["Money", "Person"] == shared.__all__


@pytest.mark.parametrize("models", MODELS)
def test_object_from_one_endpoint_is_sent_by_the_other(tmp_path: Path, models: Models) -> None:
    modules = package(tmp_path, FILES, models)
    money = {"amount": 3, "to": {"name": "ann"}}

    order = decoded(modules["a"], json.dumps({"type": "order", "data": {"total": money}}))
    codec = Codec(endpoint(modules["b"]))

    assert {"type": "money", "data": money} == json.loads(codec.encode(order.total))
    assert {"type": "price", "data": money} == json.loads(codec.encode(modules["b"].Price.of(order.total)))


@pytest.mark.parametrize("models", MODELS)
def test_message_with_a_reply_is_a_class_of_its_endpoint(tmp_path: Path, models: Models) -> None:
    """The reply is part of its class."""
    document = {**FILES["b.json"], "clientMessages": {"money": {"payload": REFERENCE, "reply": {"type": "integer"}}}}
    document["serverMessages"] = {}
    modules = package(tmp_path, {**FILES, "b.json": document}, models)
    b, shared = modules["b"], modules["shared"]

    assert b.MoneyData is shared.Money
    assert b.Money is not shared.Money
    assert issubclass(b.Money, shared.Money)
    assert shared.Money(amount=1) == decoded(b, json.dumps({"type": "money", "id": 1, "data": {"amount": 1}}))


UNION = {"anyOf": [{"$ref": "#/$defs/Short"}, {"$ref": "#/$defs/Long"}]}
OWNER: dict[str, Any] = {
    "kind": "persistent",
    "path": "/owner",
    "clientMessages": {
        "any": {"payload": {"$ref": "#/$defs/Any"}},
        "own": {"payload": {"anyOf": [{"$ref": "#/$defs/Long"}, {"$ref": "#/$defs/Other"}]}},
    },
    "$defs": {
        "Any": UNION,
        "Short": {"type": "object", "properties": {"text": {"maxLength": 3}}, "required": ["text"]},
        "Long": {"type": "object", "properties": {"text": {"minLength": 4, "type": "string"}}, "required": ["text"]},
        "Other": {"type": "object", "properties": {"sum": {"type": "integer"}}, "required": ["sum"]},
    },
}
USER = {
    "kind": "persistent",
    "path": "/user",
    "clientMessages": {"any": {"payload": {"$ref": "owner.json#/$defs/Any"}}},
}


@pytest.mark.parametrize("models", MODELS)
def test_schemas_of_an_endpoint_select_members_in_every_endpoint(tmp_path: Path, models: Models) -> None:
    modules = package(tmp_path, {"owner.json": OWNER, "user.json": USER}, models)
    owner, user, shared = modules["owner"], modules["user"], modules["shared"]

    for module in (owner, user):
        codec = Codec(endpoint(module))
        for text, cls in (("ab", shared.Short), ("abcd", shared.Long)):
            found = codec.decode(json.dumps({"type": "any", "data": {"text": text}})).data
            assert type(found) is cls
        assert not accepts(codec, {}, name="any")
    assert type(decoded(owner, '{"type": "own", "data": {"text": "abcd"}}')) is shared.Long
    assert type(decoded(owner, '{"type": "own", "data": {"sum": 1}}')) is owner.Other
    with pytest.raises(InvalidFrame):
        decoded(owner, '{"type": "own", "data": {"text": "abc"}}')


def test_names_of_the_module_for_messages_are_free_in_the_shared_module(tmp_path: Path) -> None:
    names = ("SharedHandler", "Shared", "ServerMessages", "Msgspec", "Typing", "List", "Any")
    definitions = {name: {"type": "object", "properties": {name: {"$ref": f"#/$defs/{name}"}}} for name in names}
    messages = {f"m{at}": {"payload": {"$ref": f"common.json#/$defs/{name}"}} for at, name in enumerate(names)}
    files = {"common.json": {"$defs": definitions}, "a.json": {"kind": "ephemeral", "serverMessages": messages}}

    modules = package(tmp_path, files, "msgspec")

    for path in (tmp_path / "generated").glob("[!_]*.py"):
        compile(path.read_text(), path, "exec")
    assert len(names) == len(modules["shared"].__all__)
    assert sorted(set(modules["shared"].__all__)) == modules["shared"].__all__


@pytest.mark.slow
@pytest.mark.parametrize("models", MODELS)
def test_type_checkers_accept_objects_of_another_endpoint(tmp_path: Path, models: Models) -> None:
    write(tmp_path, FILES, models=models)
    handlers = tmp_path / "handlers.py"
    handlers.write_text(HANDLERS)

    lint(tmp_path / "generated")
    typecheck(*(tmp_path / "generated").glob("*.py"), handlers)
    assert [] == pyright(tmp_path, [*(tmp_path / "generated").glob("*.py")], others=[handlers])
