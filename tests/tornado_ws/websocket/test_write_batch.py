from __future__ import annotations

import asyncio
import zlib
from collections import Counter

import pytest

from tests.support.peer import CLOSE, Received
from tests.support.socket_handlers import Crowd
from tornado_ws.websocket import Counters, WriteBatch, prepare_frame, write_batch
from tornado_ws.websocket.time_slice import TimeSlice

pytestmark = pytest.mark.gen_test


def broadcast(members, *texts, now=1.0) -> None:
    for text in texts:
        WriteBatch.current().broadcast(prepare_frame(text), [member.connection for member in members], now)


class Writes:
    """Sizes of the writes of a connection."""

    def __init__(self, connection) -> None:
        self.connection = connection
        self.sizes: list[int] = []
        self._socket_send, connection._socket_send = connection._socket_send, self

    def __call__(self, data) -> int:
        self.sizes.append(len(data))
        return self._socket_send(data)


async def test_broadcasts_of_one_iteration_are_one_write_for_each_recipient(serve, settled):
    class Recipient(Crowd):
        pass

    connect = serve(Recipient)

    async with await connect() as one, await connect() as other:
        await settled(lambda: len(Recipient.members) == 2)
        writes = [Writes(member.connection) for member in Recipient.members]
        broadcast(Recipient.members, b"a", b"b", b"c")

        assert [["a", "b", "c"]] * 2 == [[await peer.receive_text() for _ in range(3)] for peer in (one, other)]
        assert [[9], [9]] == [write.sizes for write in writes]


async def test_broadcasts_and_other_frames_keep_their_order(serve, settled):
    class Recipient(Crowd):
        pass

    connect = serve(Recipient)

    async with await connect() as one, await connect() as other:
        await settled(lambda: len(Recipient.members) == 2)
        first, second = Recipient.members
        writes = Writes(first.connection)
        first.connection.send_text(b"1")
        broadcast(Recipient.members, b"2")
        broadcast([second], b"3")
        first.connection.send_text(b"4")
        broadcast(Recipient.members, b"5", b"6")
        first.connection.send_text(b"7")

        assert list("124567") == [await one.receive_text() for _ in range(6)]
        assert list("2356") == [await other.receive_text() for _ in range(4)]
        assert 1 == len(writes.sizes)


async def test_close_frame_follows_earlier_broadcasts(serve, settled):
    class Recipient(Crowd):
        pass

    connect = serve(Recipient)

    async with await connect() as peer, await connect() as other:
        await settled(lambda: len(Recipient.members) == 2)
        recipients = list(Recipient.members)
        broadcast(recipients, b"last message")
        recipients[0].connection.close(4000, "enough")
        broadcast(recipients, b"too late for one")

        assert "last message" == await peer.receive_text()
        assert Received(CLOSE, b"\x0f\xa0enough") == await peer.receive()
        assert ["last message", "too late for one"] == [await other.receive_text() for _ in range(2)]


async def test_aborted_recipient_is_skipped(serve, settled):
    class Recipient(Crowd):
        pass

    connect = serve(Recipient)

    async with await connect(), await connect() as other:
        await settled(lambda: len(Recipient.members) == 2)
        recipients = list(Recipient.members)
        broadcast(recipients, b"hello")
        recipients[0].connection.abort()

        assert "hello" == await other.receive_text()
        await settled(lambda: len(Recipient.members) == 1)


async def test_write_of_one_recipient_has_at_most_64_frames(serve, settled):
    class Recipient(Crowd):
        limit = 8 << 20

    connect = serve(Recipient)

    async with await connect() as peer:
        await settled(lambda: bool(Recipient.members))
        writes = Writes(Recipient.members[0].connection)
        broadcast(Recipient.members, *(b"%02d" % (number % 100) for number in range(130)))
        broadcast(Recipient.members, b"x" * 70_000, b"y" * 70_000)

        assert [f"{number % 100:02d}" for number in range(130)] == [await peer.receive_text() for _ in range(130)]
        assert [70_000, 70_000] == [len(await peer.receive_text()) for _ in range(2)]
        assert [256, 256] == writes.sizes[:2]


async def test_oldest_broadcasts_are_sent_at_once_when_too_many_wait(serve, settled):
    class Recipient(Crowd):
        limit = 64 << 20

    connect = serve(Recipient)

    async with await connect() as peer:
        await settled(lambda: bool(Recipient.members))
        (recipient,) = Recipient.members
        writes = Writes(recipient.connection)
        for number in range(66):  # a new sequence of recipients each time
            broadcast([recipient] * (1 + number % 2), b"%02d" % number)
        sent_at_once = len(writes.sizes)
        for _ in range(3):
            broadcast([recipient], b"x" * 5_000_000)

        assert sent_at_once == 1 + 2
        assert len(WriteBatch.current().broadcasts) == 1
        for number in range(66):
            for _ in range(1 + number % 2):
                assert f"{number:02d}" == await peer.receive_text()


async def test_broadcast_takes_several_turns_and_keeps_the_order_of_each_recipient(serve, settled, monkeypatch):
    monkeypatch.setattr(write_batch, "STEP", 1)
    monkeypatch.setattr(WriteBatch.current(), "_slice", TimeSlice(0.0))

    class Recipient(Crowd):
        pass

    connect = serve(Recipient)
    peers = [await connect() for _ in range(4)]
    await settled(lambda: len(Recipient.members) == 4)
    first, second, third, fourth = Recipient.members
    writes = [Writes(member.connection) for member in Recipient.members]

    broadcast(Recipient.members[:3], b"1")
    await asyncio.sleep(0)
    assert [1, 0, 0, 0] == [len(write.sizes) for write in writes]
    for member in Recipient.members:
        member.connection.send_text(b"2")
    broadcast([first, second], b"3")  # the third has left, and receives what was sent before
    broadcast(Recipient.members, b"4", b"5")  # the fourth has joined
    third.connection.close(4000, "enough")
    third.connection.send_text(b"6")
    fourth.connection.abort()

    assert list("12345") == [await peers[0].receive_text() for _ in range(5)]
    assert list("12345") == [await peers[1].receive_text() for _ in range(5)]
    assert list("1245") == [await peers[2].receive_text() for _ in range(4)]
    assert 4000 == await peers[2].receive_close()
    await settled(lambda: not WriteBatch.current().broadcasts)
    for peer in peers:
        await peer.close()


