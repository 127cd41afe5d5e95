from __future__ import annotations

import asyncio
import logging
import time

import pytest

from tests.support.clock import Clock
from tests.support.lab import CountingLab, Echo, Lab, Nudge, Said, Say
from tests.support.peer import PING, PONG, Peer, Received, masked
from tornado_ws import CloseCode, Heartbeat, Limits
from tornado_ws.channels import Channel, MemoryBackplane
from tornado_ws.endpoint import Replay
from tornado_ws.server.shutdown import unfinished

ROOM = {"room": "a"}
OFFER = "Sec-WebSocket-Protocol: tornado-ws.1\r\n"


@pytest.mark.gen_test
async def test_lost_connection_with_a_full_inbox_is_detected_without_a_log_entry(
    app, make_sockets, connect, caplog, until
):
    cancelled = []

    class Busy(CountingLab):
        async def on_nudge(self) -> None:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                cancelled.append(self)
                raise

    sockets = make_sockets(limits=Limits(receive_queue_messages=2), heartbeat=Heartbeat(interval=0.3, timeout=0.5))
    app.add_handlers(".*", sockets.persistent(Busy))

    async with connect(Busy, ROOM) as ann:
        for _ in range(20):
            await ann.send(Nudge())
        await asyncio.sleep(0.1)
        ann.abort()
        await until(lambda: Busy.ends)

    await until(lambda: not len(sockets.context.quota))
    assert len(Busy.ends) == len(cancelled) == 1
    assert [] == [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.gen_test
async def test_client_with_a_close_frame_behind_a_full_inbox_is_not_unresponsive(app, make_sockets, connect, until):
    class Busy(CountingLab):
        async def on_nudge(self) -> None:
            await asyncio.sleep(0.4)

    sockets = make_sockets(limits=Limits(receive_queue_messages=2), heartbeat=Heartbeat(interval=0.1, timeout=0.1))
    app.add_handlers(".*", sockets.persistent(Busy))

    async with connect(Busy, ROOM) as ann:
        for _ in range(3):
            await ann.send(Nudge())
        ann.close(4001, "bye")
        await until(lambda: Busy.ends)

    assert Busy.ends == [(4001, "bye")]
    assert sockets.context.counters.unresponsive == 0


@pytest.mark.gen_test
async def test_client_without_the_subprotocol_receives_messages_only(app, make_sockets, connect):
    sockets = make_sockets(heartbeat=Heartbeat(interval=0.05, timeout=5.0))
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM, subprotocols=()) as ann:
        await ann.send(Say(text="hi"))
        await ann.expect(Said)
        await asyncio.sleep(0.3)

        assert ann.hello is None
        assert ann.closed is None


@pytest.mark.gen_test
async def test_client_with_the_subprotocol_receives_hello_first(app, make_sockets, connect):
    sockets = make_sockets(heartbeat=Heartbeat(interval=7.0))
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        assert ann.subprotocol == "tornado-ws.1"
        assert ann.hello is not None
        assert ann.hello.contracts == (Lab.endpoint.contract,)
        assert ann.hello.heartbeat == 7.0
        assert ann.hello.connection == sockets.connections[0].connection_id


@pytest.mark.gen_test
async def test_idle_connections_are_closed(app, make_sockets, connect):
    clock = Clock(time.monotonic())
    sockets = make_sockets(limits=Limits(idle_timeout=60), clock=clock)
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann, connect(Lab, ROOM) as bob, connect(Lab, ROOM) as eve:
        clock.now += 40
        await bob.request(Echo("busy"))
        next(connection for connection in sockets.connections if eve.is_client_of(connection)).touch()
        clock.now += 20
        sockets.context.deadlines.run_due()

        await ann.expect_close(CloseCode.IDLE)
        assert bob.closed is None
        assert eve.closed is None
        clock.now += 40
        sockets.context.deadlines.run_due()
        await bob.expect_close(CloseCode.IDLE)
        await eve.expect_close(CloseCode.IDLE)


@pytest.mark.gen_test
async def test_connection_is_closed_at_the_end_of_its_lifetime_and_may_be_opened_again(app, make_sockets, connect):
    clock = Clock(time.monotonic())
    sockets = make_sockets(limits=Limits(max_lifetime=100), clock=clock)
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        clock.now += 89
        sockets.context.deadlines.run_due()
        assert await ann.request(Echo("alive")) == "alive"
        clock.now += 11
        sockets.context.deadlines.run_due()

        closed = await ann.expect_close(CloseCode.EXPIRED)
    assert closed.reason == "the connection has reached its maximum lifetime"
    assert not CloseCode.EXPIRED.final


