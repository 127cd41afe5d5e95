"""The strict connection without the protocol: it echoes bytes and looks at nothing."""

from __future__ import annotations

import asyncio
import sys

import uvloop
from tornado.web import Application

from tornado_ws.connection import StrictWebSocketHandler


class Echo(StrictWebSocketHandler):
    def open(self) -> None:
        self.send = self.ws_connection.send_text

    def on_text(self, data: bytes) -> None:
        self.send(data)


class CoroutineEcho(StrictWebSocketHandler):
    def open(self) -> None:
        self.send = self.ws_connection.send_text

    async def on_text(self, data: bytes) -> None:
        self.send(data)


async def main() -> None:
    Application([("/", Echo if sys.argv[2:] != ["coroutine"] else CoroutineEcho)]).listen(int(sys.argv[1]), "127.0.0.1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
