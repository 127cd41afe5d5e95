"""Messages are handled one after the other, and reading goes on meanwhile."""

from __future__ import annotations

import asyncio
import contextvars

import pytest

from tests.support.peer import PING, PONG, TEXT, Received, closing, masked
from tornado_ws.websocket import ConnectionSettings, StrictWebSocketHandler

pytestmark = pytest.mark.gen_test


class Slow(StrictWebSocketHandler):
    """Handles a message when told to."""

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


async def test_messages_are_handled_one_after_the_other(serve, settled):
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
    assert [f"{what} {name}" for name in "abc" for what in ("begin", "end")] == One.log[:6]


async def test_plain_methods_and_coroutines_keep_the_order(serve):
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


async def test_nothing_is_handled_before_open_has_returned(serve):
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


async def test_pings_and_close_are_answered_while_a_handler_works(serve):
    class Working(Slow):
        connection_settings = ConnectionSettings(handler_timeout=0.05)

    connect = serve(Working)

    async with await connect() as peer:
        await peer.text("a")
        await peer.send(masked(PING, b"p"))
        assert Received(PONG, b"p") == await peer.receive()

        await peer.send(closing(1000))
        assert 1000 == await peer.receive_close()


async def test_pings_are_answered_while_open_works(serve):
    class Opening(StrictWebSocketHandler):
        async def open(self):
            await asyncio.sleep(10)

        def on_message(self, message):
            pass

    connect = serve(Opening)

    async with await connect() as peer:
        await peer.send(masked(PING, b"p"))

        assert Received(PONG, b"p") == await peer.receive()


@pytest.mark.parametrize("how", ["reset", "end"])
async def test_a_handler_is_cancelled_when_its_client_vanished(serve, settled, how):
    class Working(Slow):
        pass

    connect = serve(Working)
    peer = await connect()
    await peer.text("a")
    await peer.text("b")
    await settled(lambda: bool(Working.log))

    if how == "reset":
        peer.abort()
    else:
        await peer.close()
    await settled(lambda: "close None" in Working.log)

    assert ["begin a", "cancel a", "close None"] == Working.log


async def test_open_is_cancelled_when_its_client_vanished(serve, settled):
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


async def test_a_vanished_client_is_noticed_although_nothing_is_read_from_it(serve, settled):
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


async def test_what_was_sent_before_a_close_frame_is_handled(serve, settled):
    class Working(Slow):
        async def on_message(self, message):
            await asyncio.sleep(0)
            self.log.append(message)

    connect = serve(Working)

    async with await connect() as peer:
        await peer.send(b"".join(masked(TEXT, b"%d" % n) for n in range(10)) + closing(1000))
        await settled(lambda: "close 1000" in Working.log)

    assert [*map(str, range(10)), "close 1000"] == Working.log


async def test_a_handler_that_goes_on_after_a_close_frame_is_cancelled_in_the_end(serve, settled):
    class Working(Slow):
        connection_settings = ConnectionSettings(handler_timeout=0.05)

    connect = serve(Working)

    async with await connect() as peer:
        await peer.send(masked(TEXT, b"a") + closing(1000))
        await peer.receive_close()
        await settled(lambda: "close 1000" in Working.log)

    assert ["begin a", "cancel a", "close 1000"] == Working.log


@pytest.mark.parametrize("settings", [{"receive_queue_messages": 10}, {"receive_queue_bytes": 10_000}])
async def test_a_full_inbox_stops_reading(serve, settled, settings):
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


async def test_an_exception_closes_with_1011_and_hurts_nobody_else(serve, caplog):
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


async def test_open_that_raises_closes_with_1011(serve, settled):
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


async def test_context_variables_of_open_are_seen_by_messages(serve):
    user: contextvars.ContextVar[str] = contextvars.ContextVar("user", default="nobody")

    class Knowing(StrictWebSocketHandler):
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

    connect = serve(Knowing)

    async with await connect() as peer:
        for word in ("plain", "slow", "plain", "slow"):
            await peer.text(word)
            assert "ann" == await peer.receive_text()
    assert "nobody" == user.get()


async def test_ping_and_pong_are_told_to_those_who_ask(serve, settled):
    log = []

    class Asking(StrictWebSocketHandler):
        def open(self):
            self.ping(b"out")

        def on_ping(self, data):
            log.append(("ping", data))

        def on_pong(self, data):
            log.append(("pong", data))

        def on_message(self, message):
            pass

    connect = serve(Asking)

    async with await connect() as peer:
        assert Received(PING, b"out") == await peer.receive()
        await peer.send(masked(PONG, b"out") + masked(PING, b"in"))
        assert Received(PONG, b"in") == await peer.receive()
        await settled(lambda: len(log) == 2)

    assert [("pong", b"out"), ("ping", b"in")] == log


async def test_a_flood_of_pings_does_not_keep_others_waiting(serve):
    class Echo(StrictWebSocketHandler):
        def on_message(self, message):
            self.write_message(message)

    connect = serve(Echo)

    async with await connect() as flooding, await connect() as other:
        flooding.writer.write(masked(PING, b"flood") * 20_000)
        await other.text("hi")
        assert "hi" == await other.receive_text()
        assert Received(PONG, b"flood") == await flooding.receive()
