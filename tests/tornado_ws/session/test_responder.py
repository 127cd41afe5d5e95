from __future__ import annotations

import asyncio
import logging

import pytest

from tests.support.lab import Count, Echo, Lab, Line, Nudge, RoomFull, RoomLocked, Say, TooLong
from tornado_ws import ApplicationError, BackplaneDown, RequestFailed
from tornado_ws.rate_limited_log import LINES_PER_SECOND, RateLimitedLog

ROOM = {"room": "a"}


class Undeclared(ApplicationError):
    code = "undeclared"


@pytest.mark.gen_test
async def test_exception_of_a_method_is_logged_and_answered_and_affects_nothing_else(app, sockets, connect, caplog):
    errors: list[Exception] = []

    class Raising(Lab):
        async def on_say(self, say: Line) -> None:
            raise LookupError("no such line")

        async def on_error(self, error: Exception) -> None:
            errors.append(error)

    app.add_handlers(".*", sockets.persistent(Raising))

    async with connect(Raising, ROOM) as ann, connect(Raising, ROOM) as bob:
        await ann.send(Say(text="hi"))
        error = await ann.expect_error("internal")

        assert (error.message, error.type) == ("internal error", "say")
        assert await ann.request(Echo("a")) == "a"
        assert await bob.request(Echo("b")) == "b"

    assert [str(error) for error in errors] == ["no such line"]
    logged = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [record.getMessage() for record in logged] == [
        f"{Raising.__qualname__}.on_say raised, reference {error.reference}"
    ]
    assert logged[0].exc_info is not None


@pytest.mark.gen_test
async def test_exception_of_on_error_or_on_disconnect_is_logged(app, sockets, connect, caplog):
    class Raising(Lab):
        async def on_nudge(self) -> None:
            raise LookupError

        async def on_error(self, error: Exception) -> None:
            raise ValueError

        async def on_disconnect(self, code: int | None, reason: str | None) -> None:
            raise OSError

    app.add_handlers(".*", sockets.persistent(Raising))

    async with connect(Raising, ROOM) as ann:
        await ann.send(Nudge())
        await ann.expect_error("internal")
    await asyncio.sleep(0.05)

    name = Raising.__qualname__
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == [
        f"{name}.on_nudge raised, reference {caplog.records[0].reference}",
        f"{name}.on_error raised",
        f"{name}.on_disconnect raised, reference {caplog.records[2].reference}",
        f"{name}.on_error raised",
    ]


@pytest.mark.gen_test
async def test_request_is_answered_with_an_error_if_its_method_raises(app, sockets, connect, caplog):
    class Raising(Lab):
        async def on_echo(self, echo: str) -> str:
            raise LookupError

    app.add_handlers(".*", sockets.persistent(Raising))

    async with connect(Raising, ROOM) as ann:
        with pytest.raises(RequestFailed, match="echo failed: internal: internal error"):
            await ann.request(Echo("a"))


@pytest.mark.gen_test
async def test_invalid_reply_is_an_internal_error(app, sockets, connect, caplog):
    class Wrong(Lab):
        async def on_echo(self, echo: str) -> str:
            return 5  # type: ignore[return-value]

    app.add_handlers(".*", sockets.persistent(Wrong))

    async with connect(Wrong, ROOM) as ann:
        with pytest.raises(RequestFailed, match="internal"):
            await ann.request(Echo("a"))

    assert "reply to echo was not sent: invalid_message" in caplog.text


@pytest.mark.gen_test
async def test_only_declared_application_errors_reach_the_client(app, sockets, connect, caplog):
    class Full(Lab):
        async def on_echo(self, echo: str) -> str:
            raise RoomFull("try another one").retry_after(1.5) if echo == "full" else Undeclared()

    app.add_handlers(".*", sockets.persistent(Full))

    async with connect(Full, ROOM) as ann:
        with pytest.raises(RoomFull, match="try another one") as declared:
            await ann.request(Echo("full"))
        with pytest.raises(RequestFailed) as undeclared:
            await ann.request(Echo("empty"))

    assert declared.value.retry_after_ms == 1500
    assert undeclared.value.error.code == "internal"
    assert "lab/echo declares no error Undeclared: expected one of room_full, room_locked" in caplog.text


@pytest.mark.gen_test
async def test_schema_states_if_an_error_is_retryable(app, sockets, connect):
    class Closed(Lab):
        async def on_echo(self, echo: str) -> str:
            raise RoomLocked() if echo == "locked" else RoomFull()

    app.add_handlers(".*", sockets.persistent(Closed))

    async with connect(Closed, ROOM) as ann:
        for text, retryable in (("locked", True), ("full", False)):
            await ann.send_text(f'{{"type": "echo", "id": 1, "data": "{text}"}}')
            assert retryable is (await ann.expect_error()).retryable


