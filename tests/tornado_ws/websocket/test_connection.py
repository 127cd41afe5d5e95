from __future__ import annotations

import asyncio
import gc
import logging
import random
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.peer import CLOSE, PING, TEXT, Received, masked, masked_close
from tests.support.socket_handlers import Recording
from tornado_ws.rate_limited_log import LINES_PER_SECOND, RateLimitedLog
from tornado_ws.websocket import ConnectionSettings, Counters

pytestmark = pytest.mark.gen_test


async def test_server_closes_after_the_close_frame_of_the_client(serve, settled):
    class Closing(Recording):
        pass

    connect = serve(Closing)

    async with await connect() as peer:
        await peer.text("close")
        assert Received(CLOSE, b"\x0f\xa1enough") == await peer.receive()
        assert [] == Closing.ends

        await peer.send(masked_close(4001))
        assert b"" == await peer.reader.read()
        await settled(lambda: bool(Closing.ends))

    assert [(4001, "enough")] == Closing.ends


async def test_connection_closes_after_the_timeout_without_a_close_frame_of_the_client(serve, settled):
    class Closing(Recording):
        connection_settings = ConnectionSettings(close_timeout=0.05)

    connect = serve(Closing)

    async with await connect() as peer:
        await peer.text("close")
        assert 4001 == await peer.receive_close()
        await settled(lambda: bool(Closing.ends))

    assert [(4001, "enough")] == Closing.ends


async def test_messages_after_our_close_frame_are_not_handled(serve, settled):
    class Closing(Recording):
        pass

    connect = serve(Closing)

    async with await connect() as peer:
        await peer.send(masked(TEXT, b"close") + masked(TEXT, b"late") + masked_close(1000))
        assert 4001 == await peer.receive_close()
        await settled(lambda: bool(Closing.ends))


@pytest.mark.parametrize(
    ("sent", "end"),
    [
        (masked_close(), (1005, None)),
        (masked_close(1000), (1000, None)),
        (masked_close(1001, "Grüße".encode()), (1001, "Grüße")),
        (b"", (None, None)),
    ],
)
async def test_handler_is_notified_once_of_code_and_reason(serve, settled, sent, end):
    class Ended(Recording):
        pass

    connect = serve(Ended)

    async with await connect() as peer:
        await settled(lambda: bool(Ended.live_handlers))
        await peer.send(sent)
    await settled(lambda: bool(Ended.ends))
    await asyncio.sleep(0.01)

    assert [end] == Ended.ends


async def test_abort_closes_the_socket_without_a_close_frame(serve, settled):
    class Aborted(Recording):
        pass

    connect = serve(Aborted)

    async with await connect() as peer:
        await peer.text("abort")
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await peer.receive()
        await settled(lambda: bool(Aborted.ends))

    assert [(None, None)] == Aborted.ends


@pytest.mark.parametrize("code", [999, 1004, 1005, 1006, 1015, 2000, 5000])
async def test_reserved_close_code_raises(serve, settled, code):
    errors = []

    class Closing(Recording):
        def on_message(self, message):
            try:
                self.close(code)
            except ValueError as error:
                errors.append(str(error))
            self.write_message("still here")

    connect = serve(Closing)

    async with await connect() as peer:
        await peer.text("go")
        await settled(lambda: bool(errors))

    assert [f"expected a close code of RFC 6455 section 7.4, or from 3000 to 4999, got {code}"] == errors


async def test_long_close_reason_is_cut_between_characters(serve):
    class Closing(Recording):
        def on_message(self, message):
            self.close(4000, "é" * 100)

    connect = serve(Closing)

    async with await connect() as peer:
        await peer.text("go")
        assert "é" * 61 == (await peer.receive()).payload[2:].decode()


async def test_silent_client_is_pinged_and_closed_with_4508(serve, settled):
    class Pinged(Recording):
        connection_settings = ConnectionSettings(counters=Counters())

    connect = serve(Pinged, websocket_ping_interval=0.05, websocket_ping_timeout=0.05)

    async with await connect() as peer:
        assert Received(PING, b"") == await peer.receive()
        assert 4508 == await peer.receive_close()
        await settled(lambda: bool(Pinged.ends))

    assert [(4508, "unresponsive")] == Pinged.ends
    assert 1 == Pinged.connection_settings.counters.unresponsive


