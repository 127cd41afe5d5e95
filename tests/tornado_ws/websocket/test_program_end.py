from __future__ import annotations

import asyncio
import socket

from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from tests.support.peer import TEXT, handshake_request, masked
from tornado_ws.websocket import StrictWebSocketHandler


def test_end_of_the_program_cancels_handlers_and_closes_with_1001(caplog):
    class Waiting(StrictWebSocketHandler):
        async def on_message(self, message):
            await asyncio.sleep(60)

    with socket.socket() as client:

        async def program() -> None:
            listening, port = bind_unused_port()
            server = HTTPServer(Application([("/", Waiting)]))
            server.add_socket(listening)
            client.connect(("127.0.0.1", port))
            client.sendall(handshake_request(port) + masked(TEXT, b"a") + masked(TEXT, b"b"))
            await asyncio.sleep(0.1)
            server.stop()

        asyncio.run(program())  # cancels all tasks and waits for them

        client.settimeout(5)
        received = b""
        while data := client.recv(4096):
            received += data

    assert received.endswith(b"\x88\x1d\x03\xe9the server is shutting down")
    assert not [record for record in caplog.records if record.exc_info]
