"""Backplane that fails and recovers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
import pytest
from tornado.web import Application

from tests.support.lab import Lab, Note, Said
from tests.support.orders import ORDERS, Order, Orders
from tornado_ws import BackplaneDown, RequestFailed, WebSocketController
from tornado_ws.channels import Channel, Position, TicketGrant
from tornado_ws.testing import Connect, FailingBackplane

ROOM = {"room": "a"}
GRANT = TicketGrant(endpoint="job", data=msgspec.Raw(b"null"))


@pytest.fixture
def backplane() -> FailingBackplane:
    return FailingBackplane()


@pytest.fixture
def failing(make_sockets: Callable[..., WebSocketController], backplane: FailingBackplane) -> WebSocketController:
    return make_sockets(backplane=backplane)


@pytest.mark.gen_test
async def test_kept_messages_cannot_be_sent_while_it_fails(
    app: Application, failing: WebSocketController, backplane: FailingBackplane, connect: Connect
) -> None:
    app.add_handlers(".*", failing.persistent(Lab))
    room = failing.room(Lab, "a")

    async with connect(Lab, ROOM) as ann:
        await ann.joined(2)
        assert backplane.healthy
        backplane.fail()
        assert not backplane.healthy
        with pytest.raises(BackplaneDown, match="a test made it fail"):
            await room.send(Said(text="lost"))
        await room.send(Note("sent"))
        assert Note("sent") == await ann.expect(Note)
        backplane.recover()
        await room.send(Said(text="kept"))
        assert Said(text="kept") == await ann.expect(Said)


@pytest.mark.gen_test
async def test_acknowledged_messages_are_not_handled_while_it_fails(
    app: Application, failing: WebSocketController, backplane: FailingBackplane, connect: Connect
) -> None:
    class Shop(Orders):
        async def on_order(self, order: Order) -> None: ...

    app.add_handlers(".*", failing.persistent(Shop))

    async with connect(ORDERS) as ann:
        backplane.fail()
        with pytest.raises(RequestFailed, match="unavailable"):
            await ann.deliver(Order(item="nut"), id=1)
        backplane.recover()
        await ann.deliver(Order(item="nut"), id=1)


@pytest.mark.gen_test
async def test_tickets_and_history_wait_or_fail(backplane: FailingBackplane) -> None:
    key = await backplane.tickets.issue(GRANT, client="a", ttl=9, limit=9)
    backplane.fail()
    for call in (
        backplane.tickets.issue(GRANT, client="a", ttl=9, limit=9),
        backplane.tickets.peek(key),
        backplane.tickets.redeem(key),
    ):
        with pytest.raises(BackplaneDown):
            await call
    missed = asyncio.create_task(backplane.missed(Channel("lab", "a"), Position("e", 0, "")))
    await asyncio.sleep(0)
    assert not missed.done()
    backplane.recover()
    assert await missed is None
    assert await backplane.tickets.peek(key) == GRANT
    assert await backplane.tickets.redeem(key) == GRANT