async def test_frames_of_many_connections_are_written_over_several_turns(serve, settled, monkeypatch):
    monkeypatch.setattr(write_batch, "STEP", 1)
    monkeypatch.setattr(WriteBatch.current(), "_slice", TimeSlice(0.0))

    class Recipient(Crowd):
        pass

    connect = serve(Recipient)
    peers = [await connect() for _ in range(3)]
    await settled(lambda: len(Recipient.members) == 3)
    writes = [Writes(member.connection) for member in Recipient.members]

    for member in Recipient.members:
        member.connection.send_text(b"1")
    await asyncio.sleep(0)
    assert [1, 0, 0] == [len(write.sizes) for write in writes]
    broadcast(Recipient.members, b"2")
    for member in reversed(Recipient.members):
        member.connection.send_text(b"3")

    for peer in peers:
        assert list("123") == [await peer.receive_text() for _ in range(3)]
        await peer.close()


async def test_slow_recipient_is_closed_and_others_receive_all_frames(serve, settled):
    class Slow(Crowd):
        pass

    connect = serve(Slow)

    async with await connect() as stopped, await connect() as other:
        await settled(lambda: len(Slow.members) == 2)
        for number in range(3000):
            broadcast([member for member in Slow.members if member.connection], b"%04d" % number + b"x" * 1000)
            if number % 10 == 9:
                for expected in range(number - 9, number + 1):
                    assert f"{expected:04d}" == (await other.receive_text())[:4]

        assert 1 == len(Slow.members)
        assert 3008 == await stopped.receive_close()
    assert Counters(too_slow=1) == Slow.connection_settings.counters


async def test_volatile_frames_are_dropped_for_a_slow_recipient(serve, settled):
    class Slow(Crowd):
        pass

    connect = serve(Slow)

    async with await connect() as peer:
        await settled(lambda: bool(Slow.members))
        recipients = [Slow.members[0].connection]
        for _ in range(300):
            WriteBatch.current().broadcast(prepare_frame(b"x" * 10_000, volatile=True), recipients, 1.0)
            await asyncio.sleep(0)
        WriteBatch.current().broadcast(prepare_frame(b"after"), recipients, 1.0)

        received = Counter([await peer.receive_text()])
        while "after" not in received:
            received[await peer.receive_text()] += 1
    counters = Slow.connection_settings.counters
    assert 0 == counters.too_slow
    assert 300 == received["x" * 10_000] + counters.dropped
    assert counters.dropped > 0


async def test_large_frames_are_compressed_for_recipients_that_negotiated_it(serve, settled):
    class Recipient(Crowd):
        def get_compression_options(self):
            return {}

    connect = serve(Recipient)

    async with (
        await connect(headers="Sec-WebSocket-Extensions: permessage-deflate\r\n") as compressing,
        await connect() as plain,
    ):
        await settled(lambda: len(Recipient.members) == 2)
        broadcast(Recipient.members, b"small", b"large " * 1000)

        assert [Received(1, b"small"), Received(1, b"large " * 1000)] == [await plain.receive() for _ in range(2)]
        assert Received(1, b"small") == await compressing.receive()
        large = await compressing.receive()
        assert large.compressed
        assert b"large " * 1000 == zlib.decompressobj(-15).decompress(large.payload + b"\x00\x00\xff\xff")


async def test_recipient_records_the_time_of_the_last_broadcast(serve, settled):
    class Recipient(Crowd):
        pass

    connect = serve(Recipient)

    async with await connect() as one, await connect() as other:
        await settled(lambda: len(Recipient.members) == 2)
        first, second = (member.connection for member in Recipient.members)
        broadcast(Recipient.members[:1], b"to one", now=7.0)
        broadcast(Recipient.members, b"to all", now=8.0)
        second.send_text(b"after the broadcast")

        assert ["to one", "to all"] == [await one.receive_text() for _ in range(2)]
        assert ["to all", "after the broadcast"] == [await other.receive_text() for _ in range(2)]
        assert (8.0, 8.0) == (first.last_broadcast_at, second.last_broadcast_at)


class Failing:
    """Connection whose writes fail with an error that no connection expects."""

    def flush(self) -> None:
        raise RuntimeError("flush")

    def send_broadcast(self, _: object) -> None:
        raise RuntimeError("send_broadcast")

    def queue_broadcast(self, _: object) -> None:
        raise RuntimeError("queue_broadcast")


async def test_failure_of_one_connection_leaves_the_others_their_frames(serve, settled):
    class Recipient(Crowd):
        pass

    failures: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(str(context["exception"])))
    connect = serve(Recipient)
    batch = WriteBatch.current()

    async with await connect() as peer:
        await settled(lambda: len(Recipient.members) == 1)
        (member,) = Recipient.members
        batch.add(Failing())
        member.connection.send_text(b"1")
        assert await peer.receive_text() == "1"
        for text in (b"2", b"3"):
            batch.broadcast(prepare_frame(text), [Failing(), member.connection], 1.0)
            assert await peer.receive_text() == text.decode()

    assert failures == ["flush", "send_broadcast", "send_broadcast"]
