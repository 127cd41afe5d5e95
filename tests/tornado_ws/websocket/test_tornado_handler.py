from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.socket_handlers import Echo
from tornado_ws.websocket import tornado_private

pytestmark = pytest.mark.gen_test


async def test_missing_name_of_tornado_fails_the_handshake(serve, monkeypatch, caplog):
    monkeypatch.setattr(tornado_private, "NAMES", ("tornado.websocket.WebSocketProtocol13._gone",))
    connect = serve(Echo)

    async with await connect() as peer:
        assert peer.response.startswith("HTTP/1.1 500 ")

    assert "lacks tornado.websocket.WebSocketProtocol13._gone; supported versions: 6.5 to " in caplog.text


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
