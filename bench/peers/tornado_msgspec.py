"""Tornado's own WebSocket handler with msgspec."""

import asyncio
import sys
from typing import Annotated

import msgspec
import uvloop
from tornado.web import Application
from tornado.websocket import WebSocketHandler


class Line(msgspec.Struct, forbid_unknown_fields=True):
    id: Annotated[int, msgspec.Meta(ge=0)]
    user: Annotated[str, msgspec.Meta(min_length=1, max_length=24)]
    text: Annotated[str, msgspec.Meta(max_length=20000)]


class Echo(msgspec.Struct, tag_field="type", tag="echo", forbid_unknown_fields=True):
    data: Line


class Say(msgspec.Struct, tag_field="type", tag="say", forbid_unknown_fields=True):
    data: Line


decode = msgspec.json.Decoder(Echo | Say).decode
encode = msgspec.json.Encoder().encode


class Socket(WebSocketHandler):
    def get_compression_options(self):
        return {} if "compressed" in sys.argv else None


class EchoHandler(Socket):
    def on_message(self, message):
        self.write_message(encode(decode(message)).decode())


handlers = set()


class BroadcastHandler(Socket):
    def open(self):
        handlers.add(self)

    def on_close(self):
        handlers.discard(self)

    def on_message(self, message):
        text = encode(decode(message)).decode()
        for handler in handlers:
            handler.write_message(text)


async def main():
    application = Application([("/echo", EchoHandler), ("/say", BroadcastHandler)])
    application.listen(int(sys.argv[1]), "127.0.0.1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    (asyncio.run if "asyncio" in sys.argv else uvloop.run)(main())
