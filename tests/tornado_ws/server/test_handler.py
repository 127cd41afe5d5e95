from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import logging
import socket
import time
import weakref

import pytest
from tornado.websocket import websocket_connect

from tests.support.clock import Clock
from tests.support.lab import Confirm, Count, Echo, Lab, Limited, Line, Noise, Note, Nudge, Price, Said, Say
from tornado_ws import (
    ApplicationError,
    CloseCode,
    ConnectionClosed,
    Heartbeat,
    InvalidMessage,
    Limits,
    Rate,
    RequestFailed,
    RequestTimeout,
)
from tornado_ws.testing import Client

ROOM = {"room": "a"}


@pytest.mark.gen_test
async def test_message_reaches_its_method_and_its_answer_the_room(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann, connect(Lab, ROOM) as bob, connect(Lab, {"room": "b"}) as eve:
        await ann.send(Say(text="hi"))

        assert Said(text="hi") == await ann.expect(Said)
        assert Said(text="hi") == await bob.expect(Said)
        await eve.expect_nothing()


@pytest.mark.gen_test
async def test_messages_are_handled_one_after_the_other(app, sockets, connect):
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
async def test_messages_of_two_connections_do_not_wait_for_each_other(app, sockets, connect):
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
async def test_what_arrives_before_on_connect_has_finished_waits(app, sockets, connect):
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
async def test_what_arrives_while_an_overridden_open_waits_is_handled_after_it(app, sockets, http_server, http_port):
    class Late(Lab):
        async def open(self, *args: str) -> None:
            await asyncio.sleep(0.1)
            super().open(*args)

        async def on_say(self, say: Line) -> None:
            await self.send(Note(say.text))

    app.add_handlers(".*", sockets.persistent(Late))

    ann = await websocket_connect(f"ws://127.0.0.1:{http_port}/lab/a")
    await ann.write_message('{"type":"say","data":{"text":"early"}}')
    answer = await ann.read_message()
    ann.close()

    assert '{"type":"note","data":"early"}' == answer


class Counting(Lab):
    """Counts how often its hooks run."""

    connected = 0
    ends: list[tuple[int | None, str | None]]

    def __init_subclass__(cls) -> None:
        cls.ends = []

    async def on_connect(self) -> None:
        type(self).connected += 1

    async def on_disconnect(self, code: int | None, reason: str | None) -> None:
        self.ends.append((code, reason))


@pytest.mark.gen_test
async def test_on_disconnect_runs_once_with_the_clients_code(app, sockets, connect, until):
    class Counted(Counting): ...

    app.add_handlers(".*", sockets.persistent(Counted))

    async with connect(Counted, ROOM) as ann:
        ann.close(4001, "bye")
        await ann.expect_close()

    await until(lambda: Counted.ends)
    assert Counted.connected == 1
    assert Counted.ends == [(4001, "bye")]


@pytest.mark.gen_test
async def test_on_disconnect_runs_once_when_on_connect_fails(app, sockets, connect, caplog, until):
    class Failing(Counting):
        async def on_connect(self) -> None:
            await super().on_connect()
            raise LookupError("nothing there")

    app.add_handlers(".*", sockets.persistent(Failing))

    async with connect(Failing, ROOM) as ann:
        await ann.expect_error("internal")
        await ann.expect_close(CloseCode.INTERNAL)

    await until(lambda: Failing.ends)
    assert Failing.connected == 1
    assert Failing.ends == [(CloseCode.INTERNAL, "on_connect failed")]
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == [
        f"{Failing.__qualname__}.on_connect raised"
    ]


@pytest.mark.gen_test
async def test_on_disconnect_runs_once_when_the_client_leaves_during_on_connect(app, make_sockets, connect, until):
    class Slow(Counting):
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
async def test_an_invalid_message_is_refused_with_pointer_and_keyword_and_the_socket_stays_open(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        await ann.send_text('{"type":"say","data":{"text":"secret secret' + "x" * 100 + '"}}')
        error = await ann.expect_error("invalid_message")

        assert (error.pointer, error.keyword) == ("/text", "maxLength")
        assert "secret" not in repr(error)
        assert await ann.request(Echo("still there")) == "still there"


@pytest.mark.gen_test
async def test_an_invalid_request_is_answered_with_its_id(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        with pytest.raises(RequestFailed) as failed:
            await ann.request(Echo(5))  # type: ignore[arg-type]

    assert failed.value.error.code == "invalid_message"
    assert failed.value.error.keyword == "type"


@pytest.mark.gen_test
async def test_refused_messages_in_a_row_close_the_connection_for_good(app, make_sockets, connect):
    sockets = make_sockets(limits=Limits(invalid=3))
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        for _ in range(2):
            await ann.send_text("{")
            await ann.expect_error("malformed_json")
        await ann.request(Echo("a valid one between"))
        for _ in range(3):
            await ann.send_text("{")
            await ann.expect_error("malformed_json")

        closed = await ann.expect_close(CloseCode.TOO_MANY_INVALID)

    assert closed.reason == "3 refused messages in a row"


@pytest.mark.gen_test
async def test_binary_frames_are_refused(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        await ann.send_binary(b'{"type":"nudge"}')

        await ann.expect_error("unsupported_frame")


@pytest.mark.gen_test
async def test_an_exception_in_a_method_is_logged_once_answered_and_hurts_nobody(app, sockets, connect, caplog):
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

        assert error.message == "internal error"
        assert await ann.request(Echo("a")) == "a"
        assert await bob.request(Echo("b")) == "b"

    assert [str(error) for error in errors] == ["no such line"]
    logged = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [record.getMessage() for record in logged] == [f"{Raising.__qualname__}.on_say raised"]
    assert logged[0].exc_info is not None


@pytest.mark.gen_test
async def test_an_exception_in_on_error_or_on_disconnect_is_logged(app, sockets, connect, caplog):
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
        f"{name}.on_nudge raised",
        f"{name}.on_error raised",
        f"{name}.on_disconnect raised",
        f"{name}.on_error raised",
    ]


@pytest.mark.gen_test
async def test_a_request_whose_method_raises_is_answered_with_an_error(app, sockets, connect, caplog):
    class Raising(Lab):
        async def on_echo(self, echo: str) -> str:
            raise LookupError

    app.add_handlers(".*", sockets.persistent(Raising))

    async with connect(Raising, ROOM) as ann:
        with pytest.raises(RequestFailed, match="echo failed: internal: internal error"):
            await ann.request(Echo("a"))


@pytest.mark.gen_test
async def test_a_reply_that_the_schema_forbids_is_an_internal_error(app, sockets, connect, caplog):
    class Wrong(Lab):
        async def on_echo(self, echo: str) -> str:
            return 5  # type: ignore[return-value]

    app.add_handlers(".*", sockets.persistent(Wrong))

    async with connect(Wrong, ROOM) as ann:
        with pytest.raises(RequestFailed, match="internal"):
            await ann.request(Echo("a"))

    assert "echo was not sent: invalid_message" in caplog.text


@pytest.mark.gen_test
async def test_errors_of_the_application_reach_the_client_if_the_schema_declares_them(app, sockets, connect, caplog):
    class Full(Lab):
        async def on_echo(self, echo: str) -> str:
            raise ApplicationError(echo, "try another one", retryable=True, retry_after=1.5)

    app.add_handlers(".*", sockets.persistent(Full))

    async with connect(Full, ROOM) as ann:
        with pytest.raises(RequestFailed) as declared:
            await ann.request(Echo("room_full"))
        with pytest.raises(RequestFailed) as undeclared:
            await ann.request(Echo("room_empty"))

    error = declared.value.error
    assert (error.code, error.message, error.retryable, error.retry_after_ms) == (
        "room_full",
        "try another one",
        True,
        1500,
    )
    assert undeclared.value.error.code == "internal"


@pytest.mark.gen_test
async def test_what_the_schema_forbids_is_not_sent(app, sockets, connect):
    raised: list[Exception] = []

    class Wrong(Lab):
        async def on_nudge(self) -> None:
            for message in (Said(text="x" * 101), Say(text="not the server's"), Confirm("a request")):
                try:
                    await self.send(message)  # type: ignore[arg-type]
                except Exception as error:
                    raised.append(error)
            await self.send(Note("done"))

    app.add_handlers(".*", sockets.persistent(Wrong))

    async with connect(Wrong, ROOM) as ann:
        await ann.send(Nudge())
        await ann.expect(Note)
        await ann.expect_nothing()

    invalid, unknown, request = raised
    assert isinstance(invalid, InvalidMessage)
    assert (invalid.pointer, invalid.keyword) == ("/text", "maxLength")
    assert str(unknown) == "expected one of Said, Note, Noise, Price, Confirm, got Say"
    assert str(request) == "confirm is a request: expected an id, got None"


@pytest.mark.gen_test
async def test_streams_run_beside_messages_and_end(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        assert [0, 1, 2] == [number async for number in ann.stream(Count(3))]
        assert [] == [number async for number in ann.stream(Count(0))]


@pytest.mark.gen_test
async def test_a_stream_does_not_hold_up_messages_and_stops_when_it_is_cancelled(app, sockets, connect):
    stopped = asyncio.Event()

    class Endless(Lab):
        async def on_count(self, count: int):
            try:
                while True:
                    yield count
                    await asyncio.sleep(0.01)
            finally:
                stopped.set()

    app.add_handlers(".*", sockets.persistent(Endless))

    async with connect(Endless, ROOM) as ann:
        stream = ann.stream(Count(7))
        assert await anext(stream) == 7
        assert await ann.request(Echo("meanwhile")) == "meanwhile"
        await stream.aclose()

        await asyncio.wait_for(stopped.wait(), 15)


@pytest.mark.gen_test
async def test_streams_are_cancelled_when_the_client_leaves(app, sockets, connect):
    stopped = asyncio.Event()

    class Endless(Lab):
        async def on_count(self, count: int):
            try:
                yield count
                await asyncio.sleep(60)
            finally:
                stopped.set()

    app.add_handlers(".*", sockets.persistent(Endless))

    async with connect(Endless, ROOM) as ann:
        stream = ann.stream(Count(7))
        await anext(stream)

    await asyncio.wait_for(stopped.wait(), 15)


@pytest.mark.gen_test
async def test_a_stream_that_raises_is_answered_with_an_error(app, sockets, connect, caplog):
    class Broken(Lab):
        async def on_count(self, count: int):
            yield count
            raise LookupError

    app.add_handlers(".*", sockets.persistent(Broken))

    async with connect(Broken, ROOM) as ann:
        with pytest.raises(RequestFailed, match="internal"):
            _ = [number async for number in ann.stream(Count(1))]


@pytest.mark.gen_test
async def test_the_number_of_open_streams_is_limited(app, make_sockets, connect):
    class Endless(Lab):
        async def on_count(self, count: int):
            yield count
            await asyncio.sleep(60)

    sockets = make_sockets(limits=Limits(streams=1))
    app.add_handlers(".*", sockets.persistent(Endless))

    async with connect(Endless, ROOM) as ann:
        first = ann.stream(Count(1))
        await anext(first)
        with pytest.raises(RequestFailed, match="rate_limited: too many streams"):
            await anext(ann.stream(Count(2)))
        await first.aclose()
        for _ in range(5):  # by then it has been cancelled and is over
            await ann.request(Echo(""))

        assert await anext(ann.stream(Count(3))) == 3


@pytest.mark.gen_test
async def test_a_running_request_can_be_cancelled_and_later_ones_are_answered(app, sockets, connect):
    class Slow(Lab):
        async def on_echo(self, echo: str) -> str:
            if echo == "slow":
                await asyncio.sleep(60)
            return echo

    app.add_handlers(".*", sockets.persistent(Slow))

    async with connect(Slow, ROOM) as ann:
        await ann.send_text('{"type":"echo","id":100,"data":"slow"}')
        await ann.send_text('{"type":"echo","id":101,"data":"waiting"}')
        await ann.send_text('{"type":"$cancel","re":101}')
        assert (await ann.expect_error("cancelled")).message == "cancelled before it began"
        await ann.send_text('{"type":"$cancel","re":100}')
        assert (await ann.expect_error("cancelled")).message == "cancelled by the client"

        assert await ann.request(Echo("next")) == "next"


@pytest.mark.gen_test
async def test_a_method_that_awaits_what_is_cancelled_fails_like_any_other(app, sockets, connect, caplog):
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
async def test_methods_run_inside_of_a_task_with_timeouts_and_context(app, sockets, connect):
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
async def test_an_id_in_use_is_refused(app, sockets, connect):
    class Slow(Lab):
        async def on_echo(self, echo: str) -> str:
            await asyncio.sleep(60)
            return echo

    app.add_handlers(".*", sockets.persistent(Slow))

    async with connect(Slow, ROOM) as ann:
        for _ in range(2):
            await ann.send_text('{"type":"echo","id":100,"data":"a"}')

        assert (await ann.expect_error("invalid_message")).message == "the id is that of a request that is open"
        ann.abort()


class Asking(Lab):
    """Asks the client, and notes how that went."""

    async def on_nudge(self) -> None:
        try:
            answer = await self.ask(Confirm("sure?"), timeout=0.2)
        except Exception as error:
            await self.send(Note(f"{type(error).__name__}: {error}"))
        else:
            await self.send(Note(str(answer)))


@pytest.mark.gen_test
async def test_a_method_asks_the_client_while_its_next_messages_wait(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Asking))

    async with connect(Asking, ROOM) as ann:
        ann.answer(Confirm, lambda question: question == "sure?")
        await ann.send(Nudge())
        await ann.send(Nudge())

        assert [Note("True")] * 2 == [await ann.expect(Note) for _ in range(2)]


@pytest.mark.gen_test
async def test_on_connect_can_ask(app, sockets, connect):
    class AskingFirst(Asking):
        async def on_connect(self) -> None:
            await self.on_nudge()

    app.add_handlers(".*", sockets.persistent(AskingFirst))
    client = connect(AskingFirst, ROOM)
    client.answer(Confirm, lambda question: True)

    async with client as ann:
        assert Note("True") == await ann.expect(Note)


@pytest.mark.gen_test
async def test_a_request_to_the_client_fails_in_time_with_an_error_or_an_invalid_reply(app, sockets, connect):
    def refuse(question: object) -> bool:
        raise LookupError("no idea")

    app.add_handlers(".*", sockets.persistent(Asking))

    async with connect(Asking, ROOM) as ann:
        await ann.send(Nudge())
        assert (await ann.expect(Note)).data == "RequestTimeout: confirm failed: timeout: no reply within 0.2 s"

        ann.answer(Confirm, refuse)
        await ann.send(Nudge())
        assert (await ann.expect(Note)).data == "RequestFailed: confirm failed: internal: no idea"

        ann.answer(Confirm, lambda question: "yes")  # type: ignore[arg-type, return-value]
        await ann.send(Nudge())
        assert (await ann.expect(Note)).data.startswith("RequestFailed: confirm failed: invalid_message")
        await ann.expect_error("invalid_message")


@pytest.mark.gen_test
async def test_a_request_to_a_client_that_leaves_fails(app, sockets, connect):
    failed: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

    class Asks(Lab):
        async def on_nudge(self) -> None:
            try:
                await self.ask(Confirm("sure?"))
            except ConnectionClosed as error:
                failed.set_result(error)

    app.add_handlers(".*", sockets.persistent(Asks))

    async with connect(Asks, ROOM) as ann:
        await ann.send(Nudge())
        assert Confirm("sure?") == await ann.expect(Confirm)
        ann.close(4002, "gone")

        error = await asyncio.wait_for(failed, 15)
    assert str(error) == "the connection closed with code 4002 (gone)"


@pytest.mark.gen_test
async def test_a_full_inbox_does_not_keep_an_answer_from_being_read(app, make_sockets, connect):
    sockets = make_sockets(limits=Limits(inbox=2))
    app.add_handlers(".*", sockets.persistent(Asking))

    async with connect(Asking, ROOM) as ann:
        ann.answer(Confirm, lambda question: True)
        for _ in range(6):
            await ann.send(Nudge())

        assert [Note("True")] * 6 == [await ann.expect(Note) for _ in range(6)]


@pytest.mark.gen_test
async def test_a_client_that_vanishes_with_a_full_inbox_is_noticed_and_nothing_is_logged(
    app, make_sockets, connect, caplog, until
):
    cancelled = []

    class Busy(Counting):
        async def on_nudge(self) -> None:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                cancelled.append(self)
                raise

    sockets = make_sockets(limits=Limits(inbox=2), heartbeat=Heartbeat(interval=0.3, timeout=0.5))
    app.add_handlers(".*", sockets.persistent(Busy))

    async with connect(Busy, ROOM) as ann:
        for _ in range(20):
            await ann.send(Nudge())
        await asyncio.sleep(0.1)
        ann.abort()
        await until(lambda: Busy.ends)

    await until(lambda: not len(sockets.service.slots))
    assert len(Busy.ends) == len(cancelled) == 1
    assert [] == [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.gen_test
@pytest.mark.parametrize("connection", ["strict"])
async def test_a_client_that_said_good_bye_behind_a_full_inbox_is_not_called_unresponsive(
    app, make_sockets, connect, until
):
    class Busy(Counting):
        async def on_nudge(self) -> None:
            await asyncio.sleep(0.4)

    sockets = make_sockets(limits=Limits(inbox=2), heartbeat=Heartbeat(interval=0.1, timeout=0.1))
    app.add_handlers(".*", sockets.persistent(Busy))

    async with connect(Busy, ROOM) as ann:
        for _ in range(3):
            await ann.send(Nudge())
        ann.close(4001, "bye")
        await until(lambda: Busy.ends)

    assert Busy.ends == [(4001, "bye")]
    assert sockets.service.counters.unresponsive == 0


@pytest.mark.gen_test
async def test_the_rate_of_a_message_is_that_of_the_schema(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        for number in range(3):
            await ann.send(Limited(number))
        assert [Note("0"), Note("1")] == [await ann.expect(Note), await ann.expect(Note)]
        error = await ann.expect_error("rate_limited")

        assert error.retryable
        assert error.retry_after_ms is not None
        assert 4000 < error.retry_after_ms <= 5001
        assert await ann.request(Echo("others are free")) == "others are free"


@pytest.mark.gen_test
async def test_the_rate_of_a_connection_holds_for_all_messages(app, make_sockets, connect):
    sockets = make_sockets(limits=Limits(messages=Rate(count=2, seconds=60)))
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        await ann.send(Nudge())
        assert await ann.request(Echo("a")) == "a"
        with pytest.raises(RequestFailed, match="rate_limited"):
            await ann.request(Echo("b"))


@pytest.mark.gen_test
async def test_a_client_that_offers_no_subprotocol_sees_messages_only(app, make_sockets, connect):
    sockets = make_sockets(heartbeat=Heartbeat(interval=0.05, timeout=5.0))
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM, subprotocols=()) as ann:
        await ann.send(Say(text="hi"))
        await ann.expect(Said)
        await asyncio.sleep(0.3)

        assert ann.hello is None
        assert ann.pings == 0
        assert ann.closed is None


@pytest.mark.gen_test
async def test_a_client_that_offers_the_subprotocol_is_greeted_first(app, make_sockets, connect):
    sockets = make_sockets(heartbeat=Heartbeat(interval=7.0))
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        assert ann.subprotocol == "tornado-ws.1"
        assert ann.hello is not None
        assert ann.hello.contract == Lab.endpoint.contract
        assert ann.hello.heartbeat == 7.0
        assert ann.hello.connection == sockets.connections[0].connection_id


@pytest.mark.gen_test
async def test_pings_of_the_protocol_are_answered(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        await ann.send_text('{"type":"$ping"}')
        await ann.request(Echo("a"))

        assert ann.pongs == 1


@pytest.mark.gen_test
async def test_what_was_sent_before_a_good_bye_is_handled(app, sockets, connect, until):
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
async def test_a_method_that_runs_too_long_after_a_good_bye_is_cancelled(app, make_sockets, connect):
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
async def test_closing_sends_what_was_sent_before_and_drops_what_waits(app, sockets, connect):
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
async def test_aborting_drops_the_connection(app, sockets, connect, until):
    class Aborting(Counting):
        async def on_nudge(self) -> None:
            self.abort()
            await self.send(Note("too late"))

    app.add_handlers(".*", sockets.persistent(Aborting))

    async with connect(Aborting, ROOM) as ann:
        await ann.send(Nudge())
        await ann.expect_close(None)
    await until(lambda: Aborting.ends)

    assert Aborting.ends == [(None, None)]


@pytest.mark.gen_test
async def test_idle_connections_are_closed_for_good(app, make_sockets, connect):
    clock = Clock(time.monotonic())
    sockets = make_sockets(limits=Limits(idle_timeout=60), clock=clock)
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann, connect(Lab, ROOM) as bob, connect(Lab, ROOM) as eve:
        clock.now += 40
        await bob.request(Echo("busy"))
        next(connection for connection in sockets.connections if eve.is_(connection)).touch()
        clock.now += 20
        sockets.service.heart.ring()

        await ann.expect_close(CloseCode.IDLE)
        assert bob.closed is None
        assert eve.closed is None
        clock.now += 40
        sockets.service.heart.ring()
        await bob.expect_close(CloseCode.IDLE)
        await eve.expect_close(CloseCode.IDLE)


@pytest.mark.gen_test
async def test_a_client_that_does_not_answer_is_given_up_with_a_code_that_says_so(app, make_sockets, connect, until):
    class Counted(Counting): ...

    sockets = make_sockets(heartbeat=Heartbeat(interval=0.3, timeout=1.0))
    app.add_handlers(".*", sockets.persistent(Counted))

    async with connect(Counted, ROOM) as ann, connect(Counted, ROOM, timeout=10) as bob:
        bob.answers_pings = False
        await bob.expect_close()
        await until(lambda: Counted.ends)

        assert ann.closed is None
        assert ann.pings > 2
        assert Counted.ends == [(CloseCode.UNRESPONSIVE, "unresponsive")]
        assert sockets.service.counters.unresponsive == 1


def choke(connection: Lab, client: Client) -> None:
    """Let the kernel keep little of what a client does not read."""
    connection.ws_connection.stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)
    client.pause()


@pytest.mark.gen_test
async def test_a_client_that_does_not_read_gets_the_latest_and_does_not_hold_up_others(app, make_sockets, connect):
    class Counted(Counting): ...

    sockets = make_sockets(limits=Limits(outbox_bytes=400_000))
    app.add_handlers(".*", sockets.persistent(Counted))

    async with connect(Counted, ROOM) as ann, connect(Counted, ROOM, timeout=5) as bob:
        stuck = next(connection for connection in sockets.connections if bob.is_(connection))
        choke(stuck, bob)
        for value in range(1000):
            price = Price(symbol="a", value=value, padding="x" * 10_000)
            await sockets.broadcast(Counted, price, where=lambda connection: connection is stuck)
            await asyncio.sleep(0)
        await sockets.broadcast(Counted, Note("to all"))

        assert Note("to all") == await ann.expect(Note)
        assert bob.closed is None
        bob.proceed()
        values = []
        while not values or values[-1] != 999:
            values.append((await bob.expect(Price)).value)
        assert values == sorted(values)
        assert len(values) < 900
        assert Note("to all") == await bob.expect(Note)
        assert sockets.service.counters.coalesced == 1000 - len(values)


@pytest.mark.gen_test
async def test_volatile_messages_to_a_client_that_does_not_read_are_dropped(app, make_sockets, connect):
    sockets = make_sockets(limits=Limits(outbox_bytes=400_000))
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM, timeout=5) as bob:
        choke(sockets.connections[0], bob)
        for _ in range(1000):
            await sockets.broadcast(Lab, Noise("x" * 10_000))
            await asyncio.sleep(0)
        await sockets.broadcast(Lab, Note("after the noise"))

        bob.proceed()
        assert Note("after the noise") == await bob.expect(Note)
        assert 0 < sockets.service.counters.dropped < 1000


@pytest.mark.gen_test
async def test_a_client_that_does_not_read_what_must_not_be_lost_is_cut_off(app, make_sockets, connect, until):
    class Counted(Counting): ...

    sockets = make_sockets(limits=Limits(outbox_bytes=400_000, closing_timeout=0.1))
    app.add_handlers(".*", sockets.persistent(Counted))

    async with connect(Counted, ROOM) as ann, connect(Counted, ROOM, timeout=15) as bob:
        stuck = next(connection for connection in sockets.connections if bob.is_(connection))
        choke(stuck, bob)
        for _ in range(1000):
            await sockets.broadcast(Counted, Note("x" * 10_000), where=lambda connection: connection is stuck)
        await until(lambda: stuck not in sockets.connections)

        bob.proceed()
        await bob.expect_close()
        await until(lambda: Counted.ends)
        assert Counted.ends == [(CloseCode.TOO_SLOW, "too slow")]
        assert ann.closed is None
        assert sockets.service.counters.cut == 1


@pytest.mark.gen_test
async def test_sending_to_one_client_waits_for_it_to_read(app, make_sockets, connect, until):
    sockets = make_sockets(limits=Limits(outbox_bytes=200_000))
    sent = 0

    class Sending(Lab):
        async def on_nudge(self) -> None:
            nonlocal sent
            while sent < 200:
                await self.send(Note("x" * 10_000))
                sent += 1

    app.add_handlers(".*", sockets.persistent(Sending))

    async with connect(Sending, ROOM, timeout=15) as bob:
        choke(sockets.connections[0], bob)
        await bob.send(Nudge())
        await until(lambda: sent)
        await asyncio.sleep(0.3)
        assert 0 < sent < 190

        bob.proceed()
        for _ in range(200):
            await bob.expect(Note)


def test_tornados_own_ways_to_send_are_closed():
    with pytest.raises(TypeError, match=r"use send\(\)"):
        Lab.write_message(None, "text")  # type: ignore[arg-type]


def test_request_timeout_is_a_timeout_error():
    assert issubclass(RequestTimeout, TimeoutError)


@pytest.mark.gen_test
async def test_what_a_connection_held_is_freed_without_the_garbage_collector(app, sockets, connect, until):
    held: list[weakref.ref[Lab]] = []

    class Held(Lab):
        async def on_connect(self) -> None:
            held.append(weakref.ref(self))
            await super().on_connect()

    app.add_handlers(".*", sockets.persistent(Held))

    gc.disable()
    try:
        async with connect(Held, ROOM) as ann, connect(Held, ROOM) as bob:
            await ann.request(Echo("a"))
            assert [0, 1] == [number async for number in ann.stream(Count(2))]
            await bob.send_text('{"type": "say"}')
            await bob.expect_error("invalid_message")
            bob.abort()
        await until(lambda: not any(each() for each in held))
    finally:
        gc.enable()
    assert len(held) == 2