async def test_connections_need_no_tasks_for_their_timers(serve, settled):
    class Pinged(Recording):
        pass

    connect = serve(Pinged, websocket_ping_interval=30)
    before = len(asyncio.all_tasks())

    peers = [await connect() for _ in range(10)]
    await settled(lambda: len(Pinged.live_handlers) == 10)
    await asyncio.sleep(0.02)

    assert before + 1 == len(asyncio.all_tasks())  # the sentinel of the task pool
    for peer in peers:
        await peer.close()


async def test_protocol_error_logs_one_line_without_the_payload(serve, settled, caplog):
    class Attacked(Recording):
        connection_settings = ConnectionSettings()

    connect = serve(Attacked)
    rng = random.Random(4)
    with caplog.at_level(logging.DEBUG):
        for _ in range(60):
            async with await connect() as peer:
                peer.writer.write(masked(rng.choice([3, 11]), b"SECRET") + rng.randbytes(rng.randrange(3000)))
                assert 1002 == await peer.receive_close()
        await settled(lambda: len(Attacked.ends) == 60)

    ours = Counter(record.getMessage() for record in caplog.records if record.name == "tornado_ws.connection")
    assert 0 < ours.pop("closed the connection of 127.0.0.1: opcode is reserved [1002]") <= 60
    assert all(line.endswith(" more lines within a second: closed connections [1002]") for line in ours)
    assert not [record for record in caplog.records if record.exc_info or "SECRET" in record.getMessage()]


async def test_random_bytes_do_not_affect_other_connections(serve, settled, caplog):
    class Attacked(Recording):
        def get_compression_options(self):
            return {}

    connect = serve(Attacked)
    rng = random.Random(6)
    deflate = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
    async with await connect() as other:
        for _ in range(100):
            peer = await connect(headers=deflate)
            with suppress(ConnectionError):
                await peer.send(bytes([rng.choice([0x81, 0xC1, 0x01, 0x80, 0x89])]) + rng.randbytes(rng.randrange(300)))
            peer.abort()
        await other.text("hi")
        assert "hi" == await other.receive_text()
        await settled(lambda: len(Attacked.ends) == 100)
    assert not [record for record in caplog.records if record.exc_info]


def open_descriptors() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


async def test_closed_connections_are_freed(serve, settled):
    class Visited(Recording):
        async def on_message(self, message):
            if message == "wait":
                await asyncio.sleep(60)
            await self.write_message(message)

    connect = serve(Visited, websocket_ping_interval=30)
    loop = asyncio.get_running_loop()

    async def visit(number: int) -> None:
        peer = await connect(early=masked(TEXT, b"early") if number % 2 else b"")
        variant = number % 7
        if variant == 0:
            await peer.send(masked_close(1000))
            await peer.receive_close()
        elif variant == 1:
            peer.abort()
        elif variant == 2:
            await peer.send(masked(3))
        elif variant == 3:
            await peer.text("wait")
            peer.abort()
        elif variant == 4:
            await peer.send(masked(TEXT, b"half")[:5])
        elif variant == 5:
            await peer.text("hi")
        await peer.close()

    descriptors: list[int] = []
    for _ in range(3):
        await asyncio.gather(*(visit(number) for number in range(70)))
        gc.disable()
        try:
            await settled(lambda: not Visited.live_handlers)  # without the garbage collector
        finally:
            gc.enable()
        await settled(lambda: len(asyncio.all_tasks()) <= 2)
        descriptors.append(open_descriptors())
    assert 210 == len(Visited.ends)
    assert descriptors[-1] <= descriptors[0]
    assert loop.is_running()


async def test_closed_connections_are_logged_at_a_bounded_rate(serve, settled, caplog):
    class Attacked(Recording):
        connection_settings = ConnectionSettings(log=RateLimitedLog(lambda: 0.0))

    connect = serve(Attacked)
    with caplog.at_level(logging.INFO, "tornado_ws"):
        for _ in range(3 * LINES_PER_SECOND):
            async with await connect() as peer:
                peer.writer.write(masked(3))
                assert 1002 == await peer.receive_close()
        await settled(lambda: len(Attacked.ends) == 3 * LINES_PER_SECOND)

    assert LINES_PER_SECOND == sum(record.name == "tornado_ws.connection" for record in caplog.records)
