from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging

import pytest

from tests.support.peer import PING, PONG, TEXT, Received, masked, masked_close
from tests.support.socket_handlers import Recording
from tornado_ws.websocket import ConnectionSettings, StrictWebSocketHandler
from tornado_ws.websocket.coroutine_runner import TaskPool

pytestmark = pytest.mark.gen_test


class Slow(StrictWebSocketHandler):
    """Handler that finishes no message before the gate opens."""

    gate: asyncio.Event
    log: list[str]

    def __init_subclass__(cls) -> None:
        cls.gate = asyncio.Event()
        cls.log = []

    async def on_message(self, message):
        self.log.append(f"begin {message}")
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.log.append(f"cancel {message}")
            raise
        self.log.append(f"end {message}")
        await self.write_message(message)

    def on_close(self):
        self.log.append(f"close {self.close_code}")


async def test_messages_are_handled_in_sequence(serve, settled):
    class One(Slow):
        pass

    connect = serve(One)

    async with await connect() as peer:
        for name in "abc":
            await peer.text(name)
        await settled(lambda: bool(One.log))
        await asyncio.sleep(0.01)
        assert ["begin a"] == One.log

        One.gate.set()
        assert ["a", "b", "c"] == [await peer.receive_text() for _ in range(3)]
    assert [f"{event} {name}" for name in "abc" for event in ("begin", "end")] == One.log[:6]


async def test_methods_and_coroutines_keep_the_order(serve):
    class Mixed(StrictWebSocketHandler):
        def on_message(self, message):
            if message.startswith("slow"):
                return self.slow(message)
            self.write_message(message)
            return None

        async def slow(self, message):
            await asyncio.sleep(0.001)
            await self.write_message(message)

    connect = serve(Mixed)
    words = ["a", "slow b", "c", "slow d", "slow e", "f", "g"]

    async with await connect() as peer:
        await peer.send(b"".join(masked(TEXT, word.encode()) for word in words))

        assert words == [await peer.receive_text() for _ in words]


async def test_messages_wait_for_open(serve):
    log = []

    class Opening(StrictWebSocketHandler):
        async def open(self):
            await asyncio.sleep(0.02)
            log.append("open")

        def on_message(self, message):
            log.append(message)
            self.write_message(message)

    connect = serve(Opening)

    async with await connect(early=masked(TEXT, b"a")) as peer:
        await peer.text("b")
        assert ["a", "b"] == [await peer.receive_text() for _ in range(2)]

    assert ["open", "a", "b"] == log


async def test_control_frames_are_answered_while_a_handler_runs(serve):
    class Running(Slow):
        connection_settings = ConnectionSettings(handler_timeout=0.05)

    connect = serve(Running)

    async with await connect() as peer:
        await peer.text("a")
        await peer.send(masked(PING, b"p"))
        assert Received(PONG, b"p") == await peer.receive()

        await peer.send(masked_close(1000))
        assert 1000 == await peer.receive_close()


async def test_pings_are_answered_while_open_runs(serve):
    class Opening(StrictWebSocketHandler):
        async def open(self):
            await asyncio.sleep(10)

        def on_message(self, message):
            pass

    connect = serve(Opening)

    async with await connect() as peer:
        await peer.send(masked(PING, b"p"))

        assert Received(PONG, b"p") == await peer.receive()


@pytest.mark.parametrize("disconnect", ["reset", "end"])
async def test_handler_is_cancelled_when_the_client_disconnects(serve, settled, disconnect):
    class Running(Slow):
        pass

    connect = serve(Running)
    peer = await connect()
    await peer.text("a")
    await peer.text("b")
    await settled(lambda: bool(Running.log))

    if disconnect == "reset":
        peer.abort()
    else:
        await peer.close()
    await settled(lambda: "close None" in Running.log)

    assert ["begin a", "cancel a", "close None"] == Running.log


