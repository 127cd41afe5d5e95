from __future__ import annotations

import pytest

from tests.support.peer import CLOSE, PING, Received
from tests.support.socket_handlers import Crowd
from tornado_ws.errors import CloseCode
from tornado_ws.websocket import Counters, prepare_frame
from tornado_ws.websocket.sender import StrictSender

pytestmark = pytest.mark.gen_test


async def test_messages_and_pings_are_sent(serve, settled):
    class Sending(Crowd):
        pass

    connect = serve(Sending)

    async with await connect() as peer:
        await settled(lambda: bool(Sending.members))
        sender = StrictSender(Sending.members[0].connection)
        assert sender.send(b"message") is None
        sender.send_prepared(prepare_frame(b"prepared"))
        sender.ping()

        assert ["message", "prepared"] == [await peer.receive_text() for _ in range(2)]
        assert Received(PING, b"") == await peer.receive()
    assert 0.0 == sender.last_broadcast_at


async def test_close_sends_a_close_frame(serve, settled):
    class Sending(Crowd):
        pass

    connect = serve(Sending)

    async with await connect() as peer:
        await settled(lambda: bool(Sending.members))
        sender = StrictSender(Sending.members[0].connection)
        assert not sender.closed
        sender.close(4000, "enough")

        assert sender.closed
        assert Received(CLOSE, b"\x0f\xa0enough") == await peer.receive()


@pytest.mark.parametrize(
    ("code", "counters"), [(CloseCode.GOING_AWAY, Counters()), (CloseCode.UNRESPONSIVE, Counters(unresponsive=1))]
)
async def test_fail_closes_at_once(serve, settled, code, counters):
    class Sending(Crowd):
        pass

    connect = serve(Sending)

    async with await connect() as peer:
        await settled(lambda: bool(Sending.members))
        sender = StrictSender(Sending.members[0].connection)
        sender.fail(code, "reason")
        assert code == await peer.receive_close()
        await settled(lambda: not Sending.members)

    assert not sender.was_clean
    assert counters == Sending.connection_settings.counters


async def test_abort_sends_no_close_frame(serve, settled):
    class Sending(Crowd):
        pass

    connect = serve(Sending)

    async with await connect() as peer:
        await settled(lambda: bool(Sending.members))
        sender = StrictSender(Sending.members[0].connection)
        sender.abort()

        assert b"" == await peer.reader.read()
