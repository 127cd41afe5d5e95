from __future__ import annotations

import asyncio
import tracemalloc

import pytest
from tornado.websocket import WebSocketClosedError

from tests.support.peer import PING, TEXT, masked
from tests.support.socket_handlers import Crowd
from tornado_ws.websocket import Counters

pytestmark = pytest.mark.gen_test


def fill(connection, count=2000, **options) -> None:
    for _ in range(count):
        connection.send_text(b"x" * 1000, **options)


async def test_frames_of_one_loop_iteration_keep_their_order(serve, settled):
    class Sending(Crowd):
        pass

    connect = serve(Sending)

    async with await connect() as peer:
        await settled(lambda: bool(Sending.members))
        connection = Sending.members[0].connection
        for number in range(8):
            connection.send_text(b"%d" % number)

        assert list("01234567") == [await peer.receive_text() for _ in range(8)]


async def test_client_that_does_not_read_is_closed_with_3008(serve, settled):
    class Slow(Crowd):
        pass

    connect = serve(Slow)

    async with await connect() as peer:
        await settled(lambda: bool(Slow.members))
        handler = Slow.members[0]
        while handler in Slow.members:
            if handler.connection:
                fill(handler.connection, 100)
            await asyncio.sleep(0)

        assert 3008 == handler.closed_with
        assert 3008 == await peer.receive_close()
    assert Counters(too_slow=1) == Slow.connection_settings.counters


async def test_overflow_frees_queued_frames_at_once(serve, settled):
    class Slow(Crowd):
        limit = 8 << 20

    connect = serve(Slow)

    async with await connect():
        await settled(lambda: bool(Slow.members))
        connection = Slow.members[0].connection
        tracemalloc.start()
        for _ in range(10):
            fill(connection, 1000)
            await asyncio.sleep(0)
        _, peak = tracemalloc.get_traced_memory()
        now, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert peak > 8 << 20
    assert now < 1 << 20


async def test_slow_client_does_not_delay_other_clients(serve, settled):
    class Slow(Crowd):
        pass

    connect = serve(Slow)

    async with await connect(), await connect() as other:
        await settled(lambda: len(Slow.members) == 2)
        received = 0
        for number in range(3000):
            text = b"%04d" % number + b"x" * 1000
            for member in tuple(Slow.members):
                if member.connection is not None:
                    member.connection.send_text(text)
            if number % 10 == 9:
                for _ in range(10):
                    assert f"{received:04d}" == (await other.receive_text())[:4]
                    received += 1

        assert 1 == len(Slow.members)
    assert Counters(too_slow=1) == Slow.connection_settings.counters


async def test_volatile_messages_are_dropped_for_a_slow_client(serve, settled):
    class Slow(Crowd):
        pass

    connect = serve(Slow)

    async with await connect() as peer:
        await settled(lambda: bool(Slow.members))
        connection = Slow.members[0].connection
        fill(connection, 10)
        await asyncio.sleep(0)
        for _ in range(50):
            fill(connection, 100, volatile=True)
            await asyncio.sleep(0)
        connection.send_text(b"end")

        while await peer.receive_text() != "end":
            pass
        assert 1 == len(Slow.members)
    counters = Slow.connection_settings.counters
    assert 0 < counters.dropped < 5000
    assert 0 == counters.too_slow


async def test_latest_messages_are_coalesced_for_a_slow_client(serve, settled):
    class Slow(Crowd):
        pass

    connect = serve(Slow)

    async with await connect() as peer:
        await settled(lambda: bool(Slow.members))
        connection = Slow.members[0].connection
        for number in range(20_000):
            connection.send_text(b"%06d" % number + b"x" * 1000, latest=number % 2)
            if number % 10 == 0:
                await asyncio.sleep(0)

        received = [await peer.receive_text()]
        while not received[-1].startswith("019999"):
            received.append(await peer.receive_text())
        assert received[-2].startswith("019998")
        assert len(received) < 10_000
        assert len(received) + Slow.connection_settings.counters.coalesced == 20_000


