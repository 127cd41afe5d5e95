"""Link with the faults of a network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from tornado.web import Application

from tests.support.lab import Echo, Lab, Note, Nudge
from tests.support.orders import ORDERS, Order, Orders
from tornado_ws import RequestTimeout, WebSocketController
from tornado_ws.testing import Clock, Connect, Link, faulty

ROOM = {"room": "a"}


class Counting(Lab):
    async def on_nudge(self) -> None:
        await self.send(Note("nudged"))


@pytest.mark.gen_test
async def test_link_without_faults_forwards_everything(
    app: Application, sockets: WebSocketController, connect: Connect
) -> None:
    app.add_handlers(".*", sockets.persistent(Lab))

    async with faulty(connect) as link, link(Lab, ROOM) as ann:
        for size in (1, 200, 70_000):
            assert size == len(await ann.request(Echo("x" * size)))
        ann.close(4000, "bye")
        assert 4000 == (await ann.expect_close()).code


@pytest.mark.gen_test
async def test_messages_are_dropped_and_duplicated_by_name(
    app: Application, sockets: WebSocketController, connect: Connect
) -> None:
    app.add_handlers(".*", sockets.persistent(Counting))

    async with faulty(connect) as link, link(Counting, ROOM) as ann:
        link.drop("down", "note", times=2)
        await ann.send(Nudge())
        await ann.send(Nudge())
        await ann.ping()
        await ann.expect_nothing(0)
        link.duplicate("up", "nudge")
        await ann.send(Nudge())
        await ann.ping()
        assert [await ann.expect(Note) for _ in range(2)]
        await ann.send(Nudge())
        assert await ann.expect(Note)
        await ann.expect_nothing(0)
        link.drop("up")
        with pytest.raises(RequestTimeout):
            await ann.request(Echo("lost"), timeout=0.05)


@pytest.mark.gen_test
async def test_acknowledged_message_whose_answer_is_lost_is_handled_once(
    app: Application, sockets: WebSocketController, connect: Connect
) -> None:
    handled: list[str] = []

    class Shop(Orders):
        async def on_order(self, order: Order) -> None:
            handled.append(order.item)

    app.add_handlers(".*", sockets.persistent(Shop))

    async with faulty(connect) as link, link(ORDERS) as ann:
        link.drop("down", "$ack")
        with pytest.raises(RequestTimeout):
            await ann.deliver(Order(item="nut"), id=1, timeout=0.1)
        await ann.deliver(Order(item="nut"), id=1)

    assert ["nut"] == handled


@pytest.mark.gen_test
async def test_half_open_connection_is_closed_by_the_heartbeat(
    app: Application, make_sockets: Callable[..., WebSocketController], connect: Connect, clock: Clock
) -> None:
    sockets = make_sockets(clock=clock)
    app.add_handlers(".*", sockets.persistent(Lab))

    async with faulty(connect) as link, link(Lab, ROOM) as ann:
        link.hold()
        await clock.advance(30)
        assert 1 == len(sockets.connections)
        await clock.advance(15)
        assert 0 == len(sockets.connections)
        assert ann.closed is None
        link.release()
        assert 4508 == (await ann.expect_close()).code


@pytest.mark.gen_test
async def test_messages_are_delayed_and_connections_cut(
    app: Application, sockets: WebSocketController, connect: Connect, clock: Clock
) -> None:
    app.add_handlers(".*", sockets.persistent(Lab))

    async with faulty(connect) as link, link(Lab, ROOM) as ann:
        link.delay = 20
        asking = asyncio.create_task(ann.request(Echo("slow"), timeout=100))
        await clock.advance(35)
        assert not asking.done()
        await clock.advance(10)
        assert "slow" == await asking
        link.delay = 0
        link.cut()
        assert 1006 == (await ann.expect_close()).code or ann.closed is not None
        async with link(Lab, ROOM) as again:
            assert "x" == await again.request(Echo("x"))


@pytest.mark.gen_test
async def test_link_to_a_port_without_a_server_resets_connections() -> None:
    reset = asyncio.Event()
    link = Link(1, 1)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await link.accept(reader, writer)
        reset.set()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    await reset.wait()
    writer.close()
    server.close()
    await link.stop()


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nuge", r"^drop: expected the message nuge up the link, got nudge$"),
        (None, r"^duplicate: expected any message down the link, got \$hello, \$joined, note$"),
    ],
)
async def test_fault_without_a_message_fails_the_test(
    app: Application, sockets: WebSocketController, connect: Connect, name: str | None, text: str
) -> None:
    app.add_handlers(".*", sockets.persistent(Counting))

    with pytest.raises(AssertionError, match=text):
        async with faulty(connect) as link, link(Counting, ROOM) as ann:
            if name is not None:
                link.drop("up", name)
            await ann.send(Nudge())
            await ann.expect(Note)
            if name is None:
                link.duplicate("down")
