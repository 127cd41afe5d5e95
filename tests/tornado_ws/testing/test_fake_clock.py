"""Clock that a test moves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import msgspec
import pytest
from tornado.ioloop import IOLoop
from tornado.web import Application

from tests.support.lab import Confirm, Lab, Nudge, Said
from tornado_ws import Limits, RequestTimeout, WebSocketController
from tornado_ws.channels import TicketGrant
from tornado_ws.testing import Clock, Connect

ROOM = {"room": "a"}
GRANT = TicketGrant(endpoint="job", data=msgspec.Raw(b"null"))
Make = Callable[..., WebSocketController]


@pytest.mark.gen_test
async def test_idle_client_is_closed(app: Application, make_sockets: Make, connect: Connect, clock: Clock) -> None:
    sockets = make_sockets(clock=clock, limits=Limits(idle_timeout=300))
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        await clock.advance(250)
        assert ann.closed is None
        await clock.advance(100)
        assert 4408 == (await ann.expect_close()).code


@pytest.mark.gen_test
async def test_client_that_answers_pings_stays_connected_for_a_day(
    app: Application, make_sockets: Make, connect: Connect, clock: Clock
) -> None:
    app.add_handlers(".*", make_sockets(clock=clock).persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        await clock.advance(86_400)
        assert ann.closed is None


@pytest.mark.gen_test
async def test_timeout_of_a_request_to_a_client_passes(
    app: Application, make_sockets: Make, connect: Connect, clock: Clock
) -> None:
    failed = asyncio.Event()

    class Asking(Lab):
        async def on_nudge(self) -> None:
            try:
                await self.send_request(Confirm("sure?"), timeout=60)
            except RequestTimeout:
                failed.set()

    app.add_handlers(".*", make_sockets(clock=clock).persistent(Asking))

    async with connect(Lab, ROOM) as ann:
        ann.answer(Confirm, lambda question: asyncio.Event().wait())  # type: ignore[arg-type, return-value]
        await ann.send(Nudge())
        await clock.advance(50)
        assert not failed.is_set()
        await clock.advance(20)
        assert failed.is_set()


@pytest.mark.gen_test
async def test_one_time_url_expires(make_sockets: Make, clock: Clock) -> None:
    sockets = make_sockets(clock=clock)
    issued = [await sockets.context.backplane.tickets.issue(GRANT, client="a", ttl=30, limit=9) for _ in range(2)]

    await clock.advance(29)
    assert await sockets.context.backplane.tickets.redeem(issued[0]) is not None
    await clock.advance(2)
    assert await sockets.context.backplane.tickets.redeem(issued[1]) is None


@pytest.mark.gen_test
async def test_kept_messages_expire(app: Application, make_sockets: Make, connect: Connect, clock: Clock) -> None:
    sockets = make_sockets(clock=clock)
    app.add_handlers(".*", sockets.persistent(Lab))
    (replay,) = {message.replay for message in Lab.endpoint.server if message.replay is not None}

    async with connect(Lab, ROOM) as ann:
        await ann.joined(2)
        positions = ann.positions
    await sockets.room(Lab, "a").send(Said(text="one"))
    await clock.advance(replay.seconds - 1)
    async with connect(Lab, ROOM, positions=positions) as ann:
        assert "one" == (await ann.expect(Said)).text
    await clock.advance(2)
    async with connect(Lab, ROOM, positions=positions) as ann:
        await ann.expect_nothing()


@pytest.mark.gen_test
async def test_timers_of_the_loop_run_in_their_order(clock: Clock) -> None:
    loop, ran = asyncio.get_running_loop(), []
    for seconds in (30, 10, 20.5, 100):
        loop.call_later(seconds, ran.append, seconds)
    before, real = clock(), time.monotonic()

    await clock.advance(60)

    assert [10, 20.5, 30] == ran
    assert 60 <= clock() - before < 70
    assert time.monotonic() - real < 10
    with pytest.raises(ValueError, match="expected at least 0 seconds, got -1"):
        await clock.advance(-1)


@pytest.mark.gen_test(timeout=8)
async def test_timeout_of_the_test_is_not_moved(clock: Clock) -> None:
    await clock.advance(1000)


def test_timeout_of_the_test_passes_in_real_time(io_loop: IOLoop, clock: Clock) -> None:
    with pytest.raises(TimeoutError, match=r"operation timed out after 0\.05 s"):
        io_loop.run_sync(asyncio.Event().wait, timeout=0.05)
    assert 3 == io_loop.run_sync(lambda: asyncio.sleep(0, 3), timeout=5)
    assert 4 == io_loop.run_sync(lambda: asyncio.sleep(0, 4))


def test_loop_has_its_own_clock_again(io_loop: IOLoop) -> None:
    loop = asyncio.get_event_loop()
    clock = Clock(loop)

    clock.close()

    assert "time" not in vars(loop)
