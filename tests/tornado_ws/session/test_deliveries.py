"""Acknowledged messages: handled once, answered on each connection that repeats them."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.orders import Busy, CancelAll, Note, Order, Orders, Status
from tornado_ws import ApplicationError, Limits, RequestFailed
from tornado_ws.channels import MemoryBackplane
from tornado_ws.channels.delivery_store import DeliveryOutcome, DeliveryState, DeliveryStore
from tornado_ws.channels.memory_deliveries import MemoryDeliveryStore
from tornado_ws.errors import BackplaneDown
from tornado_ws.session import deliveries
from tornado_ws.testing import Client

NUT = Order(item="nut")


class Undeclared(ApplicationError):
    code = "undeclared"


class Counting(Orders):
    """Handler that records the orders and waits for its event."""

    orders: list[str]
    ends: list[int]
    go_on: asyncio.Event

    def __init_subclass__(cls) -> None:
        cls.orders, cls.ends, cls.go_on = [], [], asyncio.Event()

    async def on_order(self, order: Order, /) -> None:
        self.orders.append(order.item)
        await self.go_on.wait()

    async def on_note(self, note: str, /) -> None:
        await self.send(Status(f"{note} after {len(self.orders)}"))

    async def on_disconnect(self, code: int | None, reason: str | None) -> None:
        self.ends.append(len(self.orders))


class Panic(BaseException):
    """Exception of native code."""


def repeating(client: Client, other: Client) -> Client:
    """Return ``client`` with the session of ``other``, as after a reconnect."""
    client.delivery_session = other.delivery_session
    return client


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Shorten the time for which a repetition holds back other messages."""
    monkeypatch.setattr(deliveries, "HOLD_SECONDS", 0.05)
    yield


@pytest.mark.gen_test
async def test_message_is_acknowledged_after_its_method(app, sockets, connect):
    class Server(Orders):
        async def on_order(self, order: Order, /) -> None:
            await asyncio.sleep(0.01)
            await self.send(Status(order.item))

        async def on_cancel_all(self) -> None:
            await self.send(Status("cancelled"))

    app.add_handlers(".*", sockets.persistent(Server))

    async with connect(Server) as ann:
        await ann.deliver(NUT)
        assert Status("nut") == await ann.expect(Status, timeout=0)
        await ann.deliver(CancelAll())
        assert Status("cancelled") == await ann.expect(Status, timeout=0)


@pytest.mark.gen_test
async def test_client_without_the_subprotocol_is_answered(app, sockets, connect):
    class Server(Counting): ...

    Server.go_on.set()
    app.add_handlers(".*", sockets.persistent(Server))

    async with connect(Server, subprotocols=()) as ann:
        await ann.deliver(NUT)


@pytest.mark.gen_test
async def test_repetition_is_acknowledged_and_not_handled(app, sockets, connect):
    class Server(Counting): ...

    Server.go_on.set()
    app.add_handlers(".*", sockets.persistent(Server))

    async with connect(Server) as ann:
        await ann.deliver(NUT)
        await ann.deliver(NUT, id=1)
        async with connect(Server) as again:
            await repeating(again, ann).deliver(NUT, id=1)
            await again.deliver(Order(item="bolt"))

    assert ["nut", "bolt"] == Server.orders


@pytest.mark.gen_test
async def test_same_id_in_another_session_is_another_message(app, sockets, connect):
    class Server(Counting): ...

    Server.go_on.set()
    app.add_handlers(".*", sockets.persistent(Server))

    async with connect(Server) as ann, connect(Server) as bob:
        await ann.deliver(NUT, id=1)
        await bob.deliver(NUT, id=1)

    assert ["nut", "nut"] == Server.orders


