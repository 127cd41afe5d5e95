"""Endpoint with acknowledged messages."""

from __future__ import annotations

import abc
import json
from typing import Annotated, Final

import msgspec

import tornado_ws
from tornado_ws import ErrorType, MessageType, Payload

__all__ = [
    "ORDERS",
    "SESSION",
    "Busy",
    "CancelAll",
    "Note",
    "Order",
    "Orders",
    "OrdersHandler",
    "SoldOut",
    "Status",
    "frame",
]

SESSION = "AbCdEfGhIjKlMnOpQrSt-_"
"""Session of a page."""


class Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Acknowledged message with a payload."""

    item: Annotated[str, msgspec.Meta(max_length=20)]


class CancelAll(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Acknowledged message without a payload, twice in ten seconds."""


class Note(msgspec.Struct, frozen=True):
    """Plain message."""

    data: str


class Status(msgspec.Struct, frozen=True):
    """Message of the server."""

    data: str


class SoldOut(tornado_ws.ApplicationError):
    code = "sold_out"


class Busy(tornado_ws.ApplicationError):
    code = "busy"
    retryable = True


ORDERS: Final = tornado_ws.Endpoint(
    name="orders",
    kind="persistent",
    contract="orders-1",
    path="/orders",
    client=(
        MessageType("order", Order, Payload(Order, "/$defs/Order"), acknowledged=True),
        MessageType("cancel-all", CancelAll, rate=(2, 10.0), acknowledged=True),
        MessageType("note", Note, Payload(str, "/$defs/Text")),
    ),
    server=(MessageType("status", Status, Payload(str, "/$defs/Text")),),
    errors=(ErrorType(SoldOut), ErrorType(Busy)),
    schema=json.dumps(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$defs": {
                "Text": {"type": "string"},
                "Order": {
                    "type": "object",
                    "properties": {"item": {"type": "string", "maxLength": 20}},
                    "required": ["item"],
                    "additionalProperties": False,
                },
            },
        }
    ),
)


class OrdersHandler(tornado_ws.PersistentHandler[None, Status], abc.ABC):
    endpoint = ORDERS

    @abc.abstractmethod
    async def on_order(self, order: Order, /) -> None: ...

    @abc.abstractmethod
    async def on_cancel_all(self) -> None: ...

    @abc.abstractmethod
    async def on_note(self, note: str, /) -> None: ...


class Orders(OrdersHandler):
    """Handler that does nothing; tests override its methods."""

    async def on_order(self, order: Order, /) -> None: ...

    async def on_cancel_all(self) -> None: ...

    async def on_note(self, note: str, /) -> None: ...


def frame(item: str, id: int, session: str = SESSION) -> str:
    """Return the text of the frame of an order."""
    return json.dumps({"type": "order", "id": id, "session": session, "data": {"item": item}})