@pytest.mark.gen_test
async def test_unresponsive_client_is_closed_with_its_own_code(app, make_sockets, connect, until, http_port):
    class Counted(CountingLab): ...

    sockets = make_sockets(heartbeat=Heartbeat(interval=0.3, timeout=1.0))
    app.add_handlers(".*", sockets.persistent(Counted))

    async with connect(Counted, ROOM) as ann, await Peer.connect(http_port, path="/lab/a", headers=OFFER) as bob:
        assert CloseCode.UNRESPONSIVE == await bob.receive_close()
        await until(lambda: Counted.ends)

        assert ann.closed is None
        assert Counted.ends == [(CloseCode.UNRESPONSIVE, "unresponsive")]
        assert sockets.context.counters.unresponsive == 1


@pytest.mark.gen_test
async def test_client_that_answers_only_protocol_pings_stays_connected(app, make_sockets, http_server, http_port):
    sockets = make_sockets(heartbeat=Heartbeat(interval=0.05, timeout=0.2))
    app.add_handlers(".*", sockets.persistent(Lab))

    async with await Peer.connect(http_port, path="/lab/a", headers=OFFER) as peer:
        assert '"$hello"' in await peer.receive_text()
        for _ in range(2):
            assert '"$joined"' in await peer.receive_text()
        for _ in range(20):
            assert Received(PING, b"") == await peer.receive()  # never a frame that a page must answer
            await peer.send(masked(PONG))

        assert len(sockets.connections) == 1


@pytest.mark.gen_test
@pytest.mark.parametrize("start", [0.0, 1e9])
async def test_dead_client_is_detected_at_the_documented_time_with_any_clock(
    app, make_sockets, connect, until, http_port, start
):
    clock = Clock(start)
    sockets = make_sockets(clock=clock)
    app.add_handlers(".*", sockets.persistent(Lab))
    heartbeat = Heartbeat()

    async with await Peer.connect(http_port, path="/lab/a", headers=OFFER) as peer, connect(Lab, ROOM) as ann:
        clock.now += heartbeat.interval
        sockets.context.deadlines.run_due()
        while (await peer.receive()).opcode != PING:
            pass
        await until(lambda: len(sockets.connections) == 2)
        await ann.ping()
        clock.now = start + heartbeat.interval + heartbeat.timeout - 0.01
        sockets.context.deadlines.run_due()
        assert len(sockets.connections) == 2

        clock.now = start + heartbeat.interval + heartbeat.timeout
        sockets.context.deadlines.run_due()

        assert CloseCode.UNRESPONSIVE == await peer.receive_close()
        assert ann.closed is None
        await ann.ping()


@pytest.mark.gen_test
async def test_client_that_leaves_before_on_connect_runs_no_hook(app, make_sockets, connect, until):
    waiting, go_on = asyncio.Event(), asyncio.Event()

    class SlowBackplane(MemoryBackplane):
        async def follow(self, channel: Channel, history: Replay | None) -> None:
            waiting.set()
            await go_on.wait()
            await super().follow(channel, history)

    class Hooked(CountingLab):
        async def on_connect(self) -> None:
            type(self).connected += 1

    sockets = make_sockets(backplane=SlowBackplane())
    app.add_handlers(".*", sockets.persistent(Hooked))

    async with connect(Hooked, ROOM) as ann:
        await waiting.wait()
        ann.abort()
        await until(lambda: not sockets.connections)
    go_on.set()
    await until(lambda: not len(sockets.context.quota) and not sockets.context.ending)

    assert (0, []) == (Hooked.connected, Hooked.ends)


@pytest.mark.gen_test
async def test_running_hook_and_method_have_names(app, sockets, connect, until):
    go_on = asyncio.Event()

    class Slow(Lab):
        async def on_connect(self) -> None:
            await go_on.wait()

        async def on_echo(self, echo: str) -> str:
            await go_on.wait()
            return echo

    app.add_handlers(".*", sockets.persistent(Slow))
    name = Slow.__qualname__
    async with connect(Slow, ROOM) as ann:
        (client,) = sockets.clients()
        await until(lambda: client.running_method == f"{name}.on_connect")
        go_on.set()
        await until(lambda: client.running_method == "")
        go_on.clear()
        reply = asyncio.ensure_future(ann.request(Echo("a")))
        await until(lambda: client.running_method == f"{name}.on_echo")
        assert unfinished([client, client], 3) == f"HTTP requests (3), {name}.on_echo (2)"
        go_on.set()
        assert await reply == "a"
        assert unfinished([client], 0) == "connections (1)"

    await until(lambda: client.closed)
    assert client.running_method == ""
    assert unfinished([client], 0) == ""