@pytest.mark.gen_test
async def test_returned_error_is_the_answer_and_has_its_data(app, sockets, connect, caplog):
    class Strict(Lab):
        async def on_echo(self, echo: str) -> str | TooLong:
            return TooLong("too long", data=len(echo))

    app.add_handlers(".*", sockets.persistent(Strict))

    async with connect(Strict, ROOM) as ann:
        with pytest.raises(TooLong) as failed:
            await ann.request(Echo("abc"))

    assert ("too long", 3) == (failed.value.message, failed.value.data)
    assert not caplog.records


@pytest.mark.gen_test
async def test_invalid_data_of_an_error_is_internal_and_logged(app, sockets, connect, caplog):
    errors: list[Exception] = []

    class Strict(Lab):
        async def on_echo(self, echo: str) -> str:
            raise TooLong(data=echo)  # type: ignore[arg-type]

        async def on_error(self, error: Exception) -> None:
            errors.append(error)

    app.add_handlers(".*", sockets.persistent(Strict))

    async with connect(Strict, ROOM) as ann:
        with pytest.raises(RequestFailed, match="internal"):
            await ann.request(Echo("SECRET"))

    assert "error too_long was not sent: invalid_message: expected integer [type]" in caplog.text
    assert "SECRET" not in caplog.text
    assert [TooLong] == [type(error) for error in errors]


@pytest.mark.gen_test
async def test_running_request_can_be_cancelled_and_later_requests_are_answered(app, sockets, connect):
    class Slow(Lab):
        async def on_echo(self, echo: str) -> str:
            if echo == "slow":
                await asyncio.sleep(60)
            return echo

    app.add_handlers(".*", sockets.persistent(Slow))

    async with connect(Slow, ROOM) as ann:
        await ann.send_text('{"type":"echo","id":100,"data":"slow"}')
        await ann.send_text('{"type":"echo","id":101,"data":"waiting"}')
        await ann.send_text('{"type":"$cancel","id":101}')
        assert (await ann.expect_error("cancelled")).message == "cancelled before it started"
        await ann.send_text('{"type":"$cancel","id":100}')
        assert (await ann.expect_error("cancelled")).message == "cancelled by the client"

        assert await ann.request(Echo("next")) == "next"


@pytest.mark.gen_test
async def test_cancellation_of_an_awaited_future_is_an_internal_error(app, sockets, connect, caplog):
    class Awaiting(Lab):
        async def on_echo(self, echo: str) -> str:
            future = asyncio.get_running_loop().create_future()
            future.cancel()
            await future
            return echo

        async def on_nudge(self) -> None:
            await self.on_echo("")

    app.add_handlers(".*", sockets.persistent(Awaiting))

    async with connect(Awaiting, ROOM) as ann:
        with pytest.raises(RequestFailed, match="internal"):
            await ann.request(Echo("a"))
        await ann.send(Nudge())
        await ann.expect_error("internal")
        assert [number async for number in ann.stream(Count(2))] == [0, 1]


@pytest.mark.gen_test
async def test_unreachable_backplane_is_unavailable_and_logged_without_a_traceback(app, sockets, connect, caplog):
    errors: list[Exception] = []

    class Down(Lab):
        async def on_say(self, say: Line) -> None:
            raise BackplaneDown("connection refused")

        async def on_echo(self, echo: str) -> str:
            raise BackplaneDown("connection refused")

        async def on_error(self, error: Exception) -> None:
            errors.append(error)

    app.add_handlers(".*", sockets.persistent(Down))

    async with connect(Down, ROOM) as ann:
        await ann.send(Say(text="hi"))
        assert (await ann.expect_error("unavailable")).retryable
        with pytest.raises(RequestFailed) as failed:
            await ann.request(Echo("a"))
        for _ in range(30):
            await ann.send(Say(text="hi"))
        for _ in range(30):
            await ann.expect_error("unavailable")

    assert (failed.value.error.code, failed.value.error.retryable) == ("unavailable", True)
    assert errors == []
    lines = [record.getMessage() for record in caplog.records if "on_say" in record.getMessage()]
    assert lines[0] == f"{Down.__qualname__}.on_say: the backplane cannot be reached: connection refused"
    assert len(lines) < 25
    assert [None] * len(lines) == [record.exc_info for record in caplog.records if "on_say" in record.getMessage()]


@pytest.mark.gen_test
async def test_exceptions_that_a_client_causes_are_logged_at_a_bounded_rate(app, make_sockets, connect, caplog):
    class Raising(Lab):
        async def on_say(self, say: Line) -> None:
            raise LookupError("no such line")

    sockets = make_sockets()
    sockets.context.log = RateLimitedLog(lambda: 0.0)
    app.add_handlers(".*", sockets.persistent(Raising))
    references: list[str | None] = []

    async with connect(Raising, ROOM) as ann:
        for _ in range(5 * LINES_PER_SECOND):
            await ann.send(Say(text="hi"))
        for _ in range(5 * LINES_PER_SECOND):
            references.append((await ann.expect_error("internal")).reference)

    logged = references[:LINES_PER_SECOND]
    assert [f"{Raising.__qualname__}.on_say raised, reference {reference}" for reference in logged] == caplog.messages
    assert len({*logged}) == LINES_PER_SECOND
    assert {None} == {*references[LINES_PER_SECOND:]}, "a reference is in the log"
