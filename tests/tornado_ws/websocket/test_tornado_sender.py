from __future__ import annotations

import asyncio

import pytest
from tornado.websocket import WebSocketClosedError

from tests.support.clock import Clock
from tornado_ws.errors import CloseCode
from tornado_ws.websocket import Counters, prepare_frame
from tornado_ws.websocket.tornado_sender import HIGH_WATER, TornadoSender

pytestmark = pytest.mark.gen_test

LARGE = b"x" * HIGH_WATER


class FakeConnection:
    """Tornado's connection to a client that reads only on request."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.unread: list[asyncio.Future[None]] = []
        self.closing = False
        self.closed_with: tuple[int, str] | None = None
        self.aborted = False

    def is_closing(self) -> bool:
        return self.closing

    def write_message(self, text: bytes) -> asyncio.Future[None]:
        if self.closing:
            raise WebSocketClosedError
        self.sent.append(text)
        self.unread.append(asyncio.get_running_loop().create_future())
        return self.unread[-1]

    def close(self, code: int, reason: str) -> None:
        self.closing = True
        self.closed_with = (code, reason)

    def on_connection_close(self) -> None:
        self.closing = self.aborted = True

    async def read(self) -> None:
        """Read all messages that Tornado has buffered."""
        unread, self.unread = self.unread, []
        for future in unread:
            future.set_result(None)
        await asyncio.sleep(0)


class Sending:
    """Sender with its connection, counters and clock."""

    def __init__(self, limit: int = 4 * HIGH_WATER) -> None:
        self.connection = FakeConnection()
        self.counters = Counters()
        self.clock = Clock()
        self.overflows = 0
        self.sender = TornadoSender(
            self.connection, limit=limit, on_overflow=self.on_overflow, counters=self.counters, clock=self.clock
        )

    def on_overflow(self) -> None:
        self.overflows += 1


async def test_messages_beyond_the_high_water_mark_wait_for_the_client():
    sending = Sending()

    assert sending.sender.send(b"first") is None
    assert sending.sender.send(LARGE) is not None
    assert sending.sender.send(b"queued") is not None
    assert [b"first", LARGE] == sending.connection.sent

    await sending.connection.read()

    assert [b"first", LARGE, b"queued"] == sending.connection.sent
    assert sending.sender.wait_writable() is None


async def test_back_pressure_ends_when_all_messages_are_buffered():
    sending = Sending()
    writable = sending.sender.send(LARGE)
    sending.sender.send(LARGE)

    await sending.connection.read()
    assert not writable.done()

    await sending.connection.read()
    await writable


async def test_cancelled_wait_does_not_affect_other_tasks():
    sending = Sending()
    cancelled, other = sending.sender.send(LARGE), sending.sender.wait_writable()

    cancelled.cancel()
    await sending.connection.read()

    await other


async def test_volatile_message_above_the_limit_is_dropped():
    sending = Sending(limit=3 * HIGH_WATER)
    for _ in range(3):
        sending.sender.send(LARGE)

    sending.sender.send(b"volatile", volatile=True)

    assert (Counters(dropped=1), 0) == (sending.counters, sending.overflows)


async def test_latest_message_replaces_the_queued_message_with_its_key():
    sending = Sending()
    sending.sender.send(LARGE)
    for number in range(3):
        sending.sender.send(b"%d" % number, latest="key")

    await sending.connection.read()

    assert [LARGE, b"2"] == sending.connection.sent
    assert Counters(coalesced=2) == sending.counters


async def test_message_above_the_limit_is_an_overflow():
    sending = Sending(limit=3 * HIGH_WATER)
    for _ in range(3):
        sending.sender.send(LARGE)
    assert 0 == sending.overflows

    sending.sender.send(b"x")

    assert (Counters(too_slow=1), 1) == (sending.counters, sending.overflows)


async def test_prepared_frame_is_sent_as_its_payload():
    sending = Sending()

    sending.sender.send_prepared(prepare_frame(b"to all"))

    assert [b"to all"] == sending.connection.sent


async def test_close_sends_queued_messages_first():
    sending = Sending()
    sending.sender.send(LARGE)
    sending.sender.send(b"queued")

    sending.sender.close(1001, "é" * 100)

    assert [LARGE, b"queued"] == sending.connection.sent
    assert (1001, "é" * 61) == sending.connection.closed_with
    assert sending.sender.closed


async def test_fail_drops_queued_messages():
    sending = Sending()
    writable = sending.sender.send(LARGE)
    sending.sender.send(b"queued")

    sending.sender.fail(CloseCode.UNRESPONSIVE, "unresponsive")

    assert [LARGE] == sending.connection.sent
    assert (4508, "unresponsive") == sending.connection.closed_with
    assert sending.connection.aborted
    assert not sending.sender.was_clean
    assert Counters(unresponsive=1) == sending.counters
    await writable


async def test_messages_after_close_are_ignored():
    sending = Sending()
    sending.sender.close(1000, "")

    assert sending.sender.send(b"late") is None
    assert [] == sending.connection.sent


async def test_slow_download_is_a_sign_of_life():
    sending = Sending()
    sending.clock.now += 10
    sending.sender.send(b"short")
    await sending.connection.read()
    assert sending.sender.last_received_at == sending.clock.now - 10

    sending.sender.send(LARGE)
    await sending.connection.read()
    assert sending.sender.last_received_at == sending.clock.now
