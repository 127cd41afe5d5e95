from __future__ import annotations

import asyncio
import os
import signal

import pytest
from tornado.httpclient import HTTPClientError

from tests.support.lab import Echo, Lab, Nudge
from tornado_ws import CloseCode

ROOM = {"room": "a"}


@pytest.mark.gen_test
async def test_drain_waits_for_methods_closes_all_connections_and_refuses_new_ones(app, sockets, connect):
    begun, go_on = asyncio.Event(), asyncio.Event()

    class Slow(Lab):
        async def on_echo(self, echo: str) -> str:
            begun.set()
            await go_on.wait()
            return echo

    app.add_handlers(".*", sockets.persistent(Slow))

    async with connect(Slow, ROOM) as ann, connect(Slow, ROOM) as bob:
        reply = asyncio.create_task(ann.request(Echo("a")))
        await begun.wait()
        draining = asyncio.create_task(sockets.drain(20.0, spread=3.0))
        await asyncio.sleep(0.02)
        with pytest.raises(HTTPClientError) as refused:
            await connect(Slow, ROOM).__aenter__()

        assert refused.value.code == 503
        go_on.set()
        assert await reply == "a"
        for client in (ann, bob):
            closed = await client.expect_close(CloseCode.GOING_AWAY)
            assert closed.reason in {f"retry after {seconds}" for seconds in range(4)}
        assert await draining == 0
        assert not sockets.connections


@pytest.mark.gen_test
async def test_drain_aborts_connections_after_its_timeout(app, sockets, connect):
    begun, cancelled = asyncio.Event(), asyncio.Event()

    class Stubborn(Lab):
        async def on_nudge(self) -> None:
            begun.set()
            try:
                await asyncio.sleep(60)
            finally:
                cancelled.set()

    app.add_handlers(".*", sockets.persistent(Stubborn))

    async with connect(Stubborn, ROOM) as ann, connect(Stubborn, ROOM) as bob:
        await ann.send(Nudge())
        await begun.wait()

        assert await sockets.drain(1.0) == 1
        assert cancelled.is_set()
        await ann.expect_close(CloseCode.GOING_AWAY)
        await bob.expect_close(CloseCode.GOING_AWAY)


@pytest.mark.gen_test
async def test_close_aborts_all_connections(app, sockets, connect, until):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        sockets.close()
        await ann.expect_close(CloseCode.GOING_AWAY)

    await until(lambda: not sockets.connections)
    assert len(sockets.context.deadlines) == 0


@pytest.mark.gen_test
async def test_signal_drains_and_closes(app, sockets, connect, http_server):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        serving = asyncio.create_task(sockets.serve_until_signal(http_server, timeout=1.0, spread=0.0))
        await asyncio.sleep(0.02)
        os.kill(os.getpid(), signal.SIGTERM)

        closed = await ann.expect_close(CloseCode.GOING_AWAY)
        await serving
        assert closed.reason == "retry after 0"
        with pytest.raises(OSError, match="refused"):
            await connect(Lab, ROOM).__aenter__()