@pytest.mark.gen_test
async def test_same_session_of_another_user_is_another_message(app, make_sockets, connect):
    class Server(Counting):
        def get_current_user(self) -> Any:
            return self.request.headers.get("X-User")

    Server.go_on.set()
    app.add_handlers(".*", make_sockets(user=lambda user: user).persistent(Server))

    async with (
        connect(Server, headers={"X-User": "ann"}) as ann,
        connect(Server, headers={"X-User": "eve"}) as eve,
        connect(Server, headers={"X-User": "ann"}) as again,
    ):
        await ann.deliver(NUT, id=1)
        await repeating(eve, ann).deliver(NUT, id=1)
        await repeating(again, ann).deliver(NUT, id=1)

    assert ["nut", "nut"] == Server.orders


@pytest.mark.gen_test
async def test_declared_error_is_the_outcome(app, sockets, connect, caplog):
    class Server(Orders):
        calls = 0

        async def on_order(self, order: Order, /) -> None:
            type(self).calls += 1
            raise Busy("try later").retry_after(2)

    app.add_handlers(".*", sockets.persistent(Server))

    async with connect(Server) as ann:
        for _ in range(2):
            with pytest.raises(Busy, match="try later") as failed:
                await ann.deliver(NUT, id=1)
            assert failed.value.retry_after_ms == 2000

    assert Server.calls == 1
    assert [] == [record.getMessage() for record in caplog.records if record.name.startswith("tornado_ws")]


@pytest.mark.gen_test
@pytest.mark.parametrize("suspends", [False, True])
@pytest.mark.parametrize("error", [LookupError("nut"), asyncio.CancelledError(), Panic(), Undeclared()], ids=repr)
async def test_other_exception_is_reported_once_and_internal_is_the_outcome(
    app, sockets, connect, caplog, error, suspends
):
    errors: list[Exception] = []

    class Server(Orders):
        async def on_order(self, order: Order, /) -> None:
            if suspends:
                await asyncio.sleep(0)
            raise error

        async def on_error(self, error: Exception) -> None:
            errors.append(error)

    app.add_handlers(".*", sockets.persistent(Server))

    async with connect(Server) as ann:
        for _ in range(2):
            with pytest.raises(RequestFailed, match="order failed: internal: internal error"):
                await ann.deliver(NUT, id=1)

    assert [error] * isinstance(error, Exception) == errors
    logged = [record.getMessage() for record in caplog.records if record.name == "tornado_ws.handler"]
    assert logged[0].startswith(f"{Server.__qualname__}.on_order raised, reference ")
    assert len(logged) == 1 + isinstance(error, ApplicationError)


@pytest.mark.gen_test
async def test_method_runs_to_its_end_after_the_connection_is_lost(app, sockets, connect, until):
    class Server(Counting): ...

    app.add_handlers(".*", sockets.persistent(Server))

    async with connect(Server) as ann, connect(Server) as again:
        lost = asyncio.ensure_future(ann.deliver(NUT))
        await until(lambda: Server.orders)
        ann.abort()
        await asyncio.gather(lost, return_exceptions=True)
        repeated = asyncio.ensure_future(repeating(again, ann).deliver(NUT, id=1))
        await asyncio.sleep(0.1)
        assert not repeated.done()
        assert not Server.ends

        Server.go_on.set()
        await repeated
        await until(lambda: Server.ends)  # once, after the method

    assert ["nut"] == Server.orders


@pytest.mark.gen_test
async def test_messages_after_a_repetition_wait_for_it(app, sockets, connect, until):
    class Server(Counting): ...

    app.add_handlers(".*", sockets.persistent(Server))

    async with connect(Server) as ann, connect(Server) as again:
        first = asyncio.ensure_future(ann.deliver(NUT))
        await until(lambda: Server.orders)
        repeated = asyncio.ensure_future(repeating(again, ann).deliver(NUT, id=1))
        second = asyncio.ensure_future(again.deliver(Order(item="bolt")))
        await asyncio.sleep(0.1)
        assert ["nut"] == Server.orders

        Server.go_on.set()
        await asyncio.gather(first, repeated, second)

    assert ["nut", "bolt"] == Server.orders