async def test_open_is_cancelled_when_the_client_disconnects(serve, settled):
    log = []

    class Opening(StrictWebSocketHandler):
        async def open(self):
            log.append("open")
            try:
                await asyncio.sleep(10)
            finally:
                log.append("cancelled")

        def on_message(self, message):
            log.append(message)

        def on_close(self):
            log.append("close")

    connect = serve(Opening)
    peer = await connect()
    await peer.text("a")
    await settled(lambda: "open" in log)

    peer.abort()
    await settled(lambda: "close" in log)

    assert ["open", "cancelled", "close"] == log


async def test_disconnect_is_detected_while_reading_is_paused(serve, settled):
    class Full(Slow):
        connection_settings = ConnectionSettings(receive_queue_messages=2)

    connect = serve(Full)
    peer = await connect()
    for _ in range(10):
        await peer.text("a")
    await settled(lambda: bool(Full.log))

    await peer.close()
    await settled(lambda: "close None" in Full.log)

    assert ["begin a", "cancel a", "close None"] == Full.log


async def test_messages_before_a_close_frame_are_handled(serve, settled):
    class Running(Slow):
        async def on_message(self, message):
            await asyncio.sleep(0)
            self.log.append(message)

    connect = serve(Running)

    async with await connect() as peer:
        await peer.send(b"".join(masked(TEXT, b"%d" % n) for n in range(10)) + masked_close(1000))
        await settled(lambda: "close 1000" in Running.log)

    assert [*map(str, range(10)), "close 1000"] == Running.log


async def test_handler_is_cancelled_some_time_after_a_close_frame(serve, settled):
    class Running(Slow):
        connection_settings = ConnectionSettings(handler_timeout=0.05)

    connect = serve(Running)

    async with await connect() as peer:
        await peer.send(masked(TEXT, b"a") + masked_close(1000))
        await peer.receive_close()
        await settled(lambda: "close 1000" in Running.log)

    assert ["begin a", "cancel a", "close 1000"] == Running.log


@pytest.mark.parametrize("settings", [{"receive_queue_messages": 10}, {"receive_queue_bytes": 10_000}])
async def test_full_receive_queue_pauses_reading(serve, settled, settings):
    class Full(Slow):
        connection_settings = ConnectionSettings(**settings)

    connect = serve(Full)
    data = masked(TEXT, b"x" * 1000)

    async with await connect() as peer:
        written = 0
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                while True:
                    await peer.send(data)
                    written += 1
        Full.gate.set()
        for _ in range(written):
            assert 1000 == len(await peer.receive_text())

    assert written < 20_000


async def test_exception_closes_one_connection_with_1011(serve, caplog):
    class Raising(StrictWebSocketHandler):
        async def on_message(self, message):
            if message == "wait":
                await asyncio.sleep(0)
            if message != "fine":
                raise ValueError("oops")
            await self.write_message(message)

    connect = serve(Raising)

    async with await connect() as other:
        for message in ("raise", "wait"):
            async with await connect() as peer:
                await peer.text(message)
                assert 1011 == await peer.receive_close()
        await other.text("fine")
        assert "fine" == await other.receive_text()


async def test_exception_in_open_closes_with_1011(serve, settled):
    log = []

    class Raising(StrictWebSocketHandler):
        async def open(self):
            raise ValueError("oops")

        def on_message(self, message):
            log.append(message)

        def on_close(self):
            log.append("close")

    connect = serve(Raising)

    async with await connect(early=masked(TEXT, b"hi")) as peer:
        assert 1011 == await peer.receive_close()
        await settled(lambda: bool(log))

    assert ["close"] == log


async def test_messages_run_in_the_context_of_open(serve):
    user: contextvars.ContextVar[str] = contextvars.ContextVar("user", default="nobody")

    class Signed(StrictWebSocketHandler):
        def open(self):
            user.set("ann")

        def on_message(self, message):
            if message == "plain":
                self.write_message(user.get())
                return None
            return self.slow()

        async def slow(self):
            await asyncio.sleep(0)
            await self.write_message(user.get())

    connect = serve(Signed)

    async with await connect() as peer:
        for word in ("plain", "slow", "plain", "slow"):
            await peer.text(word)
            assert "ann" == await peer.receive_text()
    assert "nobody" == user.get()


