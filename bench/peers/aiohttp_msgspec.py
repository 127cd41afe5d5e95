"""aiohttp with msgspec."""

import sys
from typing import Annotated

import msgspec
import uvloop
from aiohttp import WSMsgType, web


class Line(msgspec.Struct, forbid_unknown_fields=True):
    id: Annotated[int, msgspec.Meta(ge=0)]
    user: Annotated[str, msgspec.Meta(min_length=1, max_length=24)]
    text: Annotated[str, msgspec.Meta(max_length=20000)]


class Echo(msgspec.Struct, tag_field="type", tag="echo", forbid_unknown_fields=True):
    data: Line


class Other(msgspec.Struct, tag_field="type", tag="other", forbid_unknown_fields=True):
    pass


decode = msgspec.json.Decoder(Echo | Other).decode
encode = msgspec.json.Encoder().encode


async def echo(request):
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(encode(decode(message.data)).decode())
    return socket


if __name__ == "__main__":
    app = web.Application()
    app.router.add_get("/echo", echo)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None, loop=uvloop.new_event_loop())