@pytest.mark.gen_test
@pytest.mark.usefixtures("hold")
async def test_repetition_of_a_long_method_does_not_block_its_connection(app, sockets, connect, until):
    class Server(Counting): ...

    app.add_handlers(".*", sockets.persistent(Server))

    async with connect(Server) as ann, connect(Server) as again:
        first = asyncio.ensure_future(ann.deliver(NUT))
        await until(lambda: Server.orders)
        repeated = asyncio.ensure_future(repeating(again, ann).deliver(NUT, id=1))
        await again.send(Note("note"))

        assert Status("note after 1") == await again.expect(Status)
        assert not repeated.done()

        Server.go_on.set()
        await asyncio.gather(first, repeated)

    assert ["nut"] == Server.orders


@pytest.mark.gen_test
@pytest.mark.usefixtures("hold")
async def test_number_of_waiting_repetitions_is_limited(app, sockets, connect, until, monkeypatch):
    class Server(Counting): ...

    monkeypatch.setattr(deliveries, "MAX_WAITING", 2)
    app.add_handlers(".*", sockets.persistent(Server))

    async with connect(Server) as ann, connect(Server) as again:
        first = asyncio.ensure_future(ann.deliver(NUT))
        await until(lambda: Server.orders)
        repeating(again, ann)
        for _ in range(2):
            await again.send_text(again._codec.encode_delivery(NUT, 1, again.delivery_session))
        with pytest.raises(RequestFailed, match="unavailable") as failed:
            await again.deliver(NUT, id=1)
        assert (True, 1000) == (failed.value.error.retryable, failed.value.error.retry_after_ms)

        Server.go_on.set()
        await first
        await again.deliver(NUT, id=1)

    assert ["nut"] == Server.orders


@pytest.mark.gen_test
@pytest.mark.usefixtures("hold")
async def test_waiting_repetition_ends_with_its_connection(app, sockets, connect, until):
    class Server(Counting): ...

    app.add_handlers(".*", sockets.persistent(Server))

    async with connect(Server) as ann, connect(Server) as again:
        first = asyncio.ensure_future(ann.deliver(NUT))
        await until(lambda: Server.orders)
        tasks = len(asyncio.all_tasks())
        repeated = asyncio.ensure_future(repeating(again, ann).deliver(NUT, id=1))
        await again.send(Note("note"))
        await again.expect(Status)
        again.abort()
        await until(lambda: Server.ends and repeated.done())
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) <= tasks

        Server.go_on.set()
        await first

    assert ["nut"] == Server.orders


@pytest.mark.gen_test
async def test_method_without_an_end_is_cancelled_some_time_after_its_connection(
    app, sockets, connect, until, monkeypatch
):
    class Server(Counting):
        cancellations = 0

        async def on_order(self, order: Order, /) -> None:
            self.orders.append(order.item)
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                type(self).cancellations += 1
                await asyncio.sleep(60)  # is cancelled again

    monkeypatch.setattr(deliveries, "OUTLIVE_SECONDS", 0.05)
    app.add_handlers(".*", sockets.persistent(Server))

    async with connect(Server) as ann, connect(Server) as again:
        lost = asyncio.ensure_future(ann.deliver(NUT))
        await until(lambda: Server.orders)
        ann.abort()
        await asyncio.gather(lost, return_exceptions=True)
        await until(lambda: Server.ends)

        with pytest.raises(RequestFailed, match="internal"):
            await repeating(again, ann).deliver(NUT, id=1)
        assert Server.cancellations == 1


@pytest.mark.gen_test
async def test_messages_of_one_connection_are_handled_in_order(app, sockets, connect):
    class Server(Counting): ...

    Server.go_on.set()
    app.add_handlers(".*", sockets.persistent(Server))

    async with connect(Server) as ann:
        for number in range(5):
            await ann.send_text(ann._codec.encode_delivery(NUT, number, ann.delivery_session))
            await ann.send(Note("note"))

        assert [f"note after {number}" for number in range(1, 6)] == [(await ann.expect(Status)).data for _ in range(5)]


variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")


@pytest.mark.gen_test
async def test_method_runs_in_the_context_of_its_connection(app, sockets, connect):
    class Server(Orders):
        async def on_connect(self) -> None:
            variable.set("connected")

        async def on_order(self, order: Order, /) -> None:
            await self.send(Status(variable.get()))
            variable.set("ordered")

        async def on_note(self, note: str, /) -> None:
            await self.send(Status(variable.get()))

    app.add_handlers(".*", sockets.persistent(Server))

    async with connect(Server) as ann:
        await ann.deliver(NUT)
        await ann.send(Note(""))

        assert [Status("connected"), Status("ordered")] == [await ann.expect(Status), await ann.expect(Status)]


@pytest.mark.gen_test
async def test_rate_limited_message_is_handled_when_it_is_repeated(app, sockets, connect, monkeypatch):
    class Server(Orders):
        calls = 0

        async def on_cancel_all(self) -> None:
            type(self).calls += 1

    app.add_handlers(".*", sockets.persistent(Server))

    async with connect(Server) as ann:
        await ann.deliver(CancelAll())
        await ann.deliver(CancelAll())
        with pytest.raises(RequestFailed, match="rate_limited") as failed:
            await ann.deliver(CancelAll())
        assert failed.value.error.retry_after_ms
        async with connect(Server) as again:
            await repeating(again, ann).deliver(CancelAll(), id=3)

    assert Server.calls == 3


@pytest.mark.gen_test
async def test_invalid_message_is_not_noted(app, sockets, connect):
    class Server(Counting): ...

    Server.go_on.set()
    app.add_handlers(".*", sockets.persistent(Server))

    async with connect(Server) as ann:
        with pytest.raises(RequestFailed, match="invalid_message"):
            await ann.deliver(Order(item="x" * 21), id=1)
        await ann.deliver(NUT, id=1)

    assert ["nut"] == Server.orders


@pytest.mark.gen_test
async def test_oldest_outcomes_are_dropped_at_the_limit(app, make_sockets, connect):
    class Server(Counting): ...

    Server.go_on.set()
    app.add_handlers(".*", make_sockets(limits=Limits(deliveries=2)).persistent(Server))

    async with connect(Server) as ann:
        for item in ("a", "b", "c"):
            await ann.deliver(Order(item=item))
        await ann.deliver(Order(item="c"), id=3)
        await ann.deliver(Order(item="b"), id=2)
        await ann.deliver(Order(item="a"), id=1)

    assert ["a", "b", "c", "a"] == Server.orders


class UnreachableStore(DeliveryStore):
    """Store that can be reached only while `reachable`."""

    def __init__(self) -> None:
        self.reachable = False
        self.waiting = asyncio.Event()
        self.lost = asyncio.Event()
        self._notes = MemoryDeliveryStore()

    async def begin(self, key: str) -> DeliveryOutcome | DeliveryState:
        if not self.reachable:
            raise BackplaneDown("no connection")
        return await self._notes.begin(key)

    def finish(self, key: str, outcome: DeliveryOutcome, *, limit: int) -> None:
        self._notes.finish(key, outcome, limit=limit)

    async def wait(self, key: str, seconds: float) -> None:
        if seconds <= deliveries.HOLD_SECONDS:
            return
        self.waiting.set()
        await self.lost.wait()
        raise BackplaneDown("no connection")


@pytest.fixture
def unreachable() -> tuple[MemoryBackplane, UnreachableStore]:
    backplane = MemoryBackplane()
    backplane.deliveries = store = UnreachableStore()
    return backplane, store


