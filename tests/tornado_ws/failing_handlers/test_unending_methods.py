"""Methods that go on after their connection has ended, and requests of a server whose client has left."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging

import pytest

from tests.support.lab import Confirm, CountingLab, Echo, Line, Note, Say
from tests.tornado_ws.failing_handlers.failing_lab import (
    EVIL,
    GOOD,
    check_that_nothing_remains,
    failing_class,
    talk,
)
from tornado_ws import ConnectionClosed, Limits


@pytest.mark.gen_test
@pytest.mark.parametrize("hook", ["on_connect", "on_say", "on_echo", "on_error"])
@pytest.mark.parametrize("end", ["abort", "close"])
async def test_method_that_suppresses_its_cancellation_is_abandoned(
    app, make_sockets, connect, until, unhandled, caplog, monkeypatch, hook, end
):
    begun, released = asyncio.Event(), asyncio.Event()

    async def stay() -> None:
        begun.set()
        while not released.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await released.wait()

    monkeypatch.setattr("tornado_ws.session.session.MIN_GRACE", 0.05)
    cls = failing_class(hook, stay, False)
    sockets = make_sockets(limits=Limits(closing_timeout=0.05))
    app.add_handlers(".*", sockets.persistent(cls))

    async with connect(cls, GOOD) as good:
        async with connect(cls, EVIL) as evil:
            if hook == "on_echo":
                await evil.send_text('{"type": "echo", "id": 1, "data": "evil"}')
            else:
                await talk(evil, hook)
            await begun.wait()
            getattr(evil, end)()
            await until(lambda: cls.disconnected)
        assert "a" == await good.request(Echo("a"))
        assert 1 == len(sockets.connections)
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert [f"Mounted.{hook} suppresses its cancellation; the connection is abandoned"] == warnings

    released.set()
    await check_that_nothing_remains(cls, sockets, unhandled, caplog, until)


@pytest.mark.gen_test
async def test_drain_abandons_methods_that_suppress_their_cancellation(
    app, make_sockets, connect, until, unhandled, caplog, monkeypatch
):
    begun, released = asyncio.Event(), asyncio.Event()

    async def stay() -> None:
        begun.set()
        while not released.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await released.wait()

    monkeypatch.setattr("tornado_ws.server.shutdown.ABORT_SECONDS", 0.05)
    cls = failing_class("on_say", stay, False)
    sockets = make_sockets()
    app.add_handlers(".*", sockets.persistent(cls))

    async with connect(cls, EVIL) as evil:
        await evil.send(Say(text="hi"))
        await begun.wait()
        assert 1 == await sockets.drain(0.05, spread=0)
        assert cls.connected == cls.disconnected
        assert not sockets.connections

    released.set()
    await check_that_nothing_remains(cls, sockets, unhandled, caplog, until)


@pytest.mark.gen_test
async def test_method_that_goes_on_after_its_connection_is_harmless(
    app, make_sockets, connect, until, unhandled, caplog
):
    released = asyncio.Event()
    done: list[object] = []

    class Late(CountingLab):
        async def on_say(self, say: Line, /) -> None:
            await asyncio.shield(asyncio.ensure_future(self.go_on()))

        async def go_on(self) -> None:
            await released.wait()
            await self.send(Note("too late"))
            await self.join("evil")
            self.close(4000)
            with pytest.raises(ConnectionClosed):
                await self.send_request(Confirm("?"))
            done.append(1)

    sockets = make_sockets()
    app.add_handlers(".*", sockets.persistent(Late))

    async with connect(Late, EVIL) as evil:
        await evil.send(Say(text="hi"))
        evil.abort()
    await until(lambda: Late.ends)
    released.set()
    await until(lambda: done)

    assert not sockets.connections
    assert [] == unhandled


@pytest.mark.gen_test
@pytest.mark.parametrize("end", ["abort", "close"])
async def test_client_that_vanishes_during_a_request_is_not_logged(
    app, make_sockets, connect, until, unhandled, caplog, end
):
    asking: list[object] = []

    class Asking(CountingLab):
        async def on_say(self, say: Line, /) -> None:
            asking.append(self)
            await self.send_request(Confirm("?"))

        async def on_error(self, error: Exception) -> None:
            asking.append(error)

    sockets = make_sockets()
    app.add_handlers(".*", sockets.persistent(Asking))

    for _ in range(5):
        async with connect(Asking, EVIL) as evil:
            await evil.send(Say(text="hi"))
            await until(lambda: asking)
            getattr(evil, end)()
        await until(lambda: not sockets.connections)
        asking.clear()
    await until(lambda: 5 == len(Asking.ends))
    gc.collect(1)
    await asyncio.sleep(0)

    assert [] == asking
    assert [] == unhandled
    assert [] == [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
