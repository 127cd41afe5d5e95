from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.lab import Confirm, Echo, Lab, Note, Nudge, Said
from tornado_ws import WebSocketController, WrongThread
from tornado_ws.server.loop_thread import LoopThread

ROOM = {"room": "a"}
HINT = (
    "expected a call from the thread of the event loop; "
    "from other threads, use sockets.call_from_thread(function, *args)"
)


async def in_thread(function: Callable[[], object]) -> None:
    """Call a function in another thread; run an awaitable that it returns in an event loop of that thread."""

    def call() -> None:
        result = function()
        if isinstance(result, Awaitable):
            asyncio.run(as_coroutine(result))

    with ThreadPoolExecutor(1) as pool:
        await asyncio.get_running_loop().run_in_executor(pool, call)


async def as_coroutine(result: Awaitable[object]) -> None:
    await result


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("send", lambda connection: connection.send(Note("a"))),
        ("send_request", lambda connection: connection.send_request(Confirm("a"))),
        ("join", lambda connection: connection.join("b")),
        ("leave", lambda connection: connection.leave("a")),
        ("close", lambda connection: connection.close()),
        ("abort", lambda connection: connection.abort()),
        ("broadcast", lambda connection: connection.broadcast(Note("a"))),
        ("Room.send", lambda connection: connection.room("a").send(Said(text="a"))),
    ],
)
async def test_call_from_another_thread_raises_with_a_hint_and_has_no_effect(app, sockets, connect, name, call):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        (connection,) = sockets.connections
        with pytest.raises(WrongThread) as raised:
            await in_thread(lambda: call(connection))

        assert str(raised.value) == f"{name}: {HINT}"
        assert isinstance(raised.value, RuntimeError)
        await ann.request(Echo("still open"))
        await ann.expect_nothing(0)
        assert list(sockets.summary()["rooms"]["lab"]) == ["a"]


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("broadcast", lambda sockets: sockets.broadcast(Lab, Note("a"))),
        ("Room.send", lambda sockets: sockets.room(Lab, "a").send(Note("a"))),
        ("send_to", lambda sockets: sockets.send_to(Lab, sockets.connections[0].connection_id, Note("a"))),
        ("close", lambda sockets: sockets.close()),
    ],
)
async def test_call_of_the_controller_from_another_thread_raises(app, sockets, connect, name, call):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        with pytest.raises(WrongThread, match=rf"^{name}: "):
            await in_thread(lambda: call(sockets))

        await ann.request(Echo("still open"))
        await ann.expect_nothing(0)


@pytest.mark.gen_test
async def test_functions_and_coroutine_functions_run_in_the_event_loop(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann, connect(Lab, ROOM) as bob:
        first, second = sockets.connections

        def work() -> int:
            sockets.call_from_thread(first.send, Note("sent")).result(5)
            sockets.call_from_thread(sockets.broadcast, Lab, Note("all"), exclude=[first]).result(5)
            sockets.call_from_thread(second.close, 4000, "enough").result(5)
            return sockets.call_from_thread(threading.get_ident).result(5)

        ident = await asyncio.get_running_loop().run_in_executor(None, work)

        assert ident == threading.get_ident()
        assert Note("sent") == await ann.expect(Note)
        assert Note("all") == await bob.expect(Note)
        await bob.expect_close(4000)


@pytest.mark.gen_test
async def test_exception_of_the_function_reaches_the_other_thread():
    sockets = WebSocketController()

    def work() -> None:
        with pytest.raises(ZeroDivisionError):
            sockets.call_from_thread(divmod, 1, 0).result(5)

    await asyncio.get_running_loop().run_in_executor(None, work)


@pytest.mark.gen_test
async def test_frames_are_neither_lost_nor_corrupted_by_calls_from_threads_under_load(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))
    count = 300

    async with connect(Lab, ROOM) as ann:
        (connection,) = sockets.connections
        refused = []

        def misuse() -> None:
            for _ in range(count):
                try:
                    asyncio.run(connection.send(Note("wrong")))
                except WrongThread as error:
                    refused.append(error)

        misusing = asyncio.get_running_loop().run_in_executor(None, misuse)
        for number in range(count):
            await connection.send(Note(str(number)))
            await asyncio.sleep(0)
        await misusing

        assert [Note(str(number)) for number in range(count)] == [await ann.expect(Note) for _ in range(count)]
        assert len(refused) == count


def test_controller_without_an_event_loop_accepts_no_calls_from_threads():
    sockets = WebSocketController()

    with pytest.raises(RuntimeError, match="no event loop is known before the first client"):
        sockets.call_from_thread(print)


@pytest.mark.gen_test
async def test_controller_in_a_coroutine_accepts_calls_from_threads_before_the_first_client():
    sockets = WebSocketController()

    result = await asyncio.get_running_loop().run_in_executor(
        None, lambda: sockets.call_from_thread(asyncio.get_running_loop).result(5)
    )

    assert result is asyncio.get_running_loop()


def test_closed_event_loop_accepts_no_calls():
    async def create() -> LoopThread:
        return LoopThread()

    thread = asyncio.run(create())

    with pytest.raises(RuntimeError, match="the event loop of the controller is closed"):
        thread.call(print)
    thread.require("close")  # no loop is running that another thread could disturb


@pytest.mark.gen_test
async def test_nudge_from_the_loop_is_not_affected(app, sockets, connect):
    class Sending(Lab):
        async def on_nudge(self) -> None:
            await self.send(Note("first"))
            await asyncio.sleep(0)
            await self.send(Note("second"))

    app.add_handlers(".*", sockets.persistent(Sending))

    async with connect(Sending, ROOM) as ann:
        await ann.send(Nudge())

        assert [Note("first"), Note("second")] == [await ann.expect(Note) for _ in range(2)]
