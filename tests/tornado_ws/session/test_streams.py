from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from tornado.httpserver import HTTPServer

from tests.support.lab import Count, Echo, Lab
from tests.support.loop_lag import LoopLag, allowed
from tests.support.peer import TEXT, handshake_request, masked
from tornado_ws import Limits, RequestFailed, WebSocketController
from tornado_ws.session import streams

ROOM = {"room": "a"}


class Producing(Lab):
    """Lab with streams that never end and never suspend."""

    produced: int
    stopped: asyncio.Future[float]

    def __init_subclass__(cls) -> None:
        cls.produced = 0
        cls.stopped = asyncio.get_running_loop().create_future()

    async def on_count(self, count: int) -> AsyncIterator[int]:
        try:
            for number in itertools.count():
                type(self).produced += 1
                yield number
        finally:
            self.stopped.set_result(time.thread_time())


class Sink:
    """Client that requests stream 1, grants much credit, and reads and drops all items."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.sendall(handshake_request(port, "/lab/a"))
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._loop = asyncio.get_running_loop()
        self.resume_reading()
        self.send('{"type":"count","id":1,"data":1}')
        self.grant()

    def send(self, text: str) -> None:
        self._socket.send(masked(TEXT, text.encode()))

    def grant(self) -> None:
        self.send('{"type":"$more","id":1,"data":{"count":65000}}')

    def _read(self) -> None:
        self._socket.recv(1 << 20)

    def pause_reading(self) -> None:
        self._loop.remove_reader(self._socket)

    def resume_reading(self) -> None:
        self._loop.add_reader(self._socket, self._read)

    def close(self) -> None:
        if self._socket.fileno() >= 0:
            self.pause_reading()
            self._socket.close()


@pytest.fixture
def port(http_server: HTTPServer, http_port: int) -> int:
    """Return the port of the application under test."""
    return http_port


@contextlib.asynccontextmanager
async def open_sinks(port: int, sockets: WebSocketController, count: int = 1) -> AsyncIterator[Sink]:
    """Connect clients, and wait for the end of their connections."""
    made = [Sink(port) for _ in range(count)]
    try:
        yield made[0]
    finally:
        for sink in made:
            sink.close()
        async with asyncio.timeout(15):
            while sockets.connections:  # noqa: ASYNC110, since their end has no event
                await asyncio.sleep(0.005)


@pytest.mark.gen_test
async def test_stream_sends_items_and_ends(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        assert [0, 1, 2] == [number async for number in ann.stream(Count(3))]
        assert [] == [number async for number in ann.stream(Count(0))]


@pytest.mark.gen_test
async def test_stream_runs_beside_messages_and_can_be_cancelled(app, sockets, connect):
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
        assert await ann.request(Echo("a")) == "a"
        await stream.aclose()

        await asyncio.wait_for(stopped.wait(), 15)


@pytest.mark.gen_test
async def test_streams_are_cancelled_when_the_connection_closes(app, sockets, connect):
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
async def test_exception_of_a_stream_is_answered_with_an_error(app, sockets, connect, caplog):
    class Broken(Lab):
        async def on_count(self, count: int):
            yield count
            raise LookupError

    app.add_handlers(".*", sockets.persistent(Broken))

    async with connect(Broken, ROOM) as ann:
        with pytest.raises(RequestFailed, match="internal"):
            _ = [number async for number in ann.stream(Count(1))]


@pytest.mark.gen_test
async def test_number_of_open_streams_is_limited(app, make_sockets, connect):
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
        for _ in range(5):  # the stream has ended by then
            await ann.request(Echo(""))

        assert await anext(ann.stream(Count(3))) == 3


@pytest.mark.gen_test
async def test_producer_without_await_gives_way_to_the_event_loop(app, sockets, connect, port, until):
    class Endless(Producing): ...

    app.add_handlers(".*", sockets.persistent(Endless))
    async with open_sinks(port, sockets):
        await until(lambda: Endless.produced)

        with LoopLag() as lag:
            async with connect(Endless, ROOM) as ann:
                assert await ann.request(Echo("a")) == "a"
            await until(lambda: Endless.produced > 10_000)

    assert lag.longest < allowed(0.02)


@pytest.mark.gen_test
async def test_many_producers_share_one_turn_of_the_event_loop(app, sockets, port, until):
    class Endless(Producing):
        async def on_count(self, count: int) -> AsyncIterator[int]:
            for number in itertools.count():
                type(self).produced += 1
                yield number

    app.add_handlers(".*", sockets.persistent(Endless))
    async with open_sinks(port, sockets, 20):
        await until(lambda: Endless.produced > 2000)

        with LoopLag() as lag:
            await until(lambda: Endless.produced > 20_000)

    assert lag.longest < allowed(0.025)


async def lose(sink: Sink, sockets: Any) -> None:
    sink.close()


async def cancel(sink: Sink, sockets: Any) -> None:
    sink.send('{"type":"$cancel","id":1}')


async def drain(sink: Sink, sockets: Any) -> None:
    asyncio.get_running_loop().create_task(sockets.drain(1.0))


async def terminate(sink: Sink, sockets: Any) -> None:
    asyncio.get_running_loop().create_task(sockets.serve_until_signal(timeout=1.0))
    await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGTERM)


async def close_all(sink: Sink, sockets: Any) -> None:
    sockets.close()


@pytest.mark.gen_test
@pytest.mark.parametrize("end", [lose, cancel, drain, terminate, close_all])
async def test_producer_without_await_stops_soon(end, app, sockets, port, until):
    class Endless(Producing): ...

    app.add_handlers(".*", sockets.persistent(Endless))
    async with open_sinks(port, sockets) as sink:
        await until(lambda: Endless.produced > 500)

        started = time.thread_time()
        await end(sink, sockets)
        stopped = await asyncio.wait_for(asyncio.shield(Endless.stopped), 15)

        assert stopped - started < allowed(0.05)
        assert Endless.produced < 65_000  # it did not stop for the lack of credit
        await asyncio.sleep(0.01)
        assert [] == [task for task in asyncio.all_tasks() if "Streams" in repr(task.get_coro())]


@pytest.mark.gen_test
async def test_iterator_is_not_advanced_without_credit(app, sockets, connect, until):
    class Endless(Producing): ...

    app.add_handlers(".*", sockets.persistent(Endless))

    async with connect(Endless, ROOM) as ann:
        await ann.send_text('{"type":"count","id":1000000,"data":1}')
        for granted, produced in ((0, 64), (1, 65), (40, 105)):
            if granted:
                await ann.send_text(f'{{"type":"$more","id":1000000,"data":{{"count":{granted}}}}}')
            await until(lambda expected=produced: Endless.produced >= expected)
            await ann.request(Echo("a"))
            assert Endless.produced == produced

        await ann.send_text('{"type":"$cancel","id":1000000}')
        await ann.expect_error("cancelled")
        assert Endless.stopped.done()


@pytest.mark.gen_test
async def test_credit_counts_from_the_request_on_and_unknown_requests_are_ignored(app, sockets, connect, until):
    begun, go_on = asyncio.Event(), asyncio.Event()

    class Waiting(Producing):
        async def on_nudge(self) -> None:
            begun.set()
            await go_on.wait()

    app.add_handlers(".*", sockets.persistent(Waiting))

    async with connect(Waiting, ROOM) as ann:
        await ann.send_text('{"type":"nudge"}')
        await begun.wait()
        await ann.send_text('{"type":"$more","id":1000000,"data":{"count":10}}')
        await ann.send_text('{"type":"count","id":1000000,"data":1}')
        await ann.send_text('{"type":"$more","id":1000000,"data":{"count":10}}')
        await ann.send_text('{"type":"$more","id":2000000,"data":{"count":10}}')
        go_on.set()

        await until(lambda: Waiting.produced >= 74)
        await ann.request(Echo("a"))
        assert Waiting.produced == 74
        await ann.expect_nothing(0)


@pytest.mark.gen_test
async def test_client_of_the_tests_grants_as_many_items_as_were_read(app, sockets, connect):
    class Endless(Producing): ...

    app.add_handlers(".*", sockets.persistent(Endless))

    async with connect(Endless, ROOM) as ann:
        numbers = ann.stream(Count(1))
        assert list(range(500)) == [await anext(numbers) for _ in range(500)]
        await ann.request(Echo("a"))

        assert Endless.produced == 64 + 32 * (499 // 32)
        await numbers.aclose()


@pytest.mark.gen_test
async def test_stream_waits_for_a_client_that_does_not_read(app, make_sockets, port, until):
    class Endless(Producing): ...

    sockets = make_sockets(limits=Limits(write_queue_bytes=20_000))
    app.add_handlers(".*", sockets.persistent(Endless))
    async with open_sinks(port, sockets) as sink:
        sink.pause_reading()
        await until(lambda: Endless.produced)

        previous = -1
        while Endless.produced != previous:
            previous = Endless.produced
            sink.grant()
            await asyncio.sleep(0.1)
        assert sockets.context.counters.too_slow == 0

        sink.resume_reading()
        await until(lambda: Endless.produced > previous)


class Suppressing(Lab):
    """Lab whose streams suppress their end: once, in every cancellation but the second, or with another item."""

    async def on_count(self, count: int) -> AsyncIterator[int]:
        try:
            yield count
            while count == 5:
                yield count
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            if count == 1:
                yield count
            elif count == 2:
                await asyncio.sleep(60)
            elif count == 3:
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.sleep(60)
                await asyncio.sleep(0.2)
        finally:
            if count in (4, 5):
                yield count


@pytest.mark.gen_test
@pytest.mark.parametrize(("count", "logged"), [(1, 0), (2, 1), (3, 1), (4, 0), (5, 1)])
async def test_stream_that_suppresses_its_cancellation_is_answered_and_logged_once(
    count, logged, app, make_sockets, connect, until, caplog, monkeypatch
):
    monkeypatch.setattr(streams, "STOP_SECONDS", 0.05)
    sockets = make_sockets(limits=Limits(streams=1))
    app.add_handlers(".*", sockets.persistent(Suppressing))

    async with connect(Suppressing, ROOM) as ann:
        await ann.send_text(f'{{"type":"count","id":1000000,"data":{count}}}')
        await ann.request(Echo("a"))
        await ann.send_text('{"type":"$cancel","id":1000000}')
        await ann.expect_error()
        assert await ann.request(Echo("a")) == "a"
        assert len(caplog.records) == logged

        ended = False
        while not ended:  # the place of the stream is free once its task has ended
            with contextlib.suppress(RequestFailed):
                ended = await anext(ann.stream(Count(6))) == 6
        assert len(caplog.records) == logged


@pytest.mark.gen_test
async def test_stream_that_suppresses_its_cancellation_does_not_delay_the_end_of_its_connection(
    app, sockets, connect, until
):
    ended = asyncio.Event()

    class Ending(Suppressing):
        async def on_disconnect(self, code: int | None, reason: str | None) -> None:
            ended.set()

    app.add_handlers(".*", sockets.persistent(Ending))

    async with connect(Ending, ROOM) as ann:
        await ann.send_text('{"type":"count","id":1000000,"data":3}')
        await ann.request(Echo("a"))
        ann.close()
        await asyncio.wait_for(ended.wait(), 0.9)
    assert await sockets.drain(0.5) == 0


class Failing(Lab):
    """Lab whose streams raise an exception: at once, after an item, or after the event loop ran."""

    error: Callable[[], BaseException]

    async def on_count(self, count: int) -> AsyncIterator[int]:
        if count > 0:
            yield count
        if count > 1:
            await asyncio.sleep(0)
        raise type(self).error()


ERRORS = {
    "LookupError": LookupError,
    "CancelledError": asyncio.CancelledError,
    "GeneratorExit": GeneratorExit,
    "StopAsyncIteration": StopAsyncIteration,
    "Failed": lambda: pytest.fail.Exception("failed"),
    "BaseException": BaseException,
    "group": lambda: BaseExceptionGroup("group", [SystemExit(), LookupError()]),
}


@pytest.mark.gen_test
@pytest.mark.parametrize("count", [0, 1, 2])
@pytest.mark.parametrize("error", ERRORS)
async def test_exception_of_a_stream_ends_only_this_stream(error, count, app, make_sockets, connect, caplog):
    references: list[str | None] = []

    class Raising(Failing): ...

    Raising.error = staticmethod(ERRORS[error])
    sockets = make_sockets(limits=Limits(streams=1))
    app.add_handlers(".*", sockets.persistent(Raising))

    async with connect(Raising, ROOM) as ann, connect(Raising, ROOM) as bob:
        for _ in range(2):
            received = []
            with pytest.raises(RequestFailed, match="internal: internal error") as failed:
                async for number in ann.stream(Count(count)):
                    received.append(number)
            references.append(failed.value.error.reference)
            assert received == [count] * (count > 0)
            assert await ann.request(Echo("a")) == "a"
            assert await bob.request(Echo("b")) == "b"

    assert [f"{Raising.__qualname__}.on_count raised, reference {reference}" for reference in references] == [
        record.getMessage() for record in caplog.records if record.levelname == "ERROR"
    ]
    assert all(record.name == "tornado_ws.handler" for record in caplog.records if record.levelname == "ERROR")


@pytest.mark.gen_test
@pytest.mark.parametrize("early", [True, False])
async def test_stream_whose_task_is_cancelled_from_outside_is_answered(early, app, make_sockets, connect, caplog):
    class Cancelled(Lab):
        def on_count(self, count: int) -> AsyncIterator[int]:
            def cancel() -> None:
                for task in asyncio.all_tasks():
                    if "Streams" in repr(task.get_coro()):
                        task.cancel()

            if early:  # before the first step of the task
                asyncio.get_running_loop().call_soon(cancel)
            else:
                asyncio.get_running_loop().call_later(0.01, cancel)
            return self.numbers()

        async def numbers(self) -> AsyncIterator[int]:
            yield 1
            await asyncio.sleep(60)

    sockets = make_sockets(limits=Limits(streams=1))
    app.add_handlers(".*", sockets.persistent(Cancelled))

    async with connect(Cancelled, ROOM) as ann:
        for _ in range(2):
            with pytest.raises(RequestFailed, match="internal: internal error"):
                async for number in ann.stream(Count(1)):
                    assert number == 1
            await ann.request(Echo("a"))


@pytest.mark.gen_test
@pytest.mark.parametrize("clean", [True, False])
async def test_stream_of_a_closing_connection_never_runs(clean, app, sockets, connect, until, recwarn):
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()
    items: list[int] = []

    class Late(Lab):
        async def on_echo(self, echo: str) -> str:
            begun.set()
            await go_on.wait()
            return echo

        async def on_count(self, count: int) -> AsyncIterator[int]:
            items.append(count)
            yield count

        async def on_disconnect(self, code: int | None, reason: str | None) -> None:
            ended.set()

    app.add_handlers(".*", sockets.persistent(Late))

    async with connect(Late, ROOM) as ann:
        await ann.send_text('{"type":"echo","id":1000000,"data":"a"}')
        await ann.send_text('{"type":"count","id":2000000,"data":1}')
        await begun.wait()
        await asyncio.sleep(0.05)  # the request of the stream has arrived
        if clean:
            ann.close()
        else:
            ann.abort()
        await until(lambda: not sockets.connections)
        go_on.set()
        await ended.wait()

    assert items == []
    assert [] == [str(warning.message) for warning in recwarn if warning.category is RuntimeWarning]
