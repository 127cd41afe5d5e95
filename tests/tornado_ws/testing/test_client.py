from __future__ import annotations

import asyncio
import contextlib
import warnings

import pytest

from tests.support.lab import Confirm, Count, Echo, Job, Lab, Note, Nudge, Said, Say
from tests.support.orders import ORDERS, Order
from tornado_ws import ConnectionClosed, RequestTimeout
from tornado_ws.testing import Client

ROOM = {"room": "a"}


@pytest.mark.gen_test
async def test_expect_returns_the_next_message_of_its_class_and_keeps_the_others(app, sockets, connect):
    class Both(Lab):
        async def on_nudge(self) -> None:
            await self.send(Note("first"))
            await self.send(Said(text="second"))

    app.add_handlers(".*", sockets.persistent(Both))

    async with connect(Both, ROOM) as ann:
        await ann.send(Nudge())

        assert Said(text="second") == await ann.expect(Said)
        assert Note("first") == await ann.expect(Note)


@pytest.mark.gen_test
async def test_unmet_expectation_reports_what_was_received(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        await ann.send(Say(text="hi"))
        await ann.send_text("{")
        with pytest.raises(AssertionError, match=r"expected note within 0.2 s, got said, \$error \(malformed_json"):
            await ann.expect(Note, timeout=0.2)
        with pytest.raises(AssertionError, match=r"expected \$error internal, got malformed_json"):
            await ann.expect_error("internal")
        with pytest.raises(AssertionError, match=r"expected close 4000 within 0\.05 s, got said"):
            await ann.expect_close(4000, timeout=0.05)
        with pytest.raises(AssertionError, match="expected nothing, got said"):
            await ann.expect_nothing(0)


@pytest.mark.gen_test
async def test_expecting_fails_when_the_connection_closes(app, sockets, connect):
    class Closing(Lab):
        async def on_nudge(self) -> None:
            self.close(4001, "enough")

    app.add_handlers(".*", sockets.persistent(Closing))

    async with connect(Closing, ROOM) as ann:
        await ann.send(Nudge())
        with pytest.raises(AssertionError, match=r"expected note, got close 4001 \(enough\)"):
            await ann.expect(Note, timeout=4)
        with pytest.raises(AssertionError, match=r"expected close code 1000, got 4001 \(enough\)"):
            await ann.expect_close(1000)
        with pytest.raises(ConnectionClosed, match="the connection closed with code 4001"):
            await ann.send(Nudge())


@pytest.mark.gen_test
async def test_unanswered_request_times_out(app, sockets, connect):
    class Slow(Lab):
        async def on_echo(self, echo: str) -> str:
            await asyncio.sleep(60)
            return echo

    app.add_handlers(".*", sockets.persistent(Slow))

    async with connect(Slow, ROOM) as ann:
        with pytest.raises(RequestTimeout, match=r"echo failed: timeout: no reply within 0\.05 s"):
            await ann.request(Echo("a"), timeout=0.05)
        ann.abort()


@pytest.mark.gen_test
async def test_abort_sends_no_close_frame(app, sockets, connect, until):
    closed = []

    class Recorder(Lab):
        async def on_disconnect(self, code: int | None, reason: str | None) -> None:
            closed.append((code, reason))

    app.add_handlers(".*", sockets.persistent(Recorder))

    async with connect(Recorder, ROOM) as ann:
        ann.abort()
        await until(lambda: closed)

    assert [(None, None)] == closed


@pytest.mark.gen_test
async def test_request_of_the_server_can_be_expected_like_a_message(app, sockets, connect):
    class Asking(Lab):
        async def on_nudge(self) -> None:
            await self.send_request(Confirm("sure?"))

    app.add_handlers(".*", sockets.persistent(Asking))

    async with connect(Asking, ROOM) as ann:
        await ann.send(Nudge())
        assert Confirm("sure?") == await ann.expect(Confirm)


@pytest.mark.gen_test
async def test_answer_may_be_asynchronous(app, sockets, connect):
    class Asking(Lab):
        async def on_nudge(self) -> None:
            await self.send(Note(str(await self.send_request(Confirm("sure?")))))

    async def think(question: str) -> bool:
        await asyncio.sleep(0.01)
        return True

    app.add_handlers(".*", sockets.persistent(Asking))

    async with connect(Asking, ROOM) as ann:
        ann.answer(Confirm, think)
        await ann.send(Nudge())
        assert Note("True") == await ann.expect(Note)


@pytest.mark.gen_test
async def test_answer_is_cancelled_with_the_request_of_the_server(app, sockets, connect):
    cancelled = asyncio.Event()

    class Asking(Lab):
        async def on_nudge(self) -> None:
            with contextlib.suppress(RequestTimeout):
                await self.send_request(Confirm("sure?"), timeout=0.05)

    async def think(question: str) -> bool:
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.set()
        return True

    app.add_handlers(".*", sockets.persistent(Asking))

    async with connect(Asking, ROOM) as ann:
        ann.answer(Confirm, think)
        await ann.send(Nudge())
        await asyncio.wait_for(cancelled.wait(), 15)

        assert await ann.request(Echo("a")) == "a"
        await ann.expect_nothing(0)


def test_ephemeral_endpoint_requires_a_url(connect):
    with pytest.raises(TypeError, match="long-job is ephemeral; pass the url that an action returned"):
        connect(Job)


@pytest.mark.gen_test
async def test_client_that_is_not_entered_cannot_send():
    with pytest.raises(RuntimeError, match="use the client in 'async with'"):
        await Client(Lab.endpoint, "ws://127.0.0.1:1/").send(Nudge())


@pytest.mark.gen_test
async def test_message_with_an_answer_is_not_sent_without_it(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        with pytest.raises(TypeError, match=r"echo: expected a call of request\(\), got send\(\)"):
            await ann.send(Echo("hi"))
        with pytest.raises(TypeError, match=r"count: expected a call of stream\(\), got send\(\)"):
            await ann.send(Count(1))
    with pytest.raises(TypeError, match=r"order: expected a call of deliver\(\), got send\(\)"):
        await Client(ORDERS, "ws://127.0.0.1:1/").send(Order(item="nut"))


@pytest.mark.gen_test
async def test_leaving_the_context_closes_the_connection_without_warnings(app, sockets, connect, until):
    app.add_handlers(".*", sockets.persistent(Lab))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        async with connect(Lab, ROOM) as ann:
            stream = ann.stream(Count(100))
            await anext(stream)
        await stream.aclose()
    await until(lambda: not sockets.connections)

    assert ann.closed is not None
    assert ann.closed.code == 1000
    assert not sockets.connections


@pytest.mark.gen_test
async def test_returning_client_receives_missed_messages(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, {"room": "a"}) as ann:
        await ann.joined(2)
    await sockets.room(Lab, "a").send(Said(text="missed"))

    async with connect(Lab, {"room": "a"}, positions=ann.positions) as back:
        assert Said(text="missed") == await back.expect(Said)
        assert back.channels.get().recovered
        assert back.positions != ann.positions


@pytest.mark.gen_test
async def test_gap_in_kept_messages_fails_the_next_wait(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, {"room": "a"}) as ann:
        state = await ann.joined(2)
        state.position = state.position._replace(seq=-5)
        await sockets.room(Lab, "a").send(Said(text="1"))

        with pytest.raises(AssertionError, match="expected message -4 of channel"):
            await ann.expect(Said)
