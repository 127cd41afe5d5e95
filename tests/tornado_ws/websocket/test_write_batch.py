"""What goes to many is written to each of them by one call, in order with what goes to one."""

from __future__ import annotations

import asyncio
import zlib
from collections import Counter

import pytest

from tests.support.peer import CLOSE, Received
from tests.tornado_ws.websocket.test_slow_readers import Crowd
from tornado_ws.websocket import Counters, WriteBatch, prepare_frame

pytestmark = pytest.mark.gen_test


def tell(members, *texts, now=1.0) -> None:
    for text in texts:
        WriteBatch.current().broadcast(prepare_frame(text), [member.connection for member in members], now)


class Calls:
    """Counts the writes of a connection."""

    def __init__(self, connection) -> None:
        self.connection = connection
        self.sizes: list[int] = []
        self._socket_send, connection._socket_send = connection._socket_send, self

    def __call__(self, data) -> int:
        self.sizes.append(len(data))
        return self._socket_send(data)


async def test_what_one_turn_says_to_many_is_one_write_for_each(serve, settled):
    class Told(Crowd):
        pass

    connect = serve(Told)

    async with await connect() as one, await connect() as other:
        await settled(lambda: len(Told.members) == 2)
        calls = [Calls(member.connection) for member in Told.members]
        tell(Told.members, b"a", b"b", b"c")

        assert [["a", "b", "c"]] * 2 == [[await peer.receive_text() for _ in range(3)] for peer in (one, other)]
        assert [[9], [9]] == [call.sizes for call in calls]


async def test_what_goes_to_one_stays_in_its_place(serve, settled):
    class Told(Crowd):
        pass

    connect = serve(Told)

    async with await connect() as one, await connect() as other:
        await settled(lambda: len(Told.members) == 2)
        first, second = Told.members
        calls = Calls(first.connection)
        first.connection.send_text(b"1")
        tell(Told.members, b"2")
        tell([second], b"3")
        first.connection.send_text(b"4")
        tell(Told.members, b"5", b"6")
        first.connection.send_text(b"7")

        assert list("124567") == [await one.receive_text() for _ in range(6)]
        assert list("2356") == [await other.receive_text() for _ in range(4)]
        assert 1 == len(calls.sizes)


async def test_a_close_comes_after_what_was_said_before(serve, settled):
    class Told(Crowd):
        pass

    connect = serve(Told)

    async with await connect() as peer, await connect() as other:
        await settled(lambda: len(Told.members) == 2)
        told = list(Told.members)
        tell(told, b"last words")
        told[0].connection.close(4000, "enough")
        tell(told, b"too late for one")

        assert "last words" == await peer.receive_text()
        assert Received(CLOSE, b"\x0f\xa0enough") == await peer.receive()
        assert ["last words", "too late for one"] == [await other.receive_text() for _ in range(2)]


async def test_who_has_gone_meanwhile_is_passed_over(serve, settled):
    class Told(Crowd):
        pass

    connect = serve(Told)

    async with await connect(), await connect() as other:
        await settled(lambda: len(Told.members) == 2)
        told = list(Told.members)
        tell(told, b"hello")
        told[0].connection.abort()

        assert "hello" == await other.receive_text()
        await settled(lambda: len(Told.members) == 1)


async def test_so_much_as_one_write_should_have_does_not_wait_for_the_end_of_the_turn(serve, settled):
    class Told(Crowd):
        limit = 8 << 20

    connect = serve(Told)

    async with await connect() as peer:
        await settled(lambda: bool(Told.members))
        calls = Calls(Told.members[0].connection)
        tell(Told.members, *(b"%d" % number for number in range(64)))
        written_at_once = len(calls.sizes)
        tell(Told.members, b"x" * 70_000, b"y" * 70_000)

        assert 1 == written_at_once
        assert [str(number) for number in range(64)] == [await peer.receive_text() for _ in range(64)]
        assert [70_000, 70_000] == [len(await peer.receive_text()) for _ in range(2)]


async def test_one_that_does_not_read_is_cut_and_the_others_hear_everything(serve, settled):
    class Slow(Crowd):
        pass

    connect = serve(Slow)

    async with await connect() as stopped, await connect() as other:
        await settled(lambda: len(Slow.members) == 2)
        for number in range(3000):
            tell([member for member in Slow.members if member.connection], b"%04d" % number + b"x" * 1000)
            if number % 10 == 9:
                for expected in range(number - 9, number + 1):
                    assert f"{expected:04d}" == (await other.receive_text())[:4]

        assert 1 == len(Slow.members)
        assert 3008 == await stopped.receive_close()
    assert Counters(too_slow=1) == Slow.connection_settings.counters


async def test_volatile_frames_are_dropped_for_one_that_does_not_read(serve, settled):
    class Slow(Crowd):
        pass

    connect = serve(Slow)

    async with await connect() as peer:
        await settled(lambda: bool(Slow.members))
        links = [Slow.members[0].connection]
        for _ in range(300):
            WriteBatch.current().broadcast(prepare_frame(b"x" * 10_000, volatile=True), links, 1.0)
            await asyncio.sleep(0)
        WriteBatch.current().broadcast(prepare_frame(b"after"), links, 1.0)

        got = Counter([await peer.receive_text()])
        while "after" not in got:
            got[await peer.receive_text()] += 1
    counters = Slow.connection_settings.counters
    assert 0 == counters.too_slow
    assert 300 == got["x" * 10_000] + counters.dropped
    assert counters.dropped > 0


async def test_frames_are_compressed_for_those_who_agreed_and_small_ones_for_nobody(serve, settled):
    class Told(Crowd):
        def get_compression_options(self):
            return {}

    connect = serve(Told)

    async with (
        await connect(headers="Sec-WebSocket-Extensions: permessage-deflate\r\n") as packed,
        await connect() as plain,
    ):
        await settled(lambda: len(Told.members) == 2)
        tell(Told.members, b"small", b"large " * 1000)

        assert [Received(1, b"small"), Received(1, b"large " * 1000)] == [await plain.receive() for _ in range(2)]
        assert Received(1, b"small") == await packed.receive()
        large = await packed.receive()
        assert large.deflated
        assert b"large " * 1000 == zlib.decompressobj(-15).decompress(large.payload + b"\x00\x00\xff\xff")


async def test_a_connection_knows_when_it_was_told_something(serve, settled):
    class Told(Crowd):
        pass

    connect = serve(Told)

    async with await connect() as one, await connect() as other:
        await settled(lambda: len(Told.members) == 2)
        first, second = (member.connection for member in Told.members)
        tell(Told.members[:1], b"to one", now=7.0)
        tell(Told.members, b"to all", now=8.0)
        second.send_text(b"handed out before")

        assert ["to one", "to all"] == [await one.receive_text() for _ in range(2)]
        assert ["to all", "handed out before"] == [await other.receive_text() for _ in range(2)]
        assert (8.0, 8.0) == (first.last_broadcast_at, second.last_broadcast_at)
