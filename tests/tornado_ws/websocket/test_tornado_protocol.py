from __future__ import annotations

import pytest

from tests.support.peer import BINARY, Received
from tornado_ws.websocket import StrictWebSocketHandler

pytestmark = pytest.mark.gen_test


async def test_write_message_accepts_the_types_of_tornado(serve):
    class Sending(StrictWebSocketHandler):
        def open(self):
            self.write_message("text")
            self.write_message({"a": 1})
            self.write_message(b"binary", binary=True)

        def on_message(self, message):
            pass

    connect = serve(Sending)

    async with await connect() as peer:
        assert ["text", '{"a": 1}'] == [await peer.receive_text() for _ in range(2)]
        assert Received(BINARY, b"binary") == await peer.receive()


async def test_write_message_returns_a_resolved_future_without_back_pressure(serve, settled):
    futures = []

    class Sending(StrictWebSocketHandler):
        def open(self):
            futures.append(self.write_message("text"))

        def on_message(self, message):
            pass

    connect = serve(Sending)

    async with await connect() as peer:
        assert "text" == await peer.receive_text()
    assert [True] == [future.done() for future in futures]


async def test_ping_with_a_long_payload_raises(serve):
    class Pinging(StrictWebSocketHandler):
        def on_message(self, message):
            with pytest.raises(ValueError, match="expected at most 125 bytes in a ping, got 126"):
                self.ping(b"x" * 126)
            self.write_message("done")

    connect = serve(Pinging)

    async with await connect() as peer:
        await peer.text("go")
        assert "done" == await peer.receive_text()