@pytest.mark.gen_test
async def test_message_is_not_handled_while_nothing_can_be_noted(app, make_sockets, connect, unreachable):
    class Server(Counting): ...

    backplane, store = unreachable
    Server.go_on.set()
    app.add_handlers(".*", make_sockets(backplane=backplane).persistent(Server))

    async with connect(Server) as ann:
        with pytest.raises(RequestFailed, match="unavailable: try again later") as failed:
            await ann.deliver(NUT)
        assert (True, 1000) == (failed.value.error.retryable, failed.value.error.retry_after_ms)
        assert [] == Server.orders
        await ann.send(Note("note"))
        assert Status("note after 0") == await ann.expect(Status)

        store.reachable = True
        await ann.deliver(NUT, id=1)

    assert ["nut"] == Server.orders


@pytest.mark.gen_test
async def test_backplane_that_fails_in_a_method_is_an_outcome(app, sockets, connect, caplog):
    class Server(Orders):
        calls = 0

        async def on_order(self, order: Order, /) -> None:
            type(self).calls += 1
            raise BackplaneDown("no connection")

    app.add_handlers(".*", sockets.persistent(Server))

    async with connect(Server) as ann:
        for _ in range(2):
            with pytest.raises(RequestFailed, match="unavailable: try again later") as failed:
                await ann.deliver(NUT, id=1)
            assert failed.value.error.retry_after_ms is None  # which distinguishes it from a message not handled

    assert Server.calls == 1
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


@pytest.mark.gen_test
async def test_drain_waits_for_methods_that_outlive_their_connections(app, sockets, connect, until):
    class Server(Counting): ...

    app.add_handlers(".*", sockets.persistent(Server))

    async with connect(Server) as ann:
        lost = asyncio.ensure_future(ann.deliver(NUT))
        await until(lambda: Server.orders)
        ann.abort()
        await asyncio.gather(lost, return_exceptions=True)
        await until(lambda: not sockets.connections)
        draining = asyncio.ensure_future(sockets.drain(timeout=10, spread=0))
        await asyncio.sleep(0.1)
        assert not draining.done()

        Server.go_on.set()
        assert await draining == 0

    assert [1] == Server.ends


@pytest.mark.gen_test
async def test_method_that_outlives_the_drain_is_cancelled_and_leaves_no_outcome(
    app, sockets, connect, until, caplog, monkeypatch
):
    noted: list[object] = []
    running, ended = [], []
    monkeypatch.setattr(
        sockets.context.backplane.deliveries, "finish", lambda key, outcome, *, limit: noted.append(outcome)
    )

    class Endless(Orders):
        async def on_order(self, order: Order, /) -> None:
            running.append(order)
            try:
                await asyncio.sleep(60)
            finally:
                ended.append(order)

    app.add_handlers(".*", sockets.persistent(Endless))

    async with connect(Endless) as ann:
        delivering = asyncio.ensure_future(ann.deliver(Order(item="nut")))
        await until(lambda: running)
        await sockets.drain(timeout=0.1, spread=0)
        await asyncio.gather(delivering, return_exceptions=True)

    assert running == ended
    assert noted == []
    assert [] == [record.getMessage() for record in caplog.records if record.name.startswith("tornado_ws")]


@pytest.mark.gen_test
async def test_waiting_repetition_is_answered_when_the_store_becomes_unreachable(
    app, make_sockets, connect, unreachable, until
):
    class Server(Counting): ...

    backplane, store = unreachable
    store.reachable = True
    app.add_handlers(".*", make_sockets(backplane=backplane).persistent(Server))

    async with connect(Server) as ann, connect(Server) as again:
        first = asyncio.ensure_future(ann.deliver(NUT))
        await until(lambda: Server.orders)
        repeated = asyncio.ensure_future(repeating(again, ann).deliver(NUT, id=1))
        await store.waiting.wait()
        store.lost.set()
        with pytest.raises(RequestFailed, match="unavailable"):
            await repeated

        Server.go_on.set()
        await first
