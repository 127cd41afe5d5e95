from __future__ import annotations

import asyncio

import pytest

from tests.support.lab import Echo, Lab, Limited, Line, Note, Nudge, Say
from tornado_ws import CloseCode, Limits, Rate, RequestFailed

ROOM = {"room": "a"}


@pytest.mark.gen_test
async def test_invalid_message_is_answered_with_pointer_and_keyword(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        await ann.send_text('{"type":"say","data":{"text":"secret secret' + "x" * 100 + '"}}')
        error = await ann.expect_error("invalid_message")

        assert (error.pointer, error.keyword) == ("/text", "maxLength")
        assert "secret" not in repr(error)
        assert await ann.request(Echo("a")) == "a"


@pytest.mark.gen_test
async def test_invalid_request_is_answered_with_its_id(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        with pytest.raises(RequestFailed) as failed:
            await ann.request(Echo(5))  # type: ignore[arg-type]

    assert failed.value.error.code == "invalid_message"
    assert failed.value.error.keyword == "type"


@pytest.mark.gen_test
async def test_consecutive_invalid_messages_close_the_connection(app, make_sockets, connect):
    sockets = make_sockets(limits=Limits(invalid_messages=3))
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        for _ in range(2):
            await ann.send_text("{")
            await ann.expect_error("malformed_json")
        await ann.request(Echo("valid"))
        for _ in range(3):
            await ann.send_text("{")
            await ann.expect_error("malformed_json")

        closed = await ann.expect_close(CloseCode.TOO_MANY_INVALID)

    assert closed.reason == "3 invalid messages in a row"


@pytest.mark.gen_test
async def test_binary_frame_is_rejected(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        await ann.send_binary(b'{"type":"nudge"}')

        await ann.expect_error("unsupported_frame")


@pytest.mark.gen_test
async def test_id_of_an_open_request_is_rejected(app, sockets, connect):
    class Slow(Lab):
        async def on_echo(self, echo: str) -> str:
            await asyncio.sleep(60)
            return echo

    app.add_handlers(".*", sockets.persistent(Slow))

    async with connect(Slow, ROOM) as ann:
        for _ in range(2):
            await ann.send_text('{"type":"echo","id":100,"data":"a"}')

        assert (await ann.expect_error("invalid_message")).message == "the id belongs to an open request"
        ann.abort()


@pytest.mark.gen_test
async def test_rate_of_the_schema_limits_one_message_type(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        for number in range(3):
            await ann.send(Limited(number))
        assert [Note("0"), Note("1")] == [await ann.expect(Note), await ann.expect(Note)]
        error = await ann.expect_error("rate_limited")

        assert error.retryable
        assert error.type == "limited"
        assert error.retry_after_ms is not None
        assert 4000 < error.retry_after_ms <= 5001
        assert await ann.request(Echo("a")) == "a"


@pytest.mark.gen_test
async def test_rate_of_the_limits_applies_to_all_messages(app, make_sockets, connect):
    sockets = make_sockets(limits=Limits(messages=Rate(count=2, seconds=60)))
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        await ann.send(Nudge())
        assert await ann.request(Echo("a")) == "a"
        with pytest.raises(RequestFailed, match="rate_limited"):
            await ann.request(Echo("b"))


@pytest.mark.gen_test
async def test_pong_counts_the_text_frames_of_the_client(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        assert await ann.ping() == 1
        await ann.send(Nudge())
        await ann.request(Echo("a"))
        await ann.send_text("invalid")
        await ann.send_binary(b"not counted")

        assert await ann.ping() == 5


@pytest.mark.gen_test
async def test_ping_is_answered_while_a_method_runs(app, sockets, connect):
    begun = asyncio.Event()

    class Busy(Lab):
        async def on_nudge(self) -> None:
            begun.set()
            await asyncio.sleep(60)

    app.add_handlers(".*", sockets.persistent(Busy))

    async with connect(Busy, ROOM) as ann:
        await ann.send(Nudge())
        await begun.wait()

        assert await ann.ping() == 2


@pytest.mark.gen_test
async def test_close_sends_earlier_messages_and_drops_the_inbox(app, sockets, connect):
    class Closing(Lab):
        async def on_say(self, say: Line) -> None:
            await self.send(Note(say.text))
            self.close(4005, "enough")
            await self.send(Note("too late"))

    app.add_handlers(".*", sockets.persistent(Closing))

    async with connect(Closing, ROOM) as ann:
        await ann.send(Say(text="a"))
        await ann.send(Say(text="b"))
        closed = await ann.expect_close(4005)

        assert closed.reason == "enough"
        assert Note("a") == await ann.expect(Note)
        await ann.expect_nothing(0)


@pytest.mark.gen_test
async def test_on_disconnect_gets_the_reason_that_the_close_frame_carried(app, sockets, connect):
    ended: asyncio.Future[tuple[int | None, str | None]] = asyncio.get_running_loop().create_future()

    class Closing(Lab):
        async def on_nudge(self) -> None:
            self.close(4005, "ü" * 100)

        async def on_disconnect(self, code: int | None, reason: str | None) -> None:
            ended.set_result((code, reason))

    app.add_handlers(".*", sockets.persistent(Closing))

    async with connect(Closing, ROOM) as ann:
        await ann.send(Nudge())
        closed = await ann.expect_close(4005)

    assert (4005, "ü" * 61) == (closed.code, closed.reason) == await ended