async def test_old_queued_frame_closes_with_3008(serve, settled):
    class Old(Crowd):
        age = 0.05

    connect = serve(Old)

    async with await connect() as peer:
        await settled(lambda: bool(Old.members))
        handler = Old.members[0]
        fill(handler.connection, 1000)
        await settled(lambda: not Old.members)

        assert 3008 == handler.closed_with
        assert 3008 == await peer.receive_close()


async def test_back_pressure_prevents_overflow(serve, settled):
    class Waiting(Crowd):
        async def on_message(self, message):
            for number in range(300):
                await self.write_message(b"%d " % number + b"x" * 20_000)

    connect = serve(Waiting)

    async with await connect() as peer:
        await peer.text("go")
        for number in range(300):
            assert (await peer.receive_text()).startswith(f"{number} ")
    assert Counters() == Waiting.connection_settings.counters


async def test_message_larger_than_the_limit_is_sent(serve, settled):
    class Large(Crowd):
        limit = 10_000

        async def on_message(self, message):
            for _ in range(3):
                await self.write_message("x" * 1_000_000)

    connect = serve(Large)

    async with await connect() as peer:
        await peer.text("go")
        assert [1_000_000] * 3 == [len(await peer.receive_text()) for _ in range(3)]


async def test_wait_for_back_pressure_ends_when_the_client_disconnects(serve, settled):
    ended = []

    class Waiting(Crowd):
        def open(self):
            super().open()
            self.task = asyncio.ensure_future(self.send_forever())

        async def send_forever(self):
            try:
                while True:
                    await self.write_message("x" * 100_000)
            except WebSocketClosedError:
                ended.append(True)

    connect = serve(Waiting)
    peer = await connect()
    await settled(lambda: bool(Waiting.members))
    await asyncio.sleep(0.05)

    peer.abort()
    await settled(lambda: bool(ended))


async def test_only_one_pong_is_queued_for_a_slow_client(serve, settled):
    class Slow(Crowd):
        pass

    connect = serve(Slow)

    async with await connect() as peer:
        await settled(lambda: bool(Slow.members))
        connection = Slow.members[0].connection
        fill(connection, 500)
        await asyncio.sleep(0)
        size = connection._write_queue.size
        for number in range(1000):
            await peer.send(masked(PING, b"%d" % number * 10))
        await peer.text("last")
        await asyncio.sleep(0.05)
        assert connection._write_queue.size <= size

        pongs = []
        while not pongs or pongs[-1] != b"999" * 10:
            received = await peer.receive()
            if received.opcode != TEXT:
                pongs.append(received.payload)
        assert len(pongs) < 500


async def test_frames_after_our_close_frame_are_not_sent(serve, settled):
    class Closing(Crowd):
        def on_message(self, message):
            connection = self.connection
            self.close(4000)
            connection.send_text(b"late")
            connection.write_ping(b"late")
            with pytest.raises(WebSocketClosedError):
                connection.write_message("late")

    connect = serve(Closing)

    async with await connect() as peer:
        await peer.text("go")
        received = await peer.receive()
        assert 4000 == received.code
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await peer.reader.read(1)


async def test_cancelled_wait_for_back_pressure_does_not_affect_other_tasks(serve, settled):
    class Slow(Crowd):
        pass

    connect = serve(Slow)

    async with await connect() as peer:
        await settled(lambda: bool(Slow.members))
        connection = Slow.members[0].connection
        fill(connection, 900)
        await asyncio.sleep(0)
        cancelled, other = [asyncio.ensure_future(connection.wait_writable()) for _ in range(2)]
        cancelled.cancel()
        await asyncio.sleep(0)
        assert not other.done()
        assert not connection.wait_writable().done()

        for _ in range(900):
            await peer.receive_text()
        await other
