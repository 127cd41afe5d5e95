from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
from typing import NoReturn

import pytest

from tests.support.lab import CountingLab, Echo, Lab, Line, Note, Nudge, Say
from tornado_ws import CloseCode, Limits

ROOM = {"room": "a"}


@pytest.mark.gen_test
async def test_messages_are_handled_in_sequence(app, sockets, connect):
    running, most = 0, 0

    class Slow(Lab):
        async def on_say(self, say: Line) -> None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.01)
            running -= 1
            await self.send(Note(say.text))

    app.add_handlers(".*", sockets.persistent(Slow))

    async with connect(Slow, ROOM) as ann:
        for number in range(10):
            await ann.send(Say(text=str(number)))

        assert [str(number) for number in range(10)] == [(await ann.expect(Note)).data for _ in range(10)]
        assert most == 1


@pytest.mark.gen_test
async def test_connections_are_handled_independently(app, sockets, connect):
    class Waiting(Lab):
        async def on_say(self, say: Line) -> None:
            if say.text == "wait":
                await asyncio.sleep(60)
            await self.send(Note(say.text))

    app.add_handlers(".*", sockets.persistent(Waiting))

    async with connect(Waiting, ROOM) as ann, connect(Waiting, ROOM) as bob:
        await ann.send(Say(text="wait"))
        await bob.send(Say(text="hi"))

        assert Note("hi") == await bob.expect(Note)
        ann.abort()


@pytest.mark.gen_test
async def test_messages_wait_for_on_connect(app, sockets, connect):
    class Late(Lab):
        async def on_connect(self) -> None:
            await asyncio.sleep(0.1)
            await self.send(Note("connected"))

        async def on_say(self, say: Line) -> None:
            await self.send(Note(say.text))

    app.add_handlers(".*", sockets.persistent(Late))

    async with connect(Late, ROOM) as ann:
        await ann.send(Say(text="early"))

        assert Note("connected") == await ann.expect(Note)
        assert Note("early") == await ann.expect(Note)


@pytest.mark.gen_test
async def test_on_disconnect_runs_once_with_the_close_code_of_the_client(app, sockets, connect, until):
    class Counted(CountingLab): ...

    app.add_handlers(".*", sockets.persistent(Counted))

    async with connect(Counted, ROOM) as ann:
        ann.close(4001, "bye")
        await ann.expect_close()

    await until(lambda: Counted.ends)
    assert Counted.connected == 1
    assert Counted.ends == [(4001, "bye")]


@pytest.mark.gen_test
async def test_on_disconnect_runs_once_after_on_connect_raised(app, sockets, connect, caplog, until):
    class Failing(CountingLab):
        async def on_connect(self) -> None:
            await super().on_connect()
            raise LookupError("nothing there")

    app.add_handlers(".*", sockets.persistent(Failing))

    async with connect(Failing, ROOM) as ann:
        assert "on_connect failed" == (await ann.expect_error("internal")).message
        await ann.expect_close(CloseCode.INTERNAL)

    await until(lambda: Failing.ends)
    assert Failing.connected == 1
    assert Failing.ends == [(CloseCode.INTERNAL, "on_connect failed")]
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == [
        f"{Failing.__qualname__}.on_connect raised, reference {caplog.records[0].reference}"
    ]


@pytest.mark.gen_test
async def test_on_disconnect_runs_once_after_on_connect_was_cancelled(app, make_sockets, connect, until):
    class Slow(CountingLab):
        async def on_connect(self) -> None:
            await super().on_connect()
            await asyncio.sleep(60)

    sockets = make_sockets(limits=Limits(closing_timeout=0.05))
    app.add_handlers(".*", sockets.persistent(Slow))

    async with connect(Slow, ROOM) as ann:
        ann.abort()

    await until(lambda: Slow.ends)
    assert Slow.connected == 1
    assert len(Slow.ends) == 1


@pytest.mark.gen_test
async def test_methods_run_in_a_task_with_timeouts_and_context_variables(app, sockets, connect):
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")

    class Timing(Lab):
        async def on_connect(self) -> None:
            variable.set(self.params.room)

        async def on_echo(self, echo: str) -> str:
            async with asyncio.timeout(1):
                await asyncio.sleep(0)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.01):
                    await asyncio.sleep(60)
            return f"{variable.get()} {asyncio.current_task() is not None}"

        async def on_nudge(self) -> None:
            await self.send(Note(variable.get()))

    app.add_handlers(".*", sockets.persistent(Timing))

    async with connect(Timing, {"room": "a"}) as ann, connect(Timing, {"room": "b"}) as bob:
        assert await asyncio.gather(ann.request(Echo("")), bob.request(Echo(""))) == ["a True", "b True"]
        await ann.send(Nudge())
        await bob.send(Nudge())
        assert [Note("a"), Note("b")] == [await ann.expect(Note), await bob.expect(Note)]


@pytest.mark.gen_test
async def test_messages_before_a_close_frame_are_handled(app, sockets, connect, until):
    handled: list[str] = []

    class Slow(Lab):
        async def on_say(self, say: Line) -> None:
            await asyncio.sleep(0.02)
            handled.append(say.text)

    app.add_handlers(".*", sockets.persistent(Slow))

    async with connect(Slow, ROOM) as ann:
        for text in "abc":
            await ann.send(Say(text=text))
        ann.close()
        await ann.expect_close()
    await until(lambda: len(handled) == 3)

    assert handled == ["a", "b", "c"]


@pytest.mark.gen_test
async def test_method_is_cancelled_when_the_closing_timeout_expires(app, make_sockets, connect):
    begun, cancelled = asyncio.Event(), asyncio.Event()

    class Slow(Lab):
        async def on_nudge(self) -> None:
            begun.set()
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                cancelled.set()
                raise

    sockets = make_sockets(limits=Limits(closing_timeout=0.05))
    app.add_handlers(".*", sockets.persistent(Slow))

    async with connect(Slow, ROOM) as ann:
        await ann.send(Nudge())
        await begun.wait()

    await asyncio.wait_for(cancelled.wait(), 15)


@pytest.mark.gen_test
async def test_error_that_cannot_be_reported_is_dropped(app, sockets, connect, caplog, monkeypatch):
    class Raising(Lab):
        async def on_say(self, say: Line) -> None:
            raise LookupError("no such line")

        async def on_echo(self, echo: str) -> str:
            return echo

    def fail(*args: object) -> NoReturn:
        raise ValueError("not encodable")

    monkeypatch.setattr("tornado_ws.session.responder.Responder.error_data", fail)
    app.add_handlers(".*", sockets.persistent(Raising))

    async with connect(Raising, ROOM) as ann:
        await ann.send(Say(text="hi"))
        assert await ann.request(Echo("still there")) == "still there"

    assert [f"the error of a method of {Raising.__qualname__} cannot be reported"] == caplog.messages