async def test_overridden_on_ping_and_on_pong_are_called(serve, settled):
    log = []

    class Overriding(StrictWebSocketHandler):
        def open(self):
            self.ping(b"out")

        def on_ping(self, data):
            log.append(("ping", data))

        def on_pong(self, data):
            log.append(("pong", data))

        def on_message(self, message):
            pass

    connect = serve(Overriding)

    async with await connect() as peer:
        assert Received(PING, b"out") == await peer.receive()
        await peer.send(masked(PONG, b"out") + masked(PING, b"in"))
        assert Received(PONG, b"in") == await peer.receive()
        await settled(lambda: len(log) == 2)

    assert [("pong", b"out"), ("ping", b"in")] == log


class Panic(BaseException):
    pass


async def _cancel_outside() -> None:
    asyncio.get_running_loop().call_soon(asyncio.current_task().cancel)
    await asyncio.sleep(60)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("fault", [Panic, asyncio.CancelledError, GeneratorExit, _cancel_outside])
@pytest.mark.parametrize("hook", ["open", "on_message", "handle_failure", "on_close"])
async def test_handler_that_fails_ends_its_connection_only(serve, settled, caplog, hook, fault, late):
    unhandled: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unhandled.append(context))

    async def fail() -> None:
        if late:
            await asyncio.sleep(0)
        if fault is _cancel_outside:
            await fault()
        raise fault

    class Failing(Recording):
        async def open(self) -> None:
            self.live_handlers.add(self)
            self.evil = "evil" in self.request.path
            if self.evil and hook == "open":
                await fail()

        async def on_message(self, message):
            if self.evil and hook == "on_message":
                await fail()
            if self.evil and hook == "handle_failure":
                raise LookupError
            self.write_message(message)

        def handle_failure(self, error: BaseException) -> None:
            super().handle_failure(error)
            if hook == "handle_failure":
                raise Panic

        def on_close(self) -> None:
            super().on_close()
            if self.evil and hook == "on_close":
                raise Panic

    connect = serve(Failing)

    async with await connect() as good:
        async with await connect(path="/evil") as evil:
            if hook == "on_close":
                await evil.send(masked_close(1000))
                assert 1000 == await evil.receive_close()
            else:
                await evil.text("hi")
                assert 1011 == await evil.receive_close()
        await settled(lambda: 1 == len(Failing.ends))
        await good.text("hello")
        assert "hello" == await good.receive_text()
        async with await connect() as newcomer:
            await newcomer.text("hello")
            assert "hello" == await newcomer.receive_text()
    await settled(lambda: 3 == len(Failing.ends))

    assert [] == unhandled
    assert [] == [record.getMessage() for record in caplog.records if record.name == "asyncio"]


@pytest.mark.parametrize("hook", ["open", "on_message"])
async def test_method_that_suppresses_its_cancellation_is_abandoned(serve, settled, caplog, hook):
    begun, released = asyncio.Event(), asyncio.Event()

    async def stay() -> None:
        begun.set()
        while not released.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await released.wait()

    class Stubborn(Recording):
        connection_settings = ConnectionSettings(handler_timeout=0.05)

        async def open(self) -> None:
            if hook == "open":
                await stay()

        async def on_message(self, message):
            await stay()

    connect = serve(Stubborn)

    async with await connect() as peer:
        await peer.text("a")
        await begun.wait()
        peer.abort()
        await settled(lambda: bool(Stubborn.ends))
    released.set()
    await settled(lambda: not TaskPool.current().abandoned)

    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert [f"a method of {Stubborn.__qualname__} suppresses its cancellation; the connection is abandoned"] == warnings
    assert 1 == len(Stubborn.ends)
