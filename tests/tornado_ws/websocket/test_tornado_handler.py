from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.socket_handlers import Echo
from tornado_ws.websocket import StrictWebSocketHandler, tornado_handler, tornado_private

pytestmark = pytest.mark.gen_test


async def test_missing_name_selects_tornados_frame_loop(serve, monkeypatch, caplog):
    class Fallback(StrictWebSocketHandler):
        def on_message(self, message):
            self.write_message(message)

    tornado_handler._is_tornado_supported.cache_clear()
    monkeypatch.setattr(tornado_private, "NAMES", ("tornado.websocket.WebSocketProtocol13._gone",))
    connect = serve(Fallback)
    try:
        async with await connect() as peer:
            await peer.text("hi")
            assert "hi" == await peer.receive_text()
    finally:
        tornado_handler._is_tornado_supported.cache_clear()

    assert "tornado.websocket.WebSocketProtocol13._gone" in caplog.text


async def test_setting_selects_tornados_frame_loop(serve):
    class Fallback(StrictWebSocketHandler):
        def on_message(self, message):
            self.write_message(type(self.ws_connection).__name__)

    connect = serve(Fallback, websocket_connection="tornado")

    async with await connect() as peer:
        await peer.text("hi")
        assert "WebSocketProtocol13" == await peer.receive_text()


async def test_tornados_setting_limits_the_message_size(serve):
    connect = serve(Echo, websocket_max_message_size=10)

    async with await connect() as peer:
        await peer.text("0123456789")
        assert "0123456789" == await peer.receive_text()

        await peer.text("0123456789x")
        assert 1009 == await peer.receive_close()


@pytest.mark.slow
def test_tests_of_tornado_pass():
    command = [sys.executable, "-m", "tests.tornado_ws.websocket.tornado_suite"]

    result = subprocess.run(command, capture_output=True, text=True, timeout=300)

    assert 0 == result.returncode, result.stderr[-5000:]
